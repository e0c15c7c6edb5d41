/** Google's libraries, unmodified, with nothing but a grant's variables: a token, and another once that has ended. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  type Client,
  environment,
  go,
  google,
  java,
  node,
  talk,
  withoutFile,
} from '../helpers/google-clients.ts'
import { google as googleDaemon } from '../helpers/google-daemon.ts'

/** With less left than this a library asks again, so that its clock need not be turned. Go keeps a token to its last ten seconds. */
const LIFE_MS = 170_000
const LIFE_FOR_GO_MS = 11_500
const AUDIENCE = 'https://service.example/'

async function place(t: Parameters<typeof googleDaemon>[0], client: Client) {
  const at = await googleDaemon(t, { lifeMs: client === go ? LIFE_FOR_GO_MS : LIFE_MS })
  return { at, env: environment(at.reply, at.home, client.command[0] ?? '') }
}

/** Two tokens, the second after the first has ended, and both of them the daemon's. */
async function acrossAnEnd(
  t: Test,
  at: Awaited<ReturnType<typeof place>>['at'],
  { ask }: ReturnType<typeof talk>,
) {
  const first = await ask()
  t.match(first, { token: /^ya29\.\d+\.usual$/ }, JSON.stringify(first))
  if (at.knobs.lifeMs === LIFE_FOR_GO_MS) await sleep(1_600)
  at.turn(at.knobs.lifeMs)
  const second = await ask()
  t.match(second, { token: /^ya29\.\d+\.usual$/ }, JSON.stringify(second))
  t.not(second.token, first.token)
  return first
}
for (const client of [node, google, go]) {
  const { name, skip } = client
  t.test(`153: ${name} exchanges what the credential file gets it`, { skip }, async (t) => {
    const { at, env } = await place(t, client)
    const talking = talk(client, env)
    const said = await acrossAnEnd(t, at, talking)
    talking.end()
    t.equal(at.asked.length, 0, 'nobody asked the metadata server')
    if (client === google) t.equal(said.kind, 'google.auth.identity_pool')
    if (client === node) t.equal(said.kind, 'IdentityPoolClient')
    if (client !== go) t.equal(said.project, 'acme-prod')
  })
}

for (const client of [node, google, go, java]) {
  const { name, skip } = client
  t.test(`123, 126: ${name} asks the metadata server`, { skip }, async (t) => {
    const { at, env } = await place(t, client)
    const talking = talk(client, withoutFile(env))
    await acrossAnEnd(t, at, talking)
    const { identity = '' } = await talking.ask(AUDIENCE)
    t.match(JSON.parse(Buffer.from(identity.split('.')[1] ?? '', 'base64url').toString()), { aud: AUDIENCE })
    talking.end()
  })
}

t.test('160: Java has no credential file, and needs none', { skip: java.skip }, async (t) => {
  const { at, env } = await place(t, java)
  t.notOk('GOOGLE_APPLICATION_CREDENTIALS' in env)
  const talking = talk(java, env)
  t.match(await talking.ask(), { token: /^ya29/, kind: 'ComputeEngineCredentials' })
  talking.end()
  t.ok(at.asked.length > 0)
})

t.test('141: Python needs both GCE_METADATA_HOST and _IP', { skip: google.skip }, async (t) => {
  const { env } = await place(t, google)
  const { GCE_METADATA_IP, ...less } = withoutFile(env)
  const talking = talk(google, { ...less, GCE_METADATA_TIMEOUT: '1', GCE_METADATA_DETECT_RETRIES: '1' })
  t.match(await talking.ask(), { error: /default credentials were not found/ })
  talking.end()
})

t.test('145, 146: JavaScript sends no ping, and goes to GCE_METADATA_IP', async (t) => {
  const { at, env } = await place(t, node)
  const talking = talk(node, { ...withoutFile(env), GCE_METADATA_HOST: '127.0.0.1:1' })
  t.match(await talking.ask(), { token: /^ya29/ })
  talking.end()
  t.notOk(at.asked.includes('/computeMetadata/v1/instance'), at.asked.join())
})

t.test('147: Go needs GCE_METADATA_HOST alone, and sends no ping', { skip: go.skip }, async (t) => {
  const { at, env } = await place(t, go)
  const { GCE_METADATA_IP, GCE_METADATA_ROOT, ...less } = withoutFile(env)
  const talking = talk(go, less)
  t.match(await talking.ask(), { token: /^ya29/, onGCE: true })
  talking.end()
  t.notOk(at.asked.includes('/'), at.asked.join())
})

t.test(
  '148: a sign-in of the person’s own, which Go looks for first, is not taken',
  { skip: go.skip },
  async (t) => {
    const { at, env } = await place(t, go)
    const folder = join(at.home, '.config', 'gcloud')
    mkdirSync(folder, { recursive: true })
    const own = { type: 'authorized_user', client_id: 'a', client_secret: 'b', refresh_token: 'c' }
    writeFileSync(join(folder, 'application_default_credentials.json'), JSON.stringify(own))
    const talking = talk(go, env)
    t.match(await talking.ask(), { token: /^ya29/ })
    talking.end()
  },
)
