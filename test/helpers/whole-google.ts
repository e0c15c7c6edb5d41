/** A home with a daemon of its own and two service accounts of the sandbox's Google, in a shell that has other sign-ins. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { listenLoopback } from '../../daemon/system/listen.ts'
import type { Cloud } from '../cloud/cloud.ts'
import { ISSUER } from '../cloud/github.ts'
import { addAccount, NUMBER, PROVIDER } from '../cloud/google-state.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { cloudHome } from './cloud-home.ts'
import { ownSignIns } from './own-signins.ts'

export const ACCOUNTS = { a: 'a@project-a.iam.gserviceaccount.com', b: 'b@project-b.iam.gserviceaccount.com' }
export type Name = keyof typeof ACCOUNTS
export const LIFE_SECONDS = 6
const SUBJECT = 'repo:acme/infra:ref:refs/heads/main'
const WORKLOAD = `principal:${PROVIDER.replace(/\/providers\/.*/, '')}/subject/${SUBJECT}`

export type WholeGoogle = Awaited<ReturnType<typeof wholeGoogle>>

export async function wholeGoogle(t: { teardown(work: () => unknown): void }) {
  const lifetimes = { googleTokenSeconds: LIFE_SECONDS, impersonatedSeconds: LIFE_SECONDS }
  const { home, cloud } = await cloudHome(t, { lifetimes })
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, sub: SUBJECT, aud: `https:${PROVIDER}`, iat: now, exp: now + 600 }
  const file = join(home.path, 'workload.jwt')
  writeFileSync(file, signedJwt(claims))
  home.config(configuration(cloud.url, file))
  for (const email of Object.values(ACCOUNTS)) addAccount(cloud.google, email, WORKLOAD)
  const asked: string[] = []
  const proxy = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.writeHead(403).end()
  }).on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  const address = `http://127.0.0.1:${await listenLoopback(proxy, { host: '127.0.0.1', port: 0 })}`
  t.teardown(() => void proxy.close())
  const own = ownSignIns(home)
  const quiet = { CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true', CHECKPOINT_DISABLE: '1' }
  const env = { ...own.env, ...quiet, HTTP_PROXY: address, HTTPS_PROXY: address }
  return {
    home,
    cloud,
    own,
    env,
    /** What went to the rest of the world, where a sign-in that is not ours would be renewed. */
    asked,
    heard: cloud.record(),
    start: (name: Name, ...command: string[]) => home.start(['exec', '-i', name, '--', ...command], { env }),
    /** Whose a token is, and that it is good now. */
    principalOf: (token = '') => bearer(cloud, token),
  }
}

function configuration(url: string, file: string): string {
  const identity = (name: Name) =>
    `    ${name}: { kind: gcp/service-account, via: { provider: wif }, principal: { service_account_email: ${ACCOUNTS[name]}, project_id: project-${name} } }\n`
  return `auth:
  realm: sandbox
  keyring: { type: memory }
  providers:
    wif:
      kind: gcp/workload-identity-federation
      project_number: "${NUMBER}"
      workload_identity_pool_id: github-pool
      workload_identity_provider_id: github-provider
      token_source: { type: file, file_path: ${file} }
      spec: { endpoint_url: '${url}' }
  identities:
${identity('a')}${identity('b')}`
}

/** Whose a token is that is good now. */
export function bearer({ google }: Cloud, token: string): string | undefined {
  const known = google.accessTokens.get(token)
  return known && known.expiresAt > Date.now() ? known.principal : undefined
}
