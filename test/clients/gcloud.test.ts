/** The real gcloud with nothing but a grant's variables. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AuthError } from '../../shared/errors.ts'
import { environment, gcloud, skipWithout } from '../helpers/google-clients.ts'
import { google } from '../helpers/google-daemon.ts'
import { finished } from '../helpers/house.ts'

const LIFE_MS = 170_000
const MAIL = 'ci@acme-prod.iam.gserviceaccount.com'
const skip = skipWithout(gcloud, 'gcloud')

async function place(t: Parameters<typeof google>[0], given: Parameters<typeof google>[1] = {}) {
  const at = await google(t, { lifeMs: LIFE_MS, ...given })
  const env = environment(at.reply, at.home, 'gcloud', { CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true' })
  const run = (args: string[], more: Record<string, string> = {}) =>
    finished(spawn(gcloud ?? 'gcloud', args, { env: { ...env, ...more }, cwd: at.home }))
  return { at, env, run }
}

t.test('142, 144: gcloud prints the daemon’s token, and another once that has ended', { skip }, async (t) => {
  const { at, env, run } = await place(t)
  const print = async () => {
    const { code, stdout, stderr } = await run(['auth', 'print-access-token'])
    t.equal(code, 0, stderr)
    t.match(stdout, /^ya29\.\d+\.usual\n$/)
    return stdout
  }
  const first = await print()
  at.turn(LIFE_MS)
  t.not(await print(), first)
  const { stdout } = await run(['auth', 'list', '--format=value(account)'])
  t.equal(stdout.trim(), MAIL)
  const project = await run(['config', 'get', 'project'])
  t.equal(project.stdout.trim(), 'acme-prod')
  t.ok(
    existsSync(join(env.CLOUDSDK_CONFIG ?? '', 'access_tokens.db')),
    '144: what it keeps is in its own folder',
  )
  t.ok((env.CLOUDSDK_CONFIG ?? '').startsWith(at.reply.directory ?? '-'), 'which goes with the grant')
  t.notOk(existsSync(join(at.home, '.config', 'gcloud')))
})

t.test('126, 129: gcloud’s identity tokens, where the identity has such', { skip }, async (t) => {
  const { run } = await place(t)
  const { code, stdout, stderr } = await run([
    'auth',
    'print-identity-token',
    '--audiences=https://a.example',
  ])
  t.equal(code, 0, stderr)
  const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString())
  t.match(claims, { aud: 'https://a.example' })
  const { run: without } = await place(t, { identifies: false })
  t.match(await without(['auth', 'print-access-token']), { code: 0, stdout: /^ya29/ })
})

t.test(
  '143: gcloud that took this for no machine of Google’s asks nobody for ten minutes',
  { skip },
  async (t) => {
    const { at, env, run } = await place(t)
    const marker = join(env.CLOUDSDK_CONFIG ?? '', 'gce')
    t.equal(readFileSync(marker, 'utf8'), 'True', 'so that it is told before it asks')
    writeFileSync(marker, 'False')
    t.not((await run(['auth', 'print-access-token'])).code, 0)
    t.equal(at.asked.length, 0)
  },
)

t.test('159: gcloud with the credential file asks whose it is', { skip }, async (t) => {
  const { at, env, run } = await place(t)
  const file = { CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: env.GOOGLE_APPLICATION_CREDENTIALS ?? '' }
  const { code, stdout, stderr } = await run(['auth', 'print-access-token'], file)
  t.equal(code, 0, stderr)
  t.match(stdout, /^ya29/)
  t.match((await run(['auth', 'list', '--format=value(account)'], file)).stdout, MAIL)
  t.notOk(
    at.asked.some((path) => path.endsWith('/token')),
    'and not the metadata server for a token',
  )
})

t.test('140: gcloud shows why there is no token', { skip }, async (t) => {
  const { run } = await place(t, {
    failure: new AuthError('LoginRequired', 'Nobody is signed in to "acme".'),
  })
  const { code, stderr } = await run(['auth', 'print-access-token'])
  t.not(code, 0)
  t.match(stderr, /Nobody is signed in to "acme"/)
})
