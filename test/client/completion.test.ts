import t from 'tap'
import { type Command, formatOption, identityOption } from '../../client/command.ts'
import { placeOf } from '../../client/completion/place.ts'
import { quoted, unquoted } from '../../client/completion/quoting.ts'

const run = async () => 0
const commands: Record<string, Command> = {
  whoami: {
    summary: 'Who',
    usage: '',
    options: { ...identityOption, ...formatOption(['text', 'json']) },
    run,
  },
  exec: { summary: 'Run', usage: '', options: identityOption, passesOn: 'words', run },
  shell: { summary: 'Shell', usage: '', options: identityOption, passesOn: 'after --', run },
  daemon: { summary: 'Daemon', usage: '', options: {}, words: ['start', 'stop'], run },
  logout: {
    summary: 'Out',
    usage: '',
    options: { provider: { type: 'string', short: 'p', values: 'provider', help: 'one' } },
    words: 'identity',
    run,
  },
}

t.test('where a word stands', async (t) => {
  const value = (completes: unknown, from = 0) => ({ type: 'value', completes, from })
  const names = (...some: string[]) => ({ type: 'names', names: some.map((name) => [name, String]) })
  const program = (first: number) => ({ type: 'program', first })
  const cases: [string[], object][] = [
    [[''], names('whoami', 'exec', 'shell', 'daemon', 'logout')],
    [['auth', ''], names('whoami', 'exec', 'shell', 'daemon', 'logout')],
    [['-C', '/tmp', 'who'], names('whoami', 'exec', 'shell', 'daemon', 'logout')],
    [['-C', ''], value('directory')],
    [['--config=x'], value('file', 9)],
    [['--profile', 'a,b'], value('profile', 2)],
    [['--profile=a,b'], value('profile', 12)],
    [['whoami', ''], names('--identity', '--tags', '--format')],
    [['whoami', '-i', ''], value('identity')],
    [['whoami', '-i', '-'], names('--tags', '--format', '--chdir')],
    [['whoami', '-i', '-f', 'j'], value(['text', 'json'])],
    [['whoami', '-f', '-'], value(['text', 'json'])],
    [['whoami', '--identity=de'], value('identity', 11)],
    [['whoami', '--interactive=f'], value(['true', 'false'], 14)],
    [['whoami', '--interactive', ''], names('--identity', '--tags', '--format')],
    [['whoami', '--no-color=x'], value([], 11)],
    [['whoami', '--nothing=x'], value([], 10)],
    [['whoami', '--tags=a,b,'], value('tag', 11)],
    [['-i', 'dev', 'whoami', '-f', ''], value(['text', 'json'])],
    [['daemon', ''], value(['start', 'stop'])],
    [['daemon', 'start', ''], names()],
    [['logout', 'de'], value('identity')],
    [['logout', 'dev', ''], names('--provider')],
    [['logout', '-p', 'co'], value('provider')],
    [['logout', '--', '-'], value('identity')],
    [['exec', ''], program(1)],
    [['exec', '-'], names('--identity', '--tags', '--chdir')],
    [['exec', '-i', 'dev', 'aws', 's3', ''], program(3)],
    [['exec', '-i', 'dev', '--', ''], program(4)],
    [['exec', '--', 'aws', '-i', 'x'], program(2)],
    [['exec', '-i', '--', 'aws', ''], program(3)],
    [['auth', 'exec', '--', 'aws', '-'], program(3)],
    [['shell', ''], names('--identity', '--tags')],
    [['shell', '-i', 'dev', '--', ''], value('file')],
    [['shell', '--', '-c', 'x'], value('file')],
    [['nonsense', ''], names()],
    [['toString', ''], names()],
  ]
  for (const [words, expected] of cases) t.match(placeOf(commands, words), expected, words.join(' '))
  const place = placeOf(commands, ['-C', '/x', '--config=a', '--config', 'b', 'whoami', '-i', ''])
  t.equal(place.type === 'value' && place.given.text('chdir'), '/x')
  t.strictSame(place.type === 'value' && place.given.list('config'), ['a', 'b'])
  const twice = placeOf(commands, ['whoami', '-i', 'a', '--profile', 'p', '-'])
  t.notMatch(JSON.stringify(twice), /--identity/, 'what was given is not offered again')
  t.match(JSON.stringify(twice), /--profile/, 'unless it may be given several times')
})

t.test('words as they are typed', async (t) => {
  for (const [word, text, open] of [
    ['dev', 'dev', ''],
    ['a\\ b', 'a b', ''],
    ["'a b", 'a b', "'"],
    ["'a'\\''b", "a'b", "'"],
    ['"a \\"b', 'a "b', '"'],
    ['"a\\nb"', 'a\\nb', ''],
    [`x"y"'z`, 'xyz', "'"],
    ['a\\', 'a', ''],
  ] as const)
    t.strictSame(unquoted(word), { text, open }, word)
  for (const name of [
    'dev',
    'team one/dev.admin',
    'team:ops',
    `it's "x"`,
    '$HOME `id` \\',
    'größe',
    '~',
    "q'",
  ])
    for (const open of ['', "'", '"'] as const)
      t.equal(unquoted(`${open}${quoted(name, open)}`).text, name, `${open}${name}`)
})
