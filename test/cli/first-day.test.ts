/** A first day: the commands as a person types them, what goes to which stream, and how they end. */
import { spawn } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import type { WorkspaceReply } from '../../shared/replies.ts'
import { EMERGENCY_KEYS } from '../cloud/example.ts'
import { USER } from '../cloud/state.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { ATMOSCTL, finished } from '../helpers/house.ts'

const ESCAPE = '\u001b'

t.test('a first day', async (t) => {
  const { home, cloud } = await cloudHome(t)

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
    const table = await home.atmosctl(['list'], { env: EMERGENCY_KEYS })
    t.match(table.stdout, /NAME +KIND +REGION/)
    const tree = await home.atmosctl(['list', '-f', 'tree'], { env: EMERGENCY_KEYS })
    t.match(tree.stdout, /● company-sso .*\n└─ ● dev-admin .*\n {3}└─ ● prod-admin/)
    const json = await home.atmosctl(['list', '--format=json'], { env: EMERGENCY_KEYS })
    t.match(JSON.parse(json.stdout), {
      realm: 'sandbox',
      identities: [{ name: 'dev-admin', state: 'fresh' }, {}, {}],
    })
    const yaml = await home.atmosctl(['list', '--format=yaml'], { env: EMERGENCY_KEYS })
    t.strictSame(parse(yaml.stdout), JSON.parse(json.stdout), 'YAML says the same')
    const bundle = readFileSync(join(ATMOSCTL, '../../../dist/atmosctl.cjs'), 'utf8')
    t.match(bundle, /import\("yaml"\)/, 'YAML is loaded where it is asked for')
    const hook = join(home.path, 'without-yaml.cjs')
    writeFileSync(
      hook,
      `const m = require('node:module'), load = m._load
       m._load = (name, ...more) => { if (name === 'yaml') throw new Error('it was'); return load(name, ...more) }`,
    )
    const bare = await home.atmosctl(['list'], {
      env: { ...EMERGENCY_KEYS, NODE_OPTIONS: `--require=${hook}` },
    })
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
        const outcome = await home.atmosctl(['list', '-f', format], { env: EMERGENCY_KEYS })
        t.match(outcome, { code: 0, stdout: expected, stderr: '' }, format)
        return outcome
      }),
    )
    for (const { stdout } of [table, tree, json, yaml, ...others])
      t.notOk(stdout.includes(USER.secretAccessKey))
  })

  await t.test('list of a part', async (t) => {
    const run = (...args: string[]) => home.atmosctl(['list', ...args], { env: EMERGENCY_KEYS })
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

  await t.test(
    '39, 40, 59: exec takes away what would win over the credentials, and what a tool would ask after them',
    async (t) => {
      const env = {
        AWS_ACCESS_KEY_ID: 'AKIAOTHER',
        AWS_PROFILE: 'other',
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/x',
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/x',
        NO_PROXY: 'a.b',
      }
      const { stdout } = await home.atmosctl(['exec', '--', 'env'], { env })
      const names = stdout.split('\n').map((line) => line.split('=', 1)[0] ?? '')
      for (const name of Object.keys(env).filter((one) => one !== 'NO_PROXY'))
        t.notOk(names.includes(name), name)
      t.match(stdout, /^NO_PROXY=a\.b,127\.0\.0\.1,localhost,/m)
      t.match(stdout, /^AWS_EC2_METADATA_DISABLED=true$/m)
    },
  )

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
    t.match(await home.atmosctl(['validate'], { env: EMERGENCY_KEYS }), {
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
