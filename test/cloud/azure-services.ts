/** What the sandbox has of Azure besides Entra ID: AKS in Azure Resource Manager, and a container registry's sign-in. */
import { randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { type EntraState, SUBSCRIPTIONS, TENANT, verified } from './entra-state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

export const MANAGEMENT = 'https://management.azure.com'
/** The application that clusters are behind unless they have one of their own. */
export const AKS_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630'

/** What AKS says of a cluster in place of what it would; null for one that is not there. */
export type AksChange = {
  server?: string
  authority?: string
  /** The application that its tokens are for, as its kubeconfig says. */
  serverId?: string
  /** It takes certificates, and no sign-in with Entra ID. */
  local?: boolean
} | null

const CREDENTIAL =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)\/listClusterUserCredential$/
const REGISTRY = /^[a-z0-9]{5,50}\.azurecr\.(?:io|us|cn)$/
const ISSUER = 'Azure Container Registry'

export const isClusterCall = ({ path }: Asked) => CREDENTIAL.test(path)

/** `{ error: { code, message } }`, as Azure Resource Manager says no. */
export function armError({ status, code, message, retryAfterSeconds }: Refused): Reply {
  const reply = jsonReply({ error: { code, message } }, status)
  const again = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
  return { ...reply, headers: { ...reply.headers, ...again } }
}

/** `{ errors: [{ code, message }] }` (OCI Distribution Specification, "Error codes"). */
export function registryError({ status, code, message }: Refused): Reply {
  return jsonReply({ errors: [{ code, message }] }, status)
}

/** The kubeconfig of a cluster's users. Every name is that of a cluster in the sandbox's subscriptions. */
export async function clusterUserCredential(state: EntraState, asked: Asked): Promise<Reply> {
  const { method, path, query, headers } = asked
  const [, bearer = ''] = (headers.authorization ?? '').split('Bearer ')
  const claims = await verified(state, bearer, MANAGEMENT).catch(() => undefined)
  if (!claims) throw new Refused(401, 'InvalidAuthenticationToken', 'The access token is invalid.')
  if (method !== 'POST' || !query.has('api-version') || query.get('format') !== 'exec')
    throw new Refused(400, 'BadRequest', 'The sandbox wants a POST with api-version and format=exec.')
  const [, subscription = '', group, name = ''] = (CREDENTIAL.exec(path) ?? []).map(decodeURIComponent)
  if (!Object.values(SUBSCRIPTIONS).includes(subscription))
    throw new Refused(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`)
  const change = state.clusters.get(name)
  if (change === null)
    throw new Refused(
      404,
      'ResourceNotFound',
      `The Resource 'Microsoft.ContainerService/managedClusters/${name}' under resource group '${group}' was not found.`,
    )
  const value = Buffer.from(JSON.stringify(kubeconfig(name, change ?? {}))).toString('base64')
  return jsonReply({ kubeconfigs: [{ name: 'clusterUser', value }] })
}

/** As Azure writes it: JSON is YAML. */
function kubeconfig(name: string, { server, authority, serverId, local }: NonNullable<AksChange>) {
  const id = serverId ?? AKS_APPLICATION
  const args = ['get-token', '--environment', 'AzurePublicCloud', '--server-id', id, '--tenant-id', TENANT.id]
  const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'kubelogin', args }
  const cluster = {
    server: server ?? `https://${name}.hcp.westeurope.azmk8s.io:443`,
    'certificate-authority-data': authority ?? Buffer.from('a certificate').toString('base64'),
  }
  const user = local ? { 'client-certificate-data': 'Q0E=', 'client-key-data': 'S0VZ' } : { exec }
  return { clusters: [{ name, cluster }], users: [{ name: `clusterUser_${name}`, user }] }
}

/** `POST /oauth2/exchange`: a refresh token of the registry's for an access token of Entra ID's. */
export async function exchangeForRegistry(state: EntraState, { body }: Asked): Promise<Reply> {
  const form = new URLSearchParams(body)
  const [service = '', tenant] = [form.get('service') ?? '', form.get('tenant')]
  const claims = await verified(state, form.get('access_token') ?? '', MANAGEMENT).catch(() => undefined)
  const isSound = form.get('grant_type') === 'access_token' && REGISTRY.test(service)
  if (!isSound) throw new Refused(400, 'UNSUPPORTED', 'The request names no grant and no registry.')
  if (!claims || (tenant !== null && tenant !== TENANT.id && tenant !== TENANT.domain))
    throw new Refused(401, 'UNAUTHORIZED', 'authentication required, visit https://aka.ms/acr/authorization')
  const now = Math.floor(state.now() / 1000)
  const token = await new SignJWT({ jti: randomBytes(16).toString('hex'), grant_type: 'refresh_token' })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'acr' })
    .setIssuer(ISSUER)
    .setAudience(service)
    .setSubject(String(claims.oid))
    .setIssuedAt(now)
    .setExpirationTime(now + state.lifetimes.registryTokenSeconds)
    .sign(state.keys.privateKey)
  state.issued.add(token)
  return jsonReply({ refresh_token: token })
}

/** Whether a registry of that name takes a password. */
export function registryTakes(
  { keys, now }: EntraState,
  service: string,
  password: string,
): Promise<boolean> {
  const expected = { audience: service, issuer: ISSUER, currentDate: new Date(now()) }
  return jwtVerify(password, keys.publicKey, expected).then(
    () => true,
    () => false,
  )
}
