/** kubectl, and the client of Kubernetes itself, up to clusters that check tokens as AKS and GKE do. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { AKS_APPLICATION } from '../cloud/azure-services.ts'
import { CLOUD_PLATFORM, EMAIL_SCOPE } from '../cloud/google-state.ts'
import { type ApiServer, startApiServer } from '../helpers/api-server.ts'
import { cluster } from '../helpers/clients.ts'
import { type Clouds, cloudsPlace } from '../helpers/clouds.ts'
import { kubectl, kubectlVersion } from '../helpers/clusters.ts'
import { talkTo } from '../helpers/talk.ts'
import { skipUnless } from '../helpers/tools.ts'

interface Cloud {
  name: string
  identity: string
  context: string
  /** Whom it lets in. */
  who: string
  /** Starts its API server, which the sandbox describes from then on. */
  start(t: Test, at: Clouds): Promise<ApiServer>
  /** How long its tokens last from now on. */
  lasting(at: Clouds, seconds: number): void
  made(at: Clouds): number
}

const aks: Cloud = {
  name: 'AKS',
  identity: 'sub',
  context: 'azure',
  who: 'ada@contoso.com',
  async start(t, { entra }) {
    const server = await startApiServer(t, async (token) =>
      String((await entra.claims(token, AKS_APPLICATION)).upn),
    )
    entra.cluster('main', { server: server.url, authority: server.authority })
    return server
  },
  lasting: ({ entra }, accessTokenSeconds) => entra.lifetimes({ accessTokenSeconds }),
  made: ({ entra }) => entra.calls('EntraToken'),
}

const gke: Cloud = {
  name: 'GKE',
  identity: 'robot',
  context: 'robot',
  who: 'deploy@my-project',
  async start(t, { cloud }) {
    const server = await startApiServer(t, async (token) => {
      const known = cloud.google.accessTokens.get(token)
      const isGood = [CLOUD_PLATFORM, EMAIL_SCOPE].every((scope) => known?.scopes.includes(scope))
      return known && isGood && known.expiresAt > Date.now() ? known.principal : undefined
    })
    const endpoint = server.url.replace('https://', '') // Google tells no scheme
    cloud.google.clusters.set('main', { endpoint, authority: server.authority })
    return server
  },
  lasting: ({ cloud }, impersonatedSeconds) => cloud.lifetimes({ impersonatedSeconds }),
  made: ({ cloud }) => cloud.calls('GenerateAccessToken'),
}

async function entered(t: Test, { identity, context, start, lasting }: Cloud, seconds?: number) {
  const at = await cloudsPlace(t)
  if (seconds !== undefined) lasting(at, seconds)
  const server = await start(t, at)
  await at.does('login', '--no-browser', '-i', identity)
  await at.does('update-kubeconfig', '-i', identity, ...(context === 'robot' ? ['robot/gke'] : []))
  return { at, server }
}

const withKubectl = skipUnless(kubectlVersion !== undefined, 'kubectl 1.24 or newer')
for (const cloud of [aks, gke]) {
  t.test(
    `${cloud.name}: a sign-in lets kubectl in; a sign-out keeps it out`,
    { skip: withKubectl },
    async (t) => {
      const { at, server } = await entered(t, cloud)
      const version = () => kubectl(at, '--context', cloud.context, 'get', '--raw', '/version')
      t.match(await version(), { code: 0, stderr: '', stdout: cloud.who }, `${kubectlVersion}`)
      const made = cloud.made(at)
      await version()
      t.strictSame([cloud.made(at), new Set(server.sent).size], [made, 1], 'no run asks the cloud')
      await at.does('logout', '--all')
      t.match(await version(), { code: 1, stderr: /context .*does not exist/ })
    },
  )

  t.test(
    `${cloud.name}: a token is kept, and another got after a refusal`,
    { skip: cluster.skip },
    async (t) => {
      const { at, server } = await entered(t, cloud)
      const { ask, end } = talkTo(spawn(cluster.command[0] ?? '', { cwd: '/', env: at.env }))
      t.teardown(end)
      t.match(await ask(), { status: 200, body: cloud.who })
      t.match(await ask(), { status: 200 })
      const [first = '', second] = server.sent
      t.equal(second, first, 'kept by the client')
      await sleep(2_100) // at its start a client is taken for two
      server.refused.add(first)
      t.match(await ask(), { status: 401 })
      t.match(await ask(), { status: 200 })
      t.not(server.sent.at(-1), first, 'a fresh one')
    },
  )

  t.test(`${cloud.name}: another is got once a token has ended`, { skip: cluster.skip }, async (t) => {
    const { at, server } = await entered(t, cloud, 4)
    const { ask, end } = talkTo(spawn(cluster.command[0] ?? '', { cwd: '/', env: at.env }))
    t.teardown(end)
    for (const until = Date.now() + 10_000; new Set(server.sent).size < 2 && Date.now() < until; )
      t.match(await ask().finally(() => sleep(200)), { status: 200 })
    t.equal(new Set(server.sent).size, 2)
  })
}
