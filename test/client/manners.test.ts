/** How the client speaks: help, hints, exit codes, and whom it asks for an identity. */
import t from 'tap'
import { runsInCi } from '../../client/ci.ts'
import { type Command, formatOption, identityOption, readArguments } from '../../client/command.ts'
import type { Daemon } from '../../client/daemon.ts'
import { dispatch } from '../../client/dispatch.ts'
import { exitMeanings } from '../../client/exit-codes.ts'
import { withGlobals } from '../../client/globals.ts'
import type { Here } from '../../client/here.ts'
import { chosenIdentity, SWITCHED_OFF, withIdentity } from '../../client/identity.ts'
import { choices, matches, named } from '../../client/render/choices.ts'
import { wantsColor, withoutColor } from '../../client/style.ts'
import { AuthError, failures } from '../../shared/errors.ts'
import type { ListedIdentity } from '../../shared/replies.ts'

/** A client nobody watches, and what it printed. */
function hereOf(more: Partial<Here> = {}): { here: Here; printed: () => string } {
  let text = ''
  const here = {
    env: {},
    cwd: '/work',
    enter() {},
    interactive: true,
    color: false,
    terminal: { in: false, out: false, err: false, columns: 80 },
    out: (some: string) => {
      text += some
    },
    err: () => {},
    ...more,
  } as Partial<Here> as Here
  return { here, printed: () => text }
}

const identity = (name: string, more: Partial<ListedIdentity> = {}): ListedIdentity => ({
  name,
  kind: 'aws/assume-role',
  default: false,
  state: 'none',
  ...more,
})

function daemonWith(identities: ListedIdentity[], problems: unknown[] = []): Daemon {
  const reply = { file: '/work/atmos.yaml', realm: 'r', problems, providers: [], identities }
  return { workspace: async () => reply } as Partial<Daemon> as Daemon
}

t.test('an identity: named, by default, off, by tags, or an error that says which there are', async (t) => {
  const daemon = daemonWith([
    identity('dev', { tags: ['aws', 'dev'] }),
    identity('prod', { tags: ['aws', 'prod'] }),
    identity('other'),
  ])
  const cases: [flag: string | undefined, tags: string[], env: Record<string, string>, expected: unknown][] =
    [
      ['dev', [], {}, { identity: 'dev' }],
      ['dev', [], { ATMOS_IDENTITY: 'prod' }, { identity: 'dev' }],
      [undefined, [], { ATMOS_IDENTITY: 'prod' }, { identity: 'prod' }],
      [undefined, [], { ATMOS_IDENTITY: '' }, {}],
      [undefined, [], {}, {}],
      ...['false', '0', 'no', 'off', 'OFF', 'False'].map((off): (typeof cases)[number] => [
        off,
        [],
        { ATMOS_IDENTITY: 'prod' },
        SWITCHED_OFF,
      ]),
      [undefined, [], { ATMOS_IDENTITY: 'No' }, SWITCHED_OFF],
      [undefined, ['prod'], {}, { identity: 'prod' }],
      [undefined, ['none', 'dev'], { ATMOS_IDENTITY: 'off' }, { identity: 'dev' }],
      ['', ['prod'], {}, { identity: 'prod' }],
    ]
  for (const [flag, tags, env, expected] of cases) {
    const { here } = hereOf({ env, tags })
    t.strictSame(await chosenIdentity(here, daemon, flag), expected, `${flag} ${tags} ${JSON.stringify(env)}`)
  }
  const refused: [flag: string | undefined, tags: string[], expected: object, daemon?: Daemon][] = [
    ['', [], { code: 'Usage', message: /needs a terminal/, hint: 'Name one with -i: dev, other, prod.' }],
    [
      undefined,
      ['x'],
      {
        code: 'IdentityUnknown',
        message: 'No identity has the tag "x".',
        hint: 'Tags there are: aws, dev, prod.',
      },
    ],
    [undefined, ['x', 'y'], { message: 'No identity has one of the tags "x", "y".' }],
    [
      undefined,
      ['aws'],
      {
        code: 'IdentityRequired',
        message: '2 identities have the tag "aws".',
        hint: 'Name one with -i: dev, prod.',
      },
    ],
    ['dev', ['aws'], { code: 'Usage', message: /exclude each other/ }],
    [undefined, ['x'], { hint: 'No identity has any tags.' }, daemonWith([identity('a')])],
    ['', [], { code: 'IdentityUnknown', message: /has no identities/ }, daemonWith([])],
    [
      '',
      [],
      { code: 'ConfigInvalid', message: '/work/atmos.yaml has a problem.', details: { problems: [{}] } },
      daemonWith([identity('a')], [{ severity: 'error' }, { severity: 'warning' }]),
    ],
  ]
  for (const [flag, tags, expected, other = daemon] of refused) {
    const outcome = await chosenIdentity(hereOf({ tags }).here, other, flag).catch((error: unknown) => error)
    t.match(outcome, expected, `${flag} ${tags}`)
  }

  const candidates = Array.from({ length: 12 }, (_, index) => `identity-${String(index).padStart(2, '0')}`)
  const required = new AuthError('IdentityRequired', 'Which?', { details: { candidates } })
  const work = async () => {
    throw required
  }
  await t.rejects(withIdentity(hereOf().here, {}, work), {
    code: 'IdentityRequired',
    message: 'Which?',
    hint: /identity-07 … and\s+4 more\.$/,
  })
  const other = new AuthError('LoginRequired', 'Who?')
  await t.rejects(
    withIdentity(hereOf().here, {}, () => Promise.reject(other)),
    other,
  )
})

