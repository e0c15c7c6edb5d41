/** Real tools, unmodified, against a real daemon: they get credentials, and get them again once those have expired. */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Cloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { clients, type Said, talk, turnable } from '../helpers/clients.ts'
import { cloudHome, signedInHome } from '../helpers/cloud-home.ts'
import type { TestHome } from '../helpers/house.ts'
import { commandLines, python, skipUnless } from '../helpers/tools.ts'

const PROGRAMS = join(import.meta.dirname, 'programs')
const ROLE = /^arn:aws:sts::222222222222:assumed-role\/ProductionAdmin\/sandbox$/
/** Lives of so long; the first half they are fresh. */
const LIFE_SECONDS = 6

const lifetimes = { roleCredentialsSeconds: LIFE_SECONDS, assumeRoleSeconds: LIFE_SECONDS }

/** What a shell may have that wins over the credentials of a grant, or is asked before them. */
const INHERITED = {
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/of/another/agent',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/nonexistent/token',
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'of-another-agent',
  AWS_PROFILE: 'another',
  AWS_ACCESS_KEY_ID: 'AKIAOFSOMEBODYELSE00',
  AWS_SECRET_ACCESS_KEY: 'x',
  HTTP_PROXY: 'http://127.0.0.1:1',
}

/** A program under `atmosctl exec`. */
function under(home: TestHome, cloud: Cloud, command: string[]) {
  const env = { ...INHERITED, AWS_ENDPOINT_URL_STS: cloud.url }
  const child = home.start(['exec', '-i', 'prod-admin', '--', ...command], { env })
  return { child, ...talk(child) }
}

/** Credentials that STS knows: asked with them, or else seen to be its own. */
function good(t: Test, cloud: Cloud, { arn, key, secret = '', token = '', error }: Said) {
  t.match(key, /^ASIA/, String(error))
  if (arn !== undefined) t.match(arn, ROLE)
  else t.ok(cloud.secrets().includes(secret) && cloud.secrets().includes(token), 'from the sandbox’s STS')
}

for (const { name, skip, command } of clients) {
  t.test(
    `39, 40, 47: ${name} gets credentials, whatever it inherits, and others once those have expired`,
    { skip },
    async (t) => {
      const { home, cloud } = await signedInHome(t, { lifetimes })
      const { ask, end } = under(home, cloud, command)
      const first = await ask()
      good(t, cloud, first)
      await sleep(LIFE_SECONDS * 1000 + 200)
      const second = await ask()
      good(t, cloud, second)
      t.not(second.key, first.key)

      // Until it has ended: the next question finds nothing, and a cloud that takes longer than an SDK waits.
      cloud.fault({ operation: 'AssumeRole', kind: 'status', status: 500 })
      await sleep(LIFE_SECONDS * 1000 + 200)
      cloud.clearFaults()
      cloud.delay('AssumeRole', 1_500)
      const third = await ask()
      good(t, cloud, third)
      t.not(third.key, second.key, 'from a slow cloud')
      end()
    },
  )
}

const noPython = skipUnless(python !== undefined, 'boto3')
t.test('58: boto3 says that they are of a container’s role', { skip: noPython }, async (t) => {
  const { home, cloud } = await signedInHome(t, { lifetimes })
  const { ask, end } = under(home, cloud, [python ?? '', join(PROGRAMS, 'boto.py')])
  t.match(await ask(), { method: 'container-role' })
  end()
})

const noIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
  ? false
  : 'this machine has no ::1'
t.test('47: the daemon may listen on ::1, and JavaScript and boto3 go there', { skip: noIPv6 }, async (t) => {
  const { home, cloud } = await cloudHome(t)
  home.env.ATMOSD_LISTEN = '[::1]:0'
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  t.match((await home.atmosctl(['env'])).stdout, /FULL_URI=.?http:\/\/\[::1\]:\d+\/aws\//)
  for (const { name, skip, command } of turnable) {
    if (skip) continue
    const { ask, end } = under(home, cloud, command)
    t.match(await ask(), { arn: ROLE, key: /^ASIA/ }, name)
    end()
  }
})

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
  const { ask, child } = under(home, cloud, [process.execPath, join(PROGRAMS, 'sdk.ts')])
  const keys = new Set<string>()
  for (const end = Date.now() + 2 * LIFE_SECONDS * 1000; Date.now() < end; await sleep(150)) {
    const { key, expiresAt, error } = await ask()
    if (error || (expiresAt ?? 0) <= Date.now()) t.fail(`${error ?? 'expired'} at ${expiresAt}`)
    keys.add(key ?? '')
  }
  t.ok(keys.size >= 3, `${keys.size} credentials in two lives`)
  child.kill()
})

t.test(
  'kill -9 of the daemon under a running program: after a restart it gets credentials as before',
  async (t) => {
    const { home, cloud } = await signedInHome(t, { lifetimes })
    const { ask, child } = under(home, cloud, [process.execPath, join(PROGRAMS, 'sdk.ts')])
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
    child.kill()
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
