/** `atmosctl console` as a person uses it: which browser opens what, and that no secret is where others can read it. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { console as command } from '../../client/commands/console.ts'
import { dispatch } from '../../client/dispatch.ts'
import type { Here } from '../../client/here.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { filesIn, leaks, type Place } from '../helpers/secrets.ts'

const { home, cloud } = await cloudHome(t)
home.env.ATMOSD_LOG_LEVEL = 'trace'
const configure = (isolated: boolean) =>
  home.config(`auth:
  realm: sandbox
  keyring: { type: memory }
  console: { isolated: ${isolated} }
  providers:
    company-sso:
      kind: aws/iam-identity-center
      region: us-east-1
      start_url: https://company.awsapps.com/start
      spec: { endpoints: { sso-oidc: '${cloud.url}', sso: '${cloud.url}', sts: '${cloud.url}', signin: '${cloud.url}/' } }
  identities:
    dev-admin:
      kind: aws/permission-set
      default: true
      via: { provider: company-sso }
      principal: { name: AdminAccess, account: { name: development } }
    prod-admin:
      kind: aws/assume-role
      via: { identity: dev-admin }
      principal: { assume_role: 'arn:aws:iam::222222222222:role/ProductionAdmin' }
`)
configure(false)

/** A browser that writes down how it was called, as the kernel shows it to everybody. */
const opened = join(home.path, 'opened')
function browser(name: string, folder = home.path): string {
  const path = join(folder, name)
  const look = `{ cat /proc/$$/cmdline 2>/dev/null || printf '%s\\0' "$0" "$@"; }`
  writeFileSync(
    path,
    `#!/bin/sh\nPATH=/usr/bin:/bin\n${look} > '${opened}.new'\nmv '${opened}.new' '${opened}'\n`,
  )
  chmodSync(path, 0o755)
  return path
}
const BROWSER = browser('usual')

async function arguments_(): Promise<string[]> {
  for (let tries = 0; tries < 400 && !existsSync(opened); tries++) await sleep(25)
  const found = readFileSync(opened, 'utf8').split('\0').slice(1, -1)
  rmSync(opened)
  return found
}

/** Everything that was said on standard error, and every argument of a browser. */
const said: string[] = []

/** Runs the command for somebody at a terminal. */
async function atTerminal(args: string[], env: Record<string, string | undefined> = {}) {
  let [out, err] = ['', '']
  const here = {
    env: { ...home.env, BROWSER, ...env },
    platform: process.platform,
    home: home.path,
    uid: process.getuid?.() ?? 0,
    pid: process.pid,
    cwd: home.project,
    globals: { config: [], configPath: [], profiles: [] },
    interactive: true,
    terminal: { in: true, out: true, err: true, columns: 80 },
    color: false,
    now: Date.now,
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  } as unknown as Here
  const code = await dispatch(here, { console: command }, ['console', ...args])
  said.push(err)
  return { code, out, err }
}

const follow = async (address: string) => {
  const led = await fetch(address, { redirect: 'manual', headers: { Connection: 'close' } })
  return led.headers.get('location') ?? ''
}

t.test('nobody is signed in, and nobody can be asked', async (t) => {
  t.match(await home.atmosctl(['console']), { code: 4, stdout: '', stderr: /Nobody is signed in/ })
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
})

t.test('the browser is given an address that tells nothing', async (t) => {
  const { code, out, err } = await atTerminal(['--destination', 'S3', '--duration', '1h30m'])
  t.equal(code, 0)
  t.equal(out, '')
  t.match(
    err,
    /^Console of dev-admin\n\n {2}Provider {2}company-sso\n {2}Identity {2}dev-admin\n {2}Account {3}1{12}\n/,
  )
  t.match(err, /^ {2}Opens {5}https:\/\/console\.aws\.amazon\.com\/s3\?region=us-east-1$/m)
  t.match(err, /^ {2}Ends {6}\S+Z \(1h (?:29m|30m)\)\n\n✓ Opened in the browser\n$/m)
  const given = await arguments_()
  said.push(given.join(' '))
  t.match(given.slice(1), [/^http:\/\/127\.0\.0\.1:\d+\/console\/[\w-]{32}$/])
  const login = await follow(given[1] ?? '')
  t.match(
    new URL(login).searchParams.get('Destination'),
    'https://console.aws.amazon.com/s3?region=us-east-1',
  )
  t.match(await (await fetch(login)).text(), /Signed in as arn:aws:sts::111111111111:assumed-role/)
  t.equal(await follow(given[1] ?? ''), '', 'it was good once')
})

t.test('211: --print-only: the sign-in address, and nothing else', async (t) => {
  const { code, stdout, stderr } = await home.atmosctl([
    ...['auth', 'console', '-i', 'prod-admin', '--print-only', '--issuer', 'https://intranet.example'],
  ])
  t.equal(code, 0)
  t.equal(stderr, '')
  t.match(
    stdout,
    new RegExp(`^${cloud.url}/federation\\?Action=login&Issuer=https%3A%2F%2Fintranet\\.example&.*\\n$`),
  )
  t.equal((await fetch(stdout.trim())).status, 200)
})