t.test('what there is to choose from', async (t) => {
  const long = 'x'.repeat(120)
  const some = [
    identity('zeta', { via: { provider: 'sso' } }),
    identity('main', { default: true, kind: 'aws/user', tags: ['Team'] }),
    identity(long, { alias: 'short', via: { identity: 'zeta' } }),
  ]
  const listed = choices(some, 80)
  t.strictSame(
    listed.map(({ value }) => value),
    ['main', long, 'zeta'],
    'the default first',
  )
  t.ok(listed.every(({ label }) => label.length <= 73))
  t.match(listed[2]?.label, /^zeta {30}aws\/assume-role {2}via sso$/)
  for (const [search, expected] of [
    ['', 3],
    ['ROLE', 2],
    ['via zeta', 2],
    ['team', 1],
    ['short', 1],
    ['zeta user', 0],
  ] as const)
    t.equal(some.filter(({ name }) => matches(search, some, name)).length, expected, search)
  const names = Array.from({ length: 9 }, (_, index) => `a-rather-long-name-${index}`)
  t.ok(
    named('Name one with -i: ', names)
      .split('\n')
      .every((line) => line.length <= 78),
  )
  t.match(named('One of: ', ['b', 'a']), /^One of: a, b\.$/)
})

t.test('where nobody is asked, and where there is no colour', async (t) => {
  for (const [env, expected] of [
    [{}, false],
    [{ CI: 'true' }, true],
    [{ CI: '1' }, true],
    [{ CI: 'false' }, false],
    [{ CI: '' }, false],
    [{ GITHUB_ACTIONS: 'true' }, true],
    [{ TF_BUILD: 'True' }, true],
    [{ JENKINS_URL: 'https://ci' }, false],
    [{ BUILD_ID: '5' }, false],
    [{ JENKINS_URL: 'https://ci', BUILD_ID: '5' }, true],
  ] as const)
    t.equal(runsInCi(env), expected, JSON.stringify(env))
  t.equal(wantsColor({ FORCE_COLOR: '0' }, true), false)
  t.equal(wantsColor({ FORCE_COLOR: 'true', TERM: 'dumb' }, false), true)
  const written: unknown[] = []
  const stream = { columns: 7, write: (text: unknown) => written.push(text) }
  const plain = withoutColor(stream as never as NodeJS.WritableStream) as never as typeof stream
  plain.write('\u001b[2K\u001b[31mred\u001b[39m')
  t.strictSame([written, plain.columns], [['\u001b[2Kred'], 7])
  const given = readArguments('x', { options: identityOption }, ['--tags', 'a, b', '--tags=c,', '--no-color'])
  t.match(withGlobals(hereOf({ color: true, promptStream: () => stream as never }).here, given), {
    tags: ['a', 'b', 'c'],
    color: false,
  })
})

const commands: Record<string, Command> = {
  whoami: {
    summary:
      'Show who the credentials are, and until when, in so many words that a line cannot hold them all',
    usage: '[-i NAME] [--format text|json] [--another OPTION] [--and-another OPTION] [WORD …]',
    options: {
      ...identityOption,
      ...formatOption(['text', 'json']),
      'an-option-with-quite-a-long-name': {
        type: 'string',
        value: 'AND-A-VALUE',
        help: 'is explained below it, in as many lines as that may need, since it needs more than one',
      },
      part: { type: 'string', bare: '', value: '[=A,B]', help: 'alone' },
    },
    examples: ['', '-i dev --format json'],
    run: async (here, given) => {
      here.out(`${given.text('identity')} ${given.words.join(' ')} ${here.cwd}`)
      return 9
    },
  },
}

