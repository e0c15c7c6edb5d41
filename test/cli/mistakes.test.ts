import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import { cloudHome } from '../helpers/cloud-home.ts'

t.test('bad input has one clear error, a hint, and its exit code', async (t) => {
  const { home } = await cloudHome(t)
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
      /odd\/atmos\.yaml cannot be read: it is no plain file/,
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
  const { home } = await cloudHome(t)
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
  const { home } = await cloudHome(t)
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
