/** Real tools, unmodified, against a real daemon: they get credentials, and get them again once those have expired. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import { signedInHome } from '../helpers/cloud-home.ts'
import { commandLines, skipUnless } from '../helpers/tools.ts'
import { LIFE_SECONDS, lifetimes, ROLE, under } from '../helpers/under-exec.ts'

const PROGRAMS = join(import.meta.dirname, 'programs')
const noCommandLine = skipUnless(commandLines.size > 0, 'aws')
t.test('the aws command line, twice across an expiry', { skip: noCommandLine }, async (t) => {
  if (process.env.CI) t.strictSame([...commandLines.keys()].sort(), ['1', '2'])
  const { home, cloud } = await signedInHome(t, { lifetimes })
  const query = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text']
  const ask = async (file: string, round: number) => {
    const command = [file, ...query, '--endpoint-url', cloud.url]
    const { code, stdout, stderr } = await home.atmosctl(['exec', '-i', 'prod-admin', '--', ...command])
    t.equal(code, 0, stderr)
    t.match(stdout.trim(), ROLE, `${file}, round ${round}`)
  }
  for (const round of [1, 2]) {
    await Promise.all([...commandLines.values()].map((file) => ask(file, round)))
    if (round === 1) await sleep(LIFE_SECONDS * 1000 + 200)
  }
  t.ok(cloud.calls('AssumeRole') >= 2)
})

t.test('a program never sees an expired credential nor a failure, however often it asks', async (t) => {
  const { home, cloud } = await signedInHome(t, { lifetimes })
  const { ask, end } = under(home, cloud, [process.execPath, join(PROGRAMS, 'sdk.ts')])
  const keys = new Set<string>()
  for (const end = Date.now() + 2 * LIFE_SECONDS * 1000; Date.now() < end; await sleep(150)) {
    const { key, expiresAt, error } = await ask()
    if (error || (expiresAt ?? 0) <= Date.now()) t.fail(`${error ?? 'expired'} at ${expiresAt}`)
    keys.add(key ?? '')
  }
  t.ok(keys.size >= 3, `${keys.size} credentials in two lives`)
  end()
})

t.test(
  'kill -9 of the daemon under a running program: after a restart it gets credentials as before',
  async (t) => {
    const { home, cloud } = await signedInHome(t, { lifetimes })
    const { ask, end } = under(home, cloud, [process.execPath, join(PROGRAMS, 'sdk.ts')])
    const first = await ask()
    t.match(first, { arn: ROLE })
    const { pid } = JSON.parse((await home.atmosctl(['status', '-f', 'json'])).stdout) as { pid: number }
    process.kill(pid, 'SIGKILL')
    await sleep(LIFE_SECONDS * 1000)
    const before = cloud.calls('AssumeRole')
    t.match(await home.atmosctl(['daemon', 'start']), { code: 0, stderr: /Started/ })
    for (const end = Date.now() + 5_000; cloud.calls('AssumeRole') === before && Date.now() < end; )
      await sleep(50)
    t.equal(cloud.calls('AssumeRole'), before + 1, 'renewed before anybody asks')
    const second = await ask()
    t.match(second, { arn: ROLE, key: /^ASIA/ }, 'the same program, with the same variables')
    t.not(second.key, first.key)
    t.equal(cloud.calls('StartDeviceAuthorization'), 1, 'and nobody had to sign in again')
    end()
  },
)

t.test('a daemon that kept nothing says what to do', async (t) => {
  const { home } = await signedInHome(t, { lifetimes }, (url) => exampleConfig(url, 'memory'))
  const { stdout } = await home.atmosctl(['env', '-f', 'json'])
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri = '', AWS_CONTAINER_AUTHORIZATION_TOKEN: token = '' } =
    JSON.parse(stdout)
  await home.atmosctl(['daemon', 'restart'])
  const answer = await fetch(uri, { headers: { authorization: token } })
  t.equal(answer.status, 403, 'the grant is known, the session gone')
  t.match(await answer.json(), { code: 'LoginRequired', message: /`atmosctl login/ })
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  t.equal(
    (await fetch(uri, { headers: { authorization: token } })).status,
    200,
    'after a sign-in the same variables are good',
  )
  const log = readFileSync(join(home.path, '.local/share/atmosd/daemon.log'), 'utf8')
  t.notOk(log.includes(token), 'the log has no token')
})