t.test('where no browser opens, it is said what to open', async (t) => {
  const invitation =
    /\n {2}Open {3}(http:\/\/127\.0\.0\.1:\d+\/console\/\S+)\n\nIt leads there once, on this machine, until \S+Z\.\n.*--print-only/
  const rows: [what: string, () => Promise<{ err: string }>][] = [
    ['--no-open', () => atTerminal(['--no-open'])],
    ['CI', () => atTerminal([], { CI: 'true' })],
    ['--interactive=false', () => atTerminal(['--interactive=false'])],
    ['no screen', () => atTerminal([], { BROWSER: undefined, DISPLAY: undefined })],
    ['a browser that is not there', () => atTerminal([], { BROWSER: join(home.path, 'nothing') })],
    ['no terminal', async () => ({ err: (await home.atmosctl(['console'], { env: { BROWSER } })).stderr })],
  ]
  for (const [what, run] of rows) {
    const { err } = await run()
    said.push(err)
    const [, address = ''] = invitation.exec(err) ?? []
    t.equal((await fetch(await follow(address))).status, 200, what)
    for (const line of err.split('\n')) t.ok(line.length <= 80, line)
  }
  t.notOk(existsSync(opened), 'and none has opened')
})

t.test('a profile for each identity', async (t) => {
  const bin = join(home.path, 'chrome')
  mkdirSync(bin)
  const PATH = `${bin}:${home.env.PATH}`
  const profiles = join(home.path, '.local', 'share', 'atmosd', 'console')
  const environment = { PATH, XDG_DATA_HOME: join(home.path, '.local', 'share'), ATMOSD_STATE: undefined }

  const none = await atTerminal(['--isolated'], { ...environment, PATH: '/nonexistent' })
  t.match(none.err, /no Chrome or Chromium .*\n.*the usual browser opens[\s\S]*Opened/)
  t.equal((await arguments_()).length, 2)
  t.notOk(existsSync(profiles))

  const chrome = browser('google-chrome', bin)
  const isolated = async (args: string[]) => {
    const { err } = await atTerminal(args, environment)
    t.match(err, /✓ Opened in the browser/)
    const given = await arguments_()
    said.push(given.join(' '))
    return given
  }
  const [program, data = '', ...rest] = await isolated(['--isolated'])
  t.equal(program, chrome)
  t.match(rest, ['--no-first-run', '--no-default-browser-check', /^http:\/\/127\.0\.0\.1:\d+\/console\//])
  const directory = data.replace('--user-data-dir=', '')
  t.match(directory, new RegExp(`^${profiles}/[0-9a-f]{16}$`))
  for (const path of [profiles, directory]) t.equal(statSync(path).mode & 0o777, 0o700, path)

  configure(true)
  t.equal((await isolated([]))[1], data, 'the same for the same identity, as the configuration wants it')
  t.not((await isolated(['-i', 'prod-admin']))[1], data, 'another for another')
  t.match(await isolated(['--isolated=false']), [BROWSER, /^http/], 'the option wins')
  configure(false)
  t.match(await isolated([]), [BROWSER, /^http/])
})

t.test('what cannot be meant', async (t) => {
  const rows: [args: string[], code: number, stderr: RegExp][] = [
    [['s3'], 2, /does not take "s3"\.\n {2}Where it opens: --destination s3\./],
    [['--destination', 'cloudwach'], 2, /no destination "cloudwach"\.\n {2}Did you mean "cloudwatch"\?/],
    [['--destination', 'https://evil.example/'], 2, /is on evil\.example, which is not the console/],
    [['--destination', 'http://console.aws.amazon.com/'], 2, /begins with http:/],
    [['--duration', '14m'], 2, /--duration cannot be "14m"\.\n {2}Give a time from 15m to 12h/],
    [['--duration', '13h'], 2, /cannot be "13h"/],
    [['--duration', 'long'], 2, /cannot be "long"/],
    [['-i', 'nobody'], 3, /no identity "nobody"/],
  ]
  for (const [args, code, stderr] of rows)
    t.match(await home.atmosctl(['console', ...args]), { code, stdout: '', stderr }, args.join(' '))
  t.match(await home.atmosctl(['console', '-i', 'off']), { code: 0, stdout: '', stderr: /switched off/ })
  const chained = await atTerminal(['-i', 'prod-admin', '--duration', '2h', '--no-open'])
  t.match(chained, { code: 0, err: /^atmosctl: --duration has no effect: "prod-admin" is a role/ })
})

t.test('211: no secret is in a log, in an argument or in what was said', async (t) => {
  const secrets = cloud.secrets()
  t.ok(cloud.calls('GetSigninToken') > 10 && secrets.length > 20, `${secrets.length} secrets were about`)
  const state = join(home.path, '.local', 'share', 'atmosd')
  const log = readFileSync(join(state, 'daemon.log'), 'utf8')
  t.match(log, /"name":"dev-admin".*"msg":"console opened"/)
  const { pid } = JSON.parse((await home.atmosctl(['status', '-f', 'json'])).stdout) as { pid: number }
  const places: Place[] = [
    ...filesIn(state),
    ['what was said', said.join('\n')],
    ['the daemon', existsSync('/proc') ? readFileSync(`/proc/${pid}/cmdline`, 'latin1') : ''],
  ]
  t.strictSame(leaks(places, secrets), [])
})
