/** What Azure and Google Cloud say of clusters and registries: what is taken, and what is refused. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { acrTokenRequest } from '../../daemon/upstream/acr.ts'
import { AKS_SERVER, aksClusterRequest, processKubeconfig } from '../../daemon/upstream/aks.ts'
import { gkeClusterRequest, processCluster } from '../../daemon/upstream/gke.ts'
import { acrHost, acrNameOf, isGoogleRegistry } from '../../shared/cloud-registries.ts'
import { Secret } from '../../shared/secret.ts'
import { manualClock, turned } from '../helpers/clock.ts'
import { failure, failureOf } from '../helpers/failure.ts'

interface Seen {
  method: string
  url: string
  authorization: string | undefined
  project: unknown
  body: string
}

type Answer = { status?: number; body: string }

const answers: Answer[] = []
const seen: Seen[] = []
const server = createServer(async (request: IncomingMessage, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method = '', url = '', headers } = request
  const { authorization, 'x-goog-user-project': project } = headers
  seen.push({ method, url, authorization, project, body: Buffer.concat(chunks).toString() })
  const { status = 200, body } = answers.shift() ?? { status: 500, body: '' }
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => server.close())
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const clock = manualClock()
const accessToken = new Secret('ey.secret.x')
const common = { endpoint, accessToken, clock, signal: new AbortController().signal }
const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) })

async function given<T>(replies: Answer[], work: () => Promise<T>): Promise<T> {
  answers.splice(0, answers.length, ...replies)
  seen.splice(0)
  return turned(clock, work())
}

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
const acr = () => acrTokenRequest({ ...common, host: 'mine.azurecr.io', tenant: 'contoso' })
const gke = () =>
  gkeClusterRequest({
    ...common,
    project: 'p',
    location: 'us-central1',
    name: 'main',
    quotaProject: 'paying',
  })
const aks = () => aksClusterRequest({ ...common, subscription: 'S', resourceGroup: 'a group', name: 'main' })

t.test('223: a registry of Azure’s gives a token for the access token, in a form', async (t) => {
  const refresh_token = jwt({ exp: 2_000_000_000 })
  t.match(await given([json({ refresh_token })], acr), {
    type: 'registry-token',
    username: '00000000-0000-0000-0000-000000000000',
    expiresAt: 2_000_000_000_000,
  })
  const form = Object.fromEntries(new URLSearchParams(seen[0]?.body))
  t.strictSame(form, {
    grant_type: 'access_token',
    service: 'mine.azurecr.io',
    tenant: 'contoso',
    access_token: 'ey.secret.x',
  })
  t.strictSame([seen[0]?.method, seen[0]?.url], ['POST', '/oauth2/exchange'])
})

t.test('a cluster of Azure’s comes with the application that its tokens are for', async (t) => {
  const kubeconfig = (args?: string[]) =>
    json({
      kubeconfigs: [
        {
          value: Buffer.from(
            JSON.stringify({
              clusters: [
                { cluster: { server: 'https://main.hcp.example:443', 'certificate-authority-data': 'Q0E=' } },
              ],
              users: [{ user: args ? { exec: { args } } : { 'client-key-data': 'x' } }],
            }),
          ).toString('base64'),
        },
      ],
    })
  const found = await given([kubeconfig(['get-token', '--server-id', 'own-app'])], aks)
  t.match(found, { server: 'https://main.hcp.example:443', authority: 'Q0E=', audience: 'own-app' })
  t.match(found.id, /^\/subscriptions\/S\/resourceGroups\/a%20group\/providers\/Microsoft\.ContainerService/)
  t.match(seen[0], { method: 'POST', authorization: 'Bearer ey.secret.x', body: '' })
  t.equal((await given([kubeconfig(['get-token'])], aks)).audience, AKS_SERVER)
  t.match(await failure(given([kubeconfig()], aks)), {
    code: 'UpstreamInvalid',
    message: /takes no sign-in with Entra ID/,
  })
  for (const value of [undefined, 'AAAA', Buffer.from('a: &a [*a]').toString('base64')])
    t.match(
      failureOf(() => processKubeconfig('main', { kubeconfigs: [{ value }] })),
      { code: 'UpstreamUnavailable' },
    )
})

t.test('a cluster of Google’s', async (t) => {
  const cluster = { endpoint: '10.0.0.1', status: 'RUNNING', masterAuth: { clusterCaCertificate: 'Q0E=' } }
  t.strictSame(await given([json(cluster)], gke), {
    id: 'projects/p/locations/us-central1/clusters/main',
    server: 'https://10.0.0.1',
    authority: 'Q0E=',
  })
  t.match(seen[0], { authorization: 'Bearer ey.secret.x', project: 'paying' })
  t.match(seen[0]?.url, /\?fields=endpoint,status,masterAuth\(clusterCaCertificate\)$/)
  const refused: [object, string][] = [
    [{ ...cluster, endpoint: 'http://10.0.0.1' }, 'UpstreamInvalid'],
    [{ ...cluster, endpoint: 'no address' }, 'UpstreamUnavailable'],
    [{ ...cluster, masterAuth: {} }, 'UpstreamUnavailable'],
    [{ ...cluster, endpoint: '' }, 'UpstreamUnavailable'],
    [{ ...cluster, status: 'PROVISIONING' }, 'Pending'],
    [{ ...cluster, status: 'ERROR' }, 'UpstreamInvalid'],
  ]
  for (const [answer, code] of refused)
    t.equal(failureOf(() => processCluster('main', answer)).code, code, JSON.stringify(answer))
})

t.test('what is refused says what to ask for, and a token in it is not repeated', async (t) => {
  const no = (status: number, message: string) => json({ error: { message } }, status)
  const cases: [() => Promise<unknown>, Answer[], object][] = [
    [gke, [no(403, 'Required "container.clusters.get"')], { code: 'AccessDenied', hint: /clusterViewer/ }],
    [gke, [no(401, 'expired')], { code: 'CredentialRejected' }],
    [gke, [no(404, 'Not found: main')], { code: 'UpstreamInvalid', message: /Not found: main/ }],
    [aks, [no(403, 'denied')], { code: 'AccessDenied', hint: /Cluster User Role/ }],
    [acr, [json({ errors: [{ message: 'authentication required' }] }, 401)], { code: 'CredentialRejected' }],
    [acr, [json({ refresh_token: 'garbage' })], { code: 'UpstreamUnavailable' }],
    [acr, [{ body: 'not json' }, { body: 'not json' }, { body: '' }], { code: 'UpstreamUnavailable' }],
  ]
  for (const [work, replies, expected] of cases) {
    const error = await failure(given(replies, work))
    t.match(error, expected)
    t.notMatch(`${error.message} ${error.hint}`, /ey\.secret/)
  }
})

t.test('what will pass is tried again, three times at most', async (t) => {
  const cluster = { endpoint: 'a.example', status: 'RUNNING', masterAuth: { clusterCaCertificate: 'Q0E=' } }
  const busy = { status: 503, body: '' }
  t.match(await given([busy, { status: 429, body: '' }, json(cluster)], gke), { server: 'https://a.example' })
  t.match(await failure(given([busy, busy, busy, json(cluster)], gke)), {
    code: 'UpstreamUnavailable',
  })
  t.equal(seen.length, 3)
})

t.test('whose registry a host is, its name says', async (t) => {
  t.equal(acrHost('Mine', 'usgovernment'), 'mine.azurecr.us')
  for (const domain of ['azurecr.io', 'azurecr.us', 'azurecr.cn'])
    t.equal(acrNameOf(`mine1.${domain}`), 'mine1')
  for (const host of [
    'azurecr.io',
    'a.b.azurecr.io',
    'mine1.azurecr.io.evil.example',
    'mine.azurecr.io',
    'mine1.azurecr.de',
  ])
    t.equal(acrNameOf(host), undefined, host)
  for (const host of ['europe-docker.pkg.dev', 'gcr.io', 'eu.gcr.io']) t.ok(isGoogleRegistry(host), host)
  for (const host of ['docker.pkg.dev', 'pkg.dev', 'evil-gcr.io', 'gcr.io.evil.example', 'x.gcr.io'])
    t.notOk(isGoogleRegistry(host), host)
})