t.test('help', async (t) => {
  const help = async (...argv: string[]) => {
    const { here, printed } = hereOf()
    t.equal(await dispatch(here, commands, argv), 0, argv.join(' '))
    t.ok(
      printed()
        .split('\n')
        .every((line) => [...line].length <= 80),
      `${argv.join(' ')} fits 80 columns`,
    )
    t.ok(printed().endsWith('\n'))
    return printed()
  }
  const overview = await help()
  for (const argv of [['--help'], ['-h'], ['help'], ['auth', '--help'], ['auth', 'help'], ['help', 'auth']])
    t.equal(await help(...argv), overview, argv.join(' '))
  t.match(overview, /^Usage: atmosctl COMMAND[\s\S]*^ {2}whoami {2}Show who[\s\S]*--interactive=false/m)
  const whoami = await help('help', 'whoami')
  for (const argv of [
    ['whoami', '--help'],
    ['whoami', '-h', '-i'],
    ['--help', 'whoami'],
    ['auth', 'whoami', '--help'],
  ])
    t.equal(await help(...argv), whoami, argv.join(' '))
  t.match(whoami, /^Usage: atmosctl whoami \[-i NAME\] .*\n {23}\[/m, 'an option of the usage stays together')
  t.match(whoami, /^ {2}-i, --identity \[NAME\] {2}identity; /m)
  t.match(whoami, /^ {6}--part\[=A,B\] {7}alone$/m)
  t.match(whoami, /--an-option-with-quite-a-long-name AND-A-VALUE\n {25}is explained below it/)
  t.match(whoami, /^Examples:\n {2}atmosctl whoami\n {2}atmosctl whoami -i dev --format json\n$/m)
  const coloured = hereOf({ color: true })
  await dispatch(coloured.here, commands, ['help', 'whoami'])
  t.ok(coloured.printed().includes('\u001b[1mOptions:\u001b[22m'))

  const codes = await help('help', 'exit-codes')
  for (const [code, { exit }] of Object.entries(failures)) {
    t.ok(exitMeanings[exit], `exit code ${exit} of ${code} is explained`)
    t.match(codes, new RegExp(`\\b${code}\\b`))
  }
  for (const exit of [0, 126, 127, 130]) t.match(codes, new RegExp(`^ +${exit} {2}\\S`, 'm'))
})

t.test('options before and after the name, and slips', async (t) => {
  const run = async (...argv: string[]) => {
    const { here, printed } = hereOf()
    t.equal(await dispatch(here, commands, argv), 9)
    return printed()
  }
  t.equal(await run('-i', 'dev', 'whoami', 'a'), 'dev a /work')
  t.equal(await run('auth', '--identity', 'dev', 'whoami'), 'dev  /work')
  t.equal(await run('-C', 'sub', 'auth', 'whoami', '-i', 'dev'), 'dev  /work/sub')
  for (const [argv, message, hint] of [
    [['whoam'], 'There is no command "whoam".', 'Did you mean `atmosctl whoami`?'],
    [['frobnicate'], 'There is no command "frobnicate".', 'See `atmosctl --help`.'],
    [
      ['whoami', '--identty', 'x'],
      "Unknown option '--identty'.",
      'Did you mean --identity? See `atmosctl whoami --help`.',
    ],
    [['whoami', '--qqqqqqqq'], "Unknown option '--qqqqqqqq'.", 'See `atmosctl whoami --help`.'],
    [['whoami', '-z'], "Unknown option '-z'.", 'See `atmosctl whoami --help`.'],
    [['--chdri', 'x', 'whoami'], "Unknown option '--chdri'.", 'Did you mean --chdir? See `atmosctl --help`.'],
    [['--frob'], "Unknown option '--frob'.", 'See `atmosctl --help`.'],
    [['help', 'whoamy'], 'There is no help on "whoamy".', 'Did you mean `atmosctl help whoami`?'],
    [['whoami', '--chdir'], "Option '-C, --chdir <value>' argument missing.", undefined],
    [['toString'], 'There is no command "toString".', undefined],
  ] as const) {
    const expected = { code: 'Usage', message, ...(hint === undefined ? {} : { hint }) }
    await t.rejects(dispatch(hereOf().here, commands, argv), expected, argv.join(' '))
  }
})
