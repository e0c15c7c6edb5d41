/** Real tools get credentials from the instance metadata of a grant, and others once those are about to end. */
import { spawn } from 'node:child_process'
import t, { type Test } from 'tap'
import { applied } from '../../client/environment/change.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { issueGrant } from '../../daemon/operations/grant.ts'
import { type Client, go, java, rust, turnable } from '../helpers/clients.ts'
import { aheadClock } from '../helpers/clock.ts'
import { finished } from '../helpers/house.ts'
import { type Running, running } from '../helpers/running.ts'
import { talk } from '../helpers/talk.ts'
import { commandLines, skipUnless } from '../helpers/tools.ts'

const ROLE = /^arn:aws:sts::\d{12}:assumed-role\/\w*AdminAccess/
const MINUTE_MS = 60_000

/** A daemon and a cloud whose clock is put forward by `turn`, and the environment of a tool. */
async function place(t: { teardown(work: () => unknown): void }) {
  const clock = aheadClock()
  const daemon: Running = await running({ clock, cloud: { now: clock.now } })
  t.teardown(() => daemon.stop())
  await daemon.signIn('dev-admin')
  const { workspace } = daemon
  const grant = await issueGrant(daemon.app.house, { workspace, identity: 'dev-admin', dialect: 'aws-imds' })
  // Statement 91: botocore goes by way of a proxy unless NO_PROXY says otherwise. Nobody listens on this one.
  const before = {
    ...process.env,
    HTTP_PROXY: 'http://127.0.0.1:1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv6',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
    AWS_ACCESS_KEY_ID: 'AKIAOFSOMEBODYELSE00',
    AWS_SECRET_ACCESS_KEY: 'x',
  }
  const env = { ...applied(before, environmentOf(grant, before)), AWS_ENDPOINT_URL_STS: daemon.cloud.url }
  return { daemon, env, clock }
}

for (const { name, skip, command } of turnable) {
  t.test(`90, 91, 95: ${name}, across an expiry and an hour after it`, { skip }, async (t) => {
    const { daemon, env, clock } = await place(t)
    const { ask, end } = talk(command, env)
    const first = await ask(0)
    t.match(first, { arn: ROLE, key: /^ASIA/ }, JSON.stringify(first))
    if (first.method) t.equal(first.method, 'iam-role')
    const calls = daemon.cloud.calls('GetRoleCredentials')
    const second = await ask(clock.turn(61 * MINUTE_MS))
    t.match(second, { arn: ROLE, key: /^ASIA/ }, JSON.stringify(second))
    t.not(second.key, first.key)
    t.ok(daemon.cloud.calls('GetRoleCredentials') > calls)
    const third = await ask(clock.turn(61 * MINUTE_MS))
    t.match(third, { arn: ROLE, key: /^ASIA/ }, JSON.stringify(third))
    t.not(third.key, second.key)
    end()
  })
}

/** A program of each hour, whose clock is nobody's to turn. */
async function hourly(t: Test, { command }: Client) {
  const { daemon, env, clock } = await place(t)
  const keys = new Set<string | undefined>()
  for (let hour = 0; hour < 3; hour++) {
    const { ask, end } = talk(command, env)
    const { key, secret = '', token = '', error } = await ask()
    end()
    t.match(key, /^ASIA/, String(error))
    t.ok(daemon.cloud.secrets().includes(secret) && daemon.cloud.secrets().includes(token))
    keys.add(key)
    clock.turn(61 * MINUTE_MS)
  }
  t.equal(keys.size, 3)
}

t.test('88, 92: Go, which waits half a second and drops paths', { skip: go.skip }, (t) => hourly(t, go))
t.test('89: Rust, which knows no version 1', { skip: rust.skip }, (t) => hourly(t, rust))
t.test('95: Java, which is told not to go back to version 1', { skip: java.skip }, (t) => hourly(t, java))

const none = skipUnless(commandLines.size > 0, 'aws')
t.test('the aws command line, twice across an expiry', { skip: none }, async (t) => {
  const { env, clock } = await place(t)
  const keyOf = async (file: string) => {
    const { code, stdout, stderr } = await finished(spawn(file, ['configure', 'list'], { env }))
    t.equal(code, 0, stderr)
    return /access_key[ :*]*(\w{4})[ :]+iam-role/.exec(stdout)?.[1] ?? stdout
  }
  for (const [version, file] of commandLines) {
    const first = await keyOf(file)
    clock.turn(61 * MINUTE_MS)
    const second = await keyOf(file)
    t.match(second, /^\w{4}$/, 'from the metadata service')
    t.not(second, first, `version ${version}`)
  }
})
