/** The commands as a person types them: what goes to which stream, and how they end. */
import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { parse } from 'yaml'
import type { WorkspaceReply } from '../../shared/replies.ts'
import { type Cloud, type CloudOptions, startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { USER } from '../cloud/state.ts'
import { ATMOSCTL, ATMOSD, finished, type TestHome, testHome } from '../helpers/house.ts'

type Teardown = Pick<typeof t, 'teardown'>

const KEYS = {
  EMERGENCY_AWS_ACCESS_KEY_ID: USER.accessKeyId,
  EMERGENCY_AWS_SECRET_ACCESS_KEY: USER.secretAccessKey,
}
const ESCAPE = '\u001b'

async function place(
  t: Teardown,
  options: CloudOptions = {},
  more: Parameters<typeof testHome>[0] = {},
): Promise<{ home: TestHome; cloud: Cloud }> {
  const cloud = await startCloud({
    approval: 'automatic',
    ...options,
    lifetimes: { pollIntervalSeconds: 0.05, ...options.lifetimes },
  })
  const home = testHome(more)
  home.config(exampleConfig(cloud.url, more.keyringPassword ? 'file' : 'memory'))
  t.teardown(async () => {
    await home.remove()
    await cloud.close()
  })
  return { home, cloud }
}

/** A browser as a program that is given an address; `script` is what it does there. */
function browserOf(home: TestHome, script: string): string {
  const file = join(home.path, 'browser.mjs')
  const head = `#!${process.execPath}\nimport { writeFileSync } from 'node:fs'\nconst address = process.argv[2]\n`
  writeFileSync(file, `${head}${script}\n`, { mode: 0o755 })
  return file
}

/** Process ids of the daemons of a home. */
function daemonsOf(home: TestHome): string[] {
  const holds = (pid: string, name: string, text: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1').includes(text)
    } catch {
      return false // it has ended
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => holds(pid, 'cmdline', 'dist/atmosd.mjs') && holds(pid, 'environ', `HOME=${home.path}\0`))
}

t.test(
  'an old Node hands over to the one that the lock file brought, or says that there is none',
  async (t) => {
    const home = testHome()
    t.teardown(() => home.remove())
    const pretence = join(home.path, 'old.cjs')
    const versions = "Object.assign({}, process.versions, { node: '18.20.8' })"
    writeFileSync(pretence, `Object.defineProperty(process, 'versions', { value: ${versions} })\n`)
    const run = (file: string, args: string[]) =>
      finished(
        spawn(process.execPath, ['--require', pretence, file, ...args], { env: home.env, cwd: home.project }),
      )

    t.match(await run(ATMOSCTL, ['--version']), { code: 0, stdout: /^atmosctl \d/ })
    t.match(await run(ATMOSD, ['--version']), { code: 0, stdout: /^atmosd \d/ })
    t.match(await run(ATMOSCTL, ['frobnicate']), { code: 2, stdout: '' }, 'with its exit code')

    const alone = join(home.path, 'alone')
    cpSync(join(ATMOSCTL, '..'), join(alone, 'client', 'bin'), { recursive: true })
    cpSync(join(ATMOSD, '..'), join(alone, 'daemon', 'bin'), { recursive: true })
    const copies = {
      atmosctl: join(alone, 'client/bin/atmosctl.cjs'),
      atmosd: join(alone, 'daemon/bin/atmosd.cjs'),
    }
    t.match(await run(copies.atmosctl, []), {
      code: 1,
      stderr: /dist\/atmosctl\.cjs is missing\.\n {2}Build it with/,
    })
    mkdirSync(join(alone, 'dist'))
    for (const bundle of ['atmosctl.cjs', 'atmosd.mjs']) writeFileSync(join(alone, 'dist', bundle), '')
    for (const [name, file] of Object.entries(copies))
      t.match(await run(file, []), {
        code: 1,
        stderr: `${name}: Node 18.20.8 is too old.\n  Install Node 24.15 or newer.\n`,
      })
    for (const file of [copies.atmosctl, copies.atmosd, join(alone, 'client/bin/node.cjs')])
      t.notMatch(
        readFileSync(file, 'utf8'),
        /=>|\b(?:const|let|class|async|await)\b/,
        'syntax that any Node reads',
      )
  },
)

t.test('a first day', async (t) => {
  const { home, cloud } = await place(t)

  await t.test('login shows an address and a code, on standard error', async (t) => {
    const { code, stdout, stderr } = await home.atmosctl(['login', '--no-browser'])
    t.equal(code, 0, stderr)
    t.equal(stdout, '')
    t.match(stderr, /Open {3}http:\/\/127\.0\.0\.1:\d+\/device\n {2}Code {3}[A-Z2-7]{4}-[A-Z2-7]{4}\n/)
    t.match(stderr, /✓ Signed in\n\n {2}Realm +sandbox\n {2}Provider +company-sso\n {2}Identity +dev-admin\n/)
    t.match(stderr, /\n {2}Account +111111111111\n {2}Region +us-east-1\n {2}Expires +\S+Z \(1h\)\n/)
    t.notOk(stderr.includes(ESCAPE), 'no colour and no spinner where there is no terminal')
  })

  await t.test('a second login has nothing to ask', async (t) => {
    const { code, stderr } = await home.atmosctl(['login'])
    t.equal(code, 0)
    t.notMatch(stderr, /Open/)
    t.equal(cloud.calls('StartDeviceAuthorization'), 1)
  })

  await t.test('whoami', async (t) => {
    const text = await home.atmosctl(['whoami'])
    t.match(text.stdout, /^✓ Signed in as dev-admin, (?:59m|1h)/)
    t.match(text.stdout, /Principal +arn:aws:sts::111111111111:assumed-role\/AWSReservedSSO_AdminAccess/)
    t.equal(text.stderr, '')
    const json = await home.atmosctl(['auth', 'whoami', '-i', 'prod-admin', '--format', 'json'])
    t.match(JSON.parse(json.stdout), {
      valid: true,
      state: 'fresh',
      realm: 'sandbox',
      provider: 'company-sso',
      identity: 'prod-admin',
      kind: 'aws/assume-role',
      principal: 'arn:aws:sts::222222222222:assumed-role/ProductionAdmin/sandbox',
      region: 'us-east-1',
      account: '222222222222',
      chain: ['company-sso', 'dev-admin', 'prod-admin'],
      expiration: /Z$/,
    })
    t.match((await home.atmosctl(['whoami', '-i', 'PROD-admin'])).stdout, /222222222222/, 'in any case')
  })

  await t.test('list in all its forms, without secrets', async (t) => {
    const table = await home.atmosctl(['list'], { env: KEYS })
    t.match(table.stdout, /NAME +KIND +REGION/)
    const tree = await home.atmosctl(['list', '-f', 'tree'], { env: KEYS })
    t.match(tree.stdout, /● company-sso .*\n└─ ● dev-admin .*\n {3}└─ ● prod-admin/)
    const json = await home.atmosctl(['list', '--format=json'], { env: KEYS })
    t.match(JSON.parse(json.stdout), {
      realm: 'sandbox',
      identities: [{ name: 'dev-admin', state: 'fresh' }, {}, {}],
    })
    const yaml = await home.atmosctl(['list', '--format=yaml'], { env: KEYS })
    t.strictSame(parse(yaml.stdout), JSON.parse(json.stdout), 'YAML says the same')
    const bundle = readFileSync(join(ATMOSCTL, '../../../dist/atmosctl.cjs'), 'utf8')
    t.match(bundle, /import\("yaml"\)/, 'YAML is loaded where it is asked for')
    const hook = join(home.path, 'without-yaml.cjs')
    writeFileSync(
      hook,
      `const m = require('node:module'), load = m._load
       m._load = (name, ...more) => { if (name === 'yaml') throw new Error('it was'); return load(name, ...more) }`,
    )
    const bare = await home.atmosctl(['list'], { env: { ...KEYS, NODE_OPTIONS: `--require=${hook}` } })
    t.match(bare, { code: 0, stderr: '' }, 'and by no command that has no use for it')
    const others = await Promise.all(
      (
        [
          ['graphviz', /^digraph .*\{\n[\s\S]* -> [\s\S]*\n\}\n$/],
          ['dot', /^digraph /],
          ['mermaid', /^graph LR\n[\s\S]* --> /],
          ['markdown', /^# [\s\S]*\n## Identities\n\n\| Name \|[\s\S]*\n```mermaid\ngraph LR\n/],
          ['md', /^# /],
        ] as const
      ).map(async ([format, expected]) => {
        const outcome = await home.atmosctl(['list', '-f', format], { env: KEYS })
        t.match(outcome, { code: 0, stdout: expected, stderr: '' }, format)
        return outcome
      }),
    )
    for (const { stdout } of [table, tree, json, yaml, ...others])
      t.notOk(stdout.includes(USER.secretAccessKey))
  })

  await t.test('list of a part', async (t) => {
    const run = (...args: string[]) => home.atmosctl(['list', ...args], { env: KEYS })
    const providers = await run('--providers')
    t.match(providers.stdout, /^PROVIDERS\n.*\n● +company-sso .*\n$/)
    const identities = await run('--identities=PROD-admin, emergency', '-f', 'json')
    t.strictSame(
      (JSON.parse(identities.stdout) as WorkspaceReply).identities.map(({ name }) => name),
      ['prod-admin', 'emergency'],
    )
    t.notOk('providers' in JSON.parse(identities.stdout))
    for (const [args, code, expected] of [
      [['--identities=dev-admn'], 3, /There is no identity "dev-admn"\.\n {2}Did you mean "dev-admin"\?/],
      [['--providers=x'], 3, /There is no provider "x"\./],
      [['--providers', '--identities'], 2, /exclude each other/],
      [['--providers', 'company-sso'], 2, /does not take "company-sso"\.\n.*--providers=company-sso/],
      [['--tags', 'a,b'], 3, /Nothing has the tag "a" or "b"\./],
    ] as const)
      t.match(await run(...args), { code, stdout: '', stderr: expected }, args.join(' '))
  })

  await t.test('env in three forms', async (t) => {
    const json = JSON.parse((await home.atmosctl(['env', '-f', 'json'])).stdout) as Record<string, string>
    t.match(json, {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: /^http:\/\/127\.0\.0\.1:\d+\/aws\//,
      AWS_REGION: 'us-east-1',
    })
    const answer = await fetch(json.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
      headers: { authorization: json.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' },
    })
    t.equal(answer.status, 200)
    t.match((await home.atmosctl(['env', '-f', 'dotenv'])).stdout, /^AWS_CONTAINER_AUTHORIZATION_TOKEN=\S+$/m)
    const shell = spawn(
      'sh',
      ['-c', `eval "$("$0" "$1" env)"; echo "$AWS_REGION \${AWS_PROFILE-none}"`, process.execPath, ATMOSCTL],
      {
        cwd: home.project,
        env: { ...home.env, AWS_PROFILE: 'mine' },
      },
    )
    t.equal((await finished(shell)).stdout, 'us-east-1 none\n')
  })

  await t.test(
    'exec: the program has the streams, the arguments, the signals and the exit code',
    async (t) => {
      const run = (args: string[], more = {}) => home.atmosctl(['exec', ...args], more)
      t.match(await run(['--', 'sh', '-c', 'cat; echo to-err >&2; exit 7'], { input: 'through' }), {
        code: 7,
        stdout: 'through',
        stderr: 'to-err\n',
      })
      t.equal((await run(['true'])).code, 0, 'without --')
      t.equal(
        (await run(['-i', 'prod-admin', 'printf', '%s|', '-i', '--version', 'a b'])).stdout,
        '-i|--version|a b|',
      )
      t.match(await run(['--', 'no-such-program']), {
        code: 127,
        stderr: 'atmosctl: no-such-program: command not found\n',
      })
      const file = join(home.project, 'plain')
      writeFileSync(file, 'echo "$1"\n')
      t.equal((await run(['--', file, 'x'])).code, 126)
      chmodSync(file, 0o755)
      t.match(await run(['--', file, 'a shell script without #!']), {
        code: 0,
        stdout: 'a shell script without #!\n',
      })
      const killed = home.start(['exec', '--', 'sh', '-c', 'echo $$; exec sleep 30'])
      await new Promise((resolve) => killed.stdout?.once('data', resolve))
      killed.kill('SIGTERM')
      t.match(await finished(killed), { code: null, signal: 'SIGTERM' })
    },
  )

  await t.test('exec takes away what would win over the credentials', async (t) => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIAOTHER',
      AWS_PROFILE: 'other',
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/x',
      NO_PROXY: 'a.b',
    }
    const { stdout } = await home.atmosctl(['exec', '--', 'env'], { env })
    t.notMatch(stdout, /^(?:AWS_ACCESS_KEY_ID|AWS_PROFILE|AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)=/m)
    t.match(stdout, /^NO_PROXY=a\.b,127\.0\.0\.1,localhost,/m)
    t.match(stdout, /^AWS_EC2_METADATA_DISABLED=true$/m)
  })

  await t.test('switched off, the environment is left as it is', async (t) => {
    for (const [args, env] of [
      [['-i', 'off'], {}],
      [['--identity=FALSE'], {}],
      [[], { ATMOS_IDENTITY: '0' }],
      [['-i', 'no'], {}],
    ] as const) {
      const { code, stdout } = await home.atmosctl(['exec', ...args, '--', 'env'], {
        env: { ...env, AWS_PROFILE: 'mine' },
      })
      t.equal(code, 0)
      t.match(stdout, /^AWS_PROFILE=mine$/m)
      t.notMatch(stdout, /AWS_CONTAINER/)
    }
    t.match(await home.atmosctl(['env', '-i', 'off']), { code: 0, stdout: '' })
  })

  await t.test('status, validate, and the daemon', async (t) => {
    const status = await home.atmosctl(['status'])
    t.match(status.stdout, /Listens +127\.0\.0\.1:\d+\n[\s\S]*SESSION +KIND[\s\S]*company-sso[\s\S]*GRANT/)
    const { pid } = JSON.parse((await home.atmosctl(['status', '-f', 'json'])).stdout) as { pid: number }
    t.match(await home.atmosctl(['validate'], { env: KEYS }), {
      code: 0,
      stdout: '',
      stderr: /✓ .*atmos\.yaml is valid/,
    })
    const { code, stdout, stderr } = await home.atmosctl(['schema'])
    t.match({ code, stderr, schema: JSON.parse(stdout) }, { code: 0, stderr: '', schema: { type: 'object' } })
    t.match(await home.atmosctl(['daemon', 'start']), {
      code: 0,
      stderr: `Already running, process ${pid}.\n`,
    })
    t.match(await home.atmosctl(['daemon', 'status']), { code: 0, stdout: new RegExp(`process ${pid}`) })
    t.match((await home.atmosctl(['daemon', 'logs'])).stdout, /"msg":"ready"/)
  })

  await t.test('logout', async (t) => {
    const grant = JSON.parse(
      (await home.atmosctl(['env', '-i', 'prod-admin', '-f', 'json'])).stdout,
    ) as Record<string, string>
    const ask = () =>
      fetch(grant.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
        headers: { authorization: grant.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' },
      })
    t.equal((await ask()).status, 200)
    const dry = await home.atmosctl(['logout', 'prod-admin', '--dry-run'])
    t.match(dry, {
      code: 0,
      stdout:
        /^Would drop 1 session and revoke \d+ grants?\.\n {2}session {2}prod-admin {2}\(aws\/assume-role\)\n$/,
    })
    t.equal((await ask()).status, 200, 'nothing was changed')
    t.match(await home.atmosctl(['logout', 'prod-admin']), {
      code: 0,
      stdout: '',
      stderr: /✓ Logged out: 1 session dropped, \d+ grants? revoked\.\n {2}session {2}prod-admin {2}\(/,
    })
    t.equal((await ask()).status, 403)
    t.equal((await home.atmosctl(['whoami'])).code, 0, 'the sign-in stays')
    const wide = await home.atmosctl(['logout', '--provider', 'company-sso', '--format', 'json'])
    t.match(JSON.parse(wide.stdout), {
      dry_run: false,
      sessions: [{ name: 'dev-admin' }, { name: 'company-sso' }],
      grants: Number,
    })
    t.equal(cloud.calls('Logout'), 1, 'the portal is told')
    t.match(await home.atmosctl(['whoami']), {
      code: 1,
      stdout:
        /^✗ No valid credentials for dev-admin\n\n {2}Realm +sandbox\n[\s\S]*\nNobody is signed in to "company-sso"\.\n {2}Run `atmosctl login -i dev-admin`\.\n$/,
      stderr: '',
    })
    const { code, stdout } = await home.atmosctl(['whoami', '-f', 'json'])
    t.equal(code, 1)
    t.strictSame(JSON.parse(stdout), {
      valid: false,
      state: 'none',
      realm: 'sandbox',
      provider: 'company-sso',
      chain: ['company-sso', 'dev-admin'],
      identity: 'dev-admin',
      kind: 'aws/permission-set',
      principal: 'AdminAccess in development',
      region: 'us-east-1',
      reason: 'Nobody is signed in to "company-sso".',
      hint: 'Run `atmosctl login -i dev-admin`.',
    })
    t.match(await home.atmosctl(['logout', '--all']), { code: 0, stderr: /0 sessions dropped/ })
    for (const wrong of [
      ['a', '--all'],
      ['a', 'b'],
      ['a', '-i', 'b'],
      ['--all', '--all-realms'],
    ])
      t.match(await home.atmosctl(['logout', ...wrong]), { code: 2 }, wrong.join(' '))
  })

  await t.test('the daemon is stopped and started again', async (t) => {
    t.match(await home.atmosctl(['daemon', 'stop']), { code: 0, stderr: 'Stopped.\n' })
    t.match(await home.atmosctl(['daemon', 'stop']), { code: 0, stderr: 'No daemon was running.\n' })
    t.match(await home.atmosctl(['status']), {
      code: 6,
      stdout: '',
      stderr: /does not answer on .*\n.*atmosctl daemon start/,
    })
    t.match(await home.atmosctl(['daemon', 'restart']), { code: 0, stderr: /^Restarted, process \d+\.\n$/ })
  })
})

t.test('bad input has one clear error, a hint, and its exit code', async (t) => {
  const { home } = await place(t)
  const cases: [string, string | undefined, string[], number, RegExp, Record<string, string>?][] = [
    [
      'an unknown command',
      undefined,
      ['frobnicate'],
      2,
      /There is no command "frobnicate"\.\n {2}See `atmosctl --help`/,
    ],
    ['an unknown option', undefined, ['login', '--frob'], 2, /Unknown option '--frob'/],
    [
      'an unknown format',
      undefined,
      ['list', '-f', 'xml'],
      2,
      /There is no format "xml"\.\n {2}Formats: table, tree, json/,
    ],
    ['exec of nothing', undefined, ['exec'], 2, /exec needs a program/],
    ['a bare --identity without a terminal', undefined, ['whoami', '--identity'], 2, /needs a terminal/],
    [
      'an unknown identity',
      undefined,
      ['whoami', '-i', 'dev-admn'],
      3,
      /There is no identity "dev-admn"\.\n {2}Did you mean "dev-admin"\?/,
    ],
    ['an unknown provider', undefined, ['login', '--provider', 'x'], 3, /There is no provider "x"/],
    [
      'a missing variable',
      undefined,
      ['exec', '-i', 'emergency', '--', 'true'],
      3,
      /"emergency" needs EMERGENCY_AWS_ACCESS_KEY_ID and .*\n {2}Set it/,
    ],
    [
      'nobody signed in',
      undefined,
      ['exec', '--', 'true'],
      4,
      /Nobody is signed in to "company-sso"\.\n {2}Run `atmosctl login/,
    ],
    ['broken YAML', 'auth:\n  providers: {\n', ['whoami'], 3, /atmos\.yaml:\d+:\d+ {2}error\n/],
    [
      'an unknown kind',
      'auth:\n  providers:\n    a: { kind: aws/iam-identity-centre }\n',
      ['whoami'],
      3,
      /:3:16 {2}error\n(?:.* │ .*\n)* {2}The provider "a" has the unknown kind.*\n {2}Did you mean "aws\/iam-identity-center"/,
    ],
    [
      'no default identity',
      exampleConfig('http://127.0.0.1:1').replace('      default: true\n', ''),
      ['whoami'],
      3,
      /none is marked `default: true`\.\n {2}Name one with -i: dev-admin, emergency, prod-admin/,
    ],
    [
      'an atmos.yaml that is a directory',
      undefined,
      ['-C', 'odd', 'whoami'],
      3,
      /odd\/atmos\.yaml cannot be read: EISDIR/,
    ],
    [
      'no password',
      exampleConfig('http://127.0.0.1:1', 'file'),
      ['whoami'],
      7,
      /is locked\.\n {2}Set ATMOS_KEYRING_PASSWORD/,
    ],
    [
      'a short password',
      exampleConfig('http://127.0.0.1:1', 'file'),
      ['whoami'],
      7,
      /fewer than 8 characters/,
      { ATMOS_KEYRING_PASSWORD: 'short' },
    ],
  ]
  mkdirSync(join(home.project, 'odd', 'atmos.yaml'), { recursive: true })
  for (const [name, config, args, code, expected, env = {}] of cases) {
    if (config !== undefined) home.config(config)
    const outcome = await home.atmosctl(args, { env })
    t.equal(outcome.code, code, `${name}: ${outcome.stderr}`)
    t.match(outcome.stderr, expected, name)
    t.equal(outcome.stdout, '', name)
    t.equal(outcome.stderr.match(/^atmosctl: /gm)?.length, 1, `${name}: one error`)
  }
  const elsewhere = join(home.path, 'elsewhere')
  mkdirSync(elsewhere)
  const none = await home.atmosctl(['login'], { cwd: elsewhere })
  t.match(none, {
    code: 3,
    stderr: /There is no atmos\.yaml in .*elsewhere or above it\.\n {2}Change to your project/,
  })
  t.match(await home.atmosctl(['--chdir', home.project, 'list'], { cwd: elsewhere }), { code: 0 })
  const where = await home.atmosctl(
    ['-C', home.project, 'exec', '-i', 'off', '--', 'sh', '-c', 'pwd; echo $PWD'],
    { cwd: elsewhere },
  )
  t.equal(where.stdout, `${home.project}\n${home.project}\n`, 'programs are run there as well')
  t.match(await home.atmosctl(['-C', 'nowhere', 'list']), {
    code: 2,
    stderr: /There is no directory .*nowhere\./,
  })
})

t.test('validate tells all problems at once', async (t) => {
  const { home } = await place(t)
  home.config(`auth:
  provders: {}
  identities:
    a: { kind: aws/assume-role, via: { identity: b }, principal: { assume_role: 'arn:aws:iam::1:role/x' } }
    b: { kind: aws/assume-role, via: { identity: a }, principal: { assume_role: 'arn:aws:iam::111111111111:role/x', dration: 1h } }
`)
  const { code, stdout, stderr } = await home.atmosctl(['validate'])
  t.equal(code, 1)
  t.match(
    stdout,
    /:2:3 {2}error\n(?:.* │ .*\n)* {2}auth has no setting "provders"\.\n {2}Did you mean "providers"\?/,
  )
  t.match(stdout, /:4:\d+ {2}error\n(?:.* │ .*\n)*.*circle: a → b → a\./)
  t.match(stdout, /:4:\d+ {2}error\n(?:.* │ .*\n)*.*must be a role ARN/)
  t.match(stdout, /:5:\d+ {2}error\n(?:.* │ .*\n)*.*no setting "dration"\.\n {2}Did you mean "duration"/)
  t.equal(stderr, '✗ 4 errors in atmos.yaml\n')
  t.notMatch(stdout, /^\//m, 'paths are short')
  const elsewhere = await home.atmosctl(['-C', home.project, 'validate'], { cwd: home.path })
  t.match(elsewhere.stderr, /✗ 4 errors in \/.*\/atmos\.yaml/, 'unless they would lead nowhere')

  const json = await home.atmosctl(['validate', '--format', 'json'])
  t.equal(json.code, 1)
  t.match(JSON.parse(json.stdout), {
    valid: false,
    files: [join(home.project, 'atmos.yaml')],
    problems: [{ severity: 'error', line: 2, column: 3, message: /provders/, hint: /providers/ }, {}, {}, {}],
    counts: { errors: 4, warnings: 0, providers: 0, identities: 2 },
  })
  const verbose = await home.atmosctl(['validate', '--verbose'])
  t.match(verbose.stdout, /^FILE\n +1 +atmos\.yaml\n\nCHAINS\n {2}a\n.*circle, .*\n[\s\S]*:2:3 {2}error\n/)
})

t.test('warnings alone leave a configuration valid', async (t) => {
  const { home } = await place(t)
  t.match(await home.atmosctl(['validate']), {
    code: 0,
    stdout: /atmos\.yaml:\d+:\d+ {2}warning\n/,
    stderr: /^✓ atmos\.yaml is valid, with 2 warnings \(providers: 1, identities: 3\)\n$/,
  })
  home.config('auth:\n  providers: {}\n')
  t.match(await home.atmosctl(['list']), {
    code: 0,
    stdout: '',
    stderr: /There is no provider and no identity in atmos\.yaml\.\n {2}Add them/,
  })
  t.strictSame(JSON.parse((await home.atmosctl(['list', '-f', 'json'])).stdout).identities, [])
})

t.test('a sign-in that is refused, and one that nobody confirms', async (t) => {
  const { home, cloud } = await place(t, { approval: 'manual' })
  const refused = home.atmosctl(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  cloud.deny(cloud.pending()[0] ?? '')
  t.match(await refused, { code: 4, stderr: /The sign-in was refused in the browser\./ })
  cloud.lifetimes({ deviceCodeSeconds: 1 })
  t.match(await home.atmosctl(['login', '--no-browser']), {
    code: 4,
    stderr: /The sign-in code expired before it was confirmed\./,
  })
})

t.test('Ctrl-C ends a sign-in here and in the daemon', async (t) => {
  const { home, cloud } = await place(t, { approval: 'manual' })
  const login = home.start(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  login.kill('SIGINT')
  t.match(await finished(login), { code: 130, stderr: /Cancelled/ })
  await sleep(300)
  const calls = cloud.calls('CreateToken')
  await sleep(400)
  t.equal(cloud.calls('CreateToken'), calls, 'nobody asks for a token any more')
})

t.test('without a terminal no browser opens, and the address is shown', async (t) => {
  const { home, cloud } = await place(t)
  const opened = join(home.path, 'opened')
  const BROWSER = browserOf(home, `writeFileSync('${opened}', address)`)
  t.match(await home.atmosctl(['login'], { env: { BROWSER } }), {
    code: 0,
    stderr: /Open {3}http\S+\n[\s\S]*at that address[\s\S]*✓ Signed in/,
  })

  await t.test('authorization code with PKCE, by whoever goes to that address', async (t) => {
    const flow = exampleConfig(cloud.url).replace(
      'region: us-east-1\n',
      'region: us-east-1\n      flow: code\n',
    )
    home.config(flow)
    await home.atmosctl(['logout', '--all'])
    const login = home.start(['login'], { env: { BROWSER } })
    const address = new Promise<string>((resolve) => {
      let shown = ''
      login.stderr?.on('data', (chunk) => {
        shown += chunk
        const found = /Open {3}(http\S+)\n/.exec(shown)?.[1]
        if (found) resolve(found)
      })
    })
    const page = await fetch(await address)
    t.match(await page.text(), /You can close this window/)
    t.match(await finished(login), { code: 0 })
  })
  t.equal(existsSync(opened), false)
})

t.test('three log in at once: one code, one sign-in, three successes', async (t) => {
  const { home, cloud } = await place(t, { approval: 'manual' })
  const logins = ['dev-admin', 'dev-admin', 'prod-admin'].map((name) => home.atmosctl(['login', '-i', name]))
  while (cloud.pending().length === 0) await sleep(20)
  await sleep(500) // so that all of them wait, and have seen the code
  t.equal(cloud.pending().length, 1)
  const [code = ''] = cloud.pending()
  cloud.approve(code)
  for (const outcome of await Promise.all(logins)) {
    t.match(outcome, { code: 0, stderr: /✓ Signed in/ })
    t.match(outcome.stderr, `Code   ${code}`)
  }
  t.equal(cloud.calls('StartDeviceAuthorization'), 1)
})

t.test('MFA: the code is asked for, and a wrong one is refused', async (t) => {
  const { home, cloud } = await place(t)
  home.config(
    exampleConfig(cloud.url).replace(
      '      credentials:\n',
      "      credentials:\n        mfa_arn: 'arn:aws:iam::111111111111:mfa/emergency'\n",
    ),
  )
  const login = (input: string) => home.atmosctl(['login', '-i', 'emergency'], { env: KEYS, input })
  t.match(await login('000000\n'), { code: 5, stderr: /invalid MFA one time pass code/ })
  t.match(await login('123456\n'), { code: 0, stderr: /✓ Signed in/ })
  t.equal((await home.atmosctl(['exec', '-i', 'emergency', '--', 'true'], { env: KEYS })).code, 0)
})

t.test('the keyring file', async (t) => {
  const { home } = await place(t, {}, { keyringPassword: 'correct horse' })
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  t.equal((await home.atmosctl(['exec', '-i', 'emergency', '--', 'true'], { env: KEYS })).code, 0)
  const state = join(home.path, '.local', 'share', 'atmosd')

  await t.test('nothing secret is on the disk in plain text', async (t) => {
    const env = JSON.parse((await home.atmosctl(['env', '-f', 'json'])).stdout) as Record<string, string>
    const token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? ''
    const asked = await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
      headers: { authorization: token },
    })
    const { SecretAccessKey, Token } = (await asked.json()) as Record<string, string>
    const secrets = [SecretAccessKey ?? '', Token ?? '', token, USER.secretAccessKey, 'correct horse']
    t.ok(secrets.every((secret) => secret.length > 8))
    for (const name of readdirSync(state)) {
      const text = readFileSync(join(state, name), 'latin1')
      for (const secret of secrets) t.notOk(text.includes(secret), `${name} is clean`)
      t.equal(statSync(join(state, name)).mode & 0o077, 0, `${name} is nobody else's`)
    }
  })

  await t.test('it outlives the daemon, and a wrong password opens nothing', async (t) => {
    await home.atmosctl(['daemon', 'stop'])
    const wrong = await home.atmosctl(['whoami'], { env: { ATMOS_KEYRING_PASSWORD: 'wrong wrong' } })
    t.match(wrong, {
      code: 7,
      stderr: /does not open the keyring file .*\n {2}Set ATMOS_KEYRING_PASSWORD to the right one/,
    })
    t.match(
      await home.atmosctl(['whoami']),
      { code: 0, stdout: /dev-admin/ },
      'the right one does, in the same daemon',
    )
  })
})

t.test('a port that is taken, and the daemon says so', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { home } = await place(t, {}, { port })
  const { code, stderr } = await home.atmosctl(['list'])
  t.equal(code, 6)
  t.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port} is taken by another program\\.\\n.*ATMOSD_LISTEN`))
})

t.test('an unsafe runtime directory is refused', async (t) => {
  const { home } = await place(t)
  mkdirSync(join(home.path, 'run', 'atmosd'))
  chmodSync(join(home.path, 'run', 'atmosd'), 0o777)
  t.match(await home.atmosctl(['list']), { code: 6, stderr: /can be entered by others \(mode 777\)/ })
})

t.test('a socket in a directory of somebody else’s is not spoken to', async (t) => {
  const { home } = await place(t)
  const runtime = join(home.path, 'run', 'atmosd')
  const asked = createServer()
  mkdirSync(runtime, { mode: 0o777 })
  chmodSync(runtime, 0o777)
  await new Promise<void>((resolve) => asked.listen(join(runtime, 'control.sock'), resolve))
  t.teardown(() => asked.close())
  let connections = 0
  asked.on('connection', (socket) => {
    connections += 1
    socket.destroy()
  })
  t.match(await home.atmosctl(['login'], { env: { ATMOS_KEYRING_PASSWORD: 'correct horse' } }), {
    code: 6,
    stderr: /The daemon is not asked, as .*mode 777\)\.\n {2}It must be a directory of yours alone/,
  })
  t.equal(connections, 0)
})

t.test('a daemon that is stopped in the middle of a sign-in', async (t) => {
  const { home, cloud } = await place(t, { approval: 'manual' })
  const login = home.start(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  t.match(await home.atmosctl(['daemon', 'stop']), { code: 0, stderr: 'Stopped.\n' })
  t.match(await finished(login), { code: 6, stderr: /The daemon (?:stopped in the middle|does not answer)/ })
})

t.test('one daemon writes one state, whatever socket it serves', async (t) => {
  const { home } = await place(t)
  t.equal((await home.atmosctl(['list'])).code, 0)
  const env = { ATMOSD_SOCKET: join(home.path, 'other', 'control.sock') }
  t.match(await home.atmosctl(['list'], { env }), {
    code: 6,
    stderr: /Another daemon uses .*share\/atmosd\.\n.*ATMOSD_STATE/,
  })
})

t.test('fifty clients at once, and one daemon', async (t) => {
  const { home } = await place(t)
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => home.atmosctl(['list', '-f', 'json'])))
  t.strictSame([...new Set(outcomes.map(({ code, stderr }) => `${code} ${stderr}`))], ['0 '])
  t.equal(daemonsOf(home).length, 1)
})

t.test('whoami asks nobody, and says what is wrong', async (t) => {
  const { home, cloud } = await place(t, { approval: 'manual' })
  const nobody = await home.atmosctl(['whoami', '-i', 'prod-admin'])
  t.match(nobody, { code: 1, stdout: /^✗ No valid credentials for prod-admin\n/, stderr: '' })
  t.equal(cloud.calls('StartDeviceAuthorization'), 0)

  const login = home.atmosctl(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  cloud.approve(cloud.pending()[0] ?? '')
  t.match(await login, { code: 0 })
  cloud.fault({ operation: 'AssumeRole', kind: 'status', status: 403, code: 'AccessDenied' })
  const denied = await home.atmosctl(['whoami', '-i', 'prod-admin', '-f', 'json'])
  t.equal(denied.code, 1)
  t.match(JSON.parse(denied.stdout), {
    valid: false,
    state: 'none',
    principal: 'arn:aws:iam::222222222222:role/ProductionAdmin',
    reason: /^AWS refused to assume/,
  })
  t.match(
    await home.atmosctl(['whoami', '-i', 'emergency']),
    { code: 3, stdout: '' },
    'a fault of the configuration',
  )
  t.match(await home.atmosctl(['whoami', '-i', 'off', '-f', 'json']), { code: 0, stdout: '' })
})

t.test('logout of everything, wherever it came from', async (t) => {
  const { home, cloud } = await place(t, {}, { keyringPassword: 'correct horse' })
  const keys = JSON.stringify({ access_key_id: USER.accessKeyId, secret_access_key: USER.secretAccessKey })
  const other = join(home.path, 'other')
  mkdirSync(other)
  const config = exampleConfig(cloud.url, 'memory').replace('realm: sandbox', 'realm: other')
  writeFileSync(join(other, 'atmos.yaml'), config.replace(/ {6}credentials:\n(?: {8}.*\n)+/, ''))
  t.match(await home.atmosctl(['login']), { code: 0 })
  t.match(await home.atmosctl(['env']), { code: 0 })
  const there = { cwd: other, input: keys }
  t.match(await home.atmosctl(['exec', '-i', 'prod-admin', '--', 'true'], { cwd: other }), { code: 0 })
  t.match(await home.atmosctl(['user', 'configure', '--stdin'], there), { code: 0 })

  const nowhere = { cwd: home.path } // where there is no configuration
  t.match(await home.atmosctl(['logout', '--all-realms'], nowhere), {
    code: 2,
    stderr: /nobody is here to ask\.\n {2}Look first with --dry-run; then add --force\./,
  })
  const everything = {
    sessions: ['company-sso', 'dev-admin', 'dev-admin', 'prod-admin'],
    grants: 2,
    keys: [{ identity: 'emergency', realm: 'other' }],
  }
  const listed = async (args: string[]) => {
    const { stdout } = await home.atmosctl(['logout', '--all-realms', '-f', 'json', ...args], nowhere)
    const { sessions, grants, keys } = JSON.parse(stdout)
    return { sessions: sessions.map(({ name }: { name: string }) => name).sort(), grants, keys }
  }
  t.strictSame(await listed(['--dry-run']), everything)
  t.equal(cloud.calls('Logout'), 0)
  t.strictSame(await listed(['--dry-run']), everything, 'and nothing was changed')
  t.match(
    (await home.atmosctl(['logout', '--all-realms', '--dry-run'], nowhere)).stdout,
    /^ {2}keys +emergency {4}\(realm other\)$/m,
  )
  t.strictSame(await listed(['--force']), everything)
  t.equal(cloud.calls('Logout'), 1, 'the portal is told')
  t.strictSame(await listed(['--force']), { sessions: [], grants: 0, keys: [] })
  t.match(await home.atmosctl(['exec', '--', 'true']), { code: 4 })
  await home.atmosctl(['daemon', 'stop'])
  t.match(await home.atmosctl(['whoami']), { code: 1 }, 'nothing was left in the keyring file')
})
