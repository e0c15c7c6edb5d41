/** No secret outside its place: everything that a daemon at its most talkative leaves behind is searched for all of them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { USER } from '../cloud/state.ts'
import { type Outcome, testHome } from '../helpers/house.ts'
import { filesIn, leaks, type Place } from '../helpers/secrets.ts'

const PASSWORD = 'correct horse battery'
const LIFE_SECONDS = 4
const KEYS = {
  EMERGENCY_AWS_ACCESS_KEY_ID: USER.accessKeyId,
  EMERGENCY_AWS_SECRET_ACCESS_KEY: USER.secretAccessKey,
}

const REGISTRIES = `  integrations:
    registry:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { registry: { account_id: "111111111111", region: us-east-2 } }
    public: { kind: aws/ecr-public, via: { identity: dev-admin } }
`

t.test('24: a whole day of a daemon that logs everything leaves no secret behind', async (t) => {
  const seconds = { roleCredentialsSeconds: LIFE_SECONDS, assumeRoleSeconds: LIFE_SECONDS }
  const cloud = await startCloud({
    approval: 'automatic',
    lifetimes: { pollIntervalSeconds: 0.05, ...seconds },
  })
  const home = testHome({ keyringPassword: PASSWORD })
  t.teardown(async () => {
    await home.remove()
    await cloud.close()
  })
  home.config(exampleConfig(cloud.url, 'file') + REGISTRIES)
  home.env.ATMOSD_LOG_LEVEL = 'trace'
  const said: Outcome[] = []
  const run = async (args: string[], env = {}) => {
    const outcome = await home.atmosctl(args, { env })
    said.push(outcome)
    return outcome
  }

  t.equal((await run(['login', '--no-browser'])).code, 0)
  t.equal((await run(['ecr-login', 'registry'])).code, 0)
  t.equal((await run(['exec', '-i', 'prod-admin', '--', 'true'])).code, 0)
  t.equal((await run(['exec', '-i', 'emergency', '--', 'true'], KEYS)).code, 0)
  const variables = await home.atmosctl(['env', '-i', 'prod-admin', '-f', 'json'])
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri = '', AWS_CONTAINER_AUTHORIZATION_TOKEN: token = '' } =
    JSON.parse(variables.stdout) as Record<string, string>
  const ask = (headers: Record<string, string>) => fetch(uri, { headers })
  t.equal((await ask({ authorization: token })).status, 200)
  const bodies = [await (await ask({ authorization: `${token}x` })).text()]
  await run(['whoami'])
  await run(['list', '-f', 'json'], KEYS)
  cloud.fault({ operation: 'AssumeRole', kind: 'status', status: 403, code: 'AccessDenied' })
  cloud.revokeAccessTokens()
  await sleep(LIFE_SECONDS * 1000)
  bodies.push(await (await ask({ authorization: token })).text())
  await run(['whoami', '-i', 'prod-admin'])
  cloud.fault({ operation: 'CreateToken', kind: 'garbage' })
  cloud.revokeAccessTokens()
  await sleep(LIFE_SECONDS * 1000)
  await run(['whoami'])
  const { pid } = JSON.parse((await run(['status', '-f', 'json'])).stdout) as { pid: number }
  const process = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  const files = filesIn(home.path)
  await run(['logout', '--all'], KEYS)
  await run(['daemon', 'logs'])

  const secrets = [...cloud.secrets(), token, PASSWORD]
  t.ok(secrets.length > 15, `${secrets.length} secrets were about`)
  const places: Place[] = [
    ...files,
    ...said.map(({ stdout, stderr }, index): Place => [`command ${index}`, stdout + stderr]),
    ...bodies.map((text, index): Place => [`refusal ${index}`, text]),
    ['the command line of the daemon', process],
  ]
  const log = places.find(([path]) => path.endsWith('daemon.log'))?.[1] ?? ''
  t.match(log, /"session minted"[\s\S]*"session not minted"/, 'the log tells of both')
  t.strictSame(leaks(places, secrets), [])
})

t.test('a planted secret is found, in depth and as bytes', async (t) => {
  const folder = t.testdir({})
  const deep = join(folder, 'a', 'b')
  mkdirSync(deep, { recursive: true })
  writeFileSync(join(deep, 'log'), '\0{"said":"prälat-secret"}')
  writeFileSync(join(folder, 'clean'), 'nothing')
  t.strictSame(leaks(filesIn(folder), ['prälat-secret', 'another-secret']), [[join(deep, 'log'), 1]])
  t.strictSame(leaks([['said', 'prälat-secret']], ['prälat-secret']), [['said', 1]])
  for (const none of [[], [''], ['short']]) t.throws(() => leaks([], none))
})
