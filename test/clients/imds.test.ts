/** Real tools get credentials from the instance metadata of a grant, and others once those are about to end. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { applied } from '../../client/environment/change.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { issueGrant } from '../../daemon/operations/grant.ts'
import { aheadClock } from '../helpers/clock.ts'
import { finished } from '../helpers/house.ts'
import { type Running, running } from '../helpers/running.ts'
import { talk } from '../helpers/talk.ts'
import { commandLines, python, skipUnless } from '../helpers/tools.ts'

const PROGRAMS = join(import.meta.dirname, 'programs')
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
  // 91: botocore goes by way of a proxy unless NO_PROXY says otherwise. Nobody listens on this one.
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
  return { daemon, env, turn: clock.turn }
}

const sdks: [string, string | false, string[]][] = [
  ['the AWS SDK for JavaScript', false, [process.execPath, join(PROGRAMS, 'sdk.ts')]],
  ['boto3', skipUnless(python !== undefined, 'boto3'), [python ?? 'python3', join(PROGRAMS, 'boto.py')]],
]

for (const [name, skip, command] of sdks) {
  t.test(`90 to 92, 95 ${name}, across an expiry and an hour after it`, { skip }, async (t) => {
    const { daemon, env, turn } = await place(t)
    const { ask, end } = talk(command, env)
    const first = await ask(0)
    t.match(first, { arn: ROLE, key: /^ASIA/ }, JSON.stringify(first))
    if (first.method) t.equal(first.method, 'iam-role')
    const calls = daemon.cloud.calls('GetRoleCredentials')
    const second = await ask(turn(61 * MINUTE_MS))
    t.match(second, { arn: ROLE, key: /^ASIA/ }, JSON.stringify(second))
    t.not(second.key, first.key)
    t.ok(daemon.cloud.calls('GetRoleCredentials') > calls)
    const third = await ask(turn(61 * MINUTE_MS))
    t.match(third, { arn: ROLE, key: /^ASIA/ }, JSON.stringify(third))
    t.not(third.key, second.key)
    end()
  })
}

const none = skipUnless(commandLines.size > 0, 'aws')
t.test('the aws command line, twice across an expiry', { skip: none }, async (t) => {
  const { env, turn } = await place(t)
  const keyOf = async (file: string) => {
    const { code, stdout, stderr } = await finished(spawn(file, ['configure', 'list'], { env }))
    t.equal(code, 0, stderr)
    return /access_key[ :*]*(\w{4})[ :]+iam-role/.exec(stdout)?.[1] ?? stdout
  }
  for (const [version, file] of commandLines) {
    const first = await keyOf(file)
    turn(61 * MINUTE_MS)
    const second = await keyOf(file)
    t.match(second, /^\w{4}$/, 'from the metadata service')
    t.not(second, first, `version ${version}`)
  }
})
