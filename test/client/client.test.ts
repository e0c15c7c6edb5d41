/** What the client decides and prints, and what both sides share. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type Command, readArguments } from '../../client/command.ts'
import { exec } from '../../client/commands/exec.ts'
import { login } from '../../client/commands/login.ts'
import { complaint } from '../../client/complaint.ts'
import { find } from '../../client/program.ts'
import { wantsColor } from '../../client/style.ts'
import { formatDuration, formatInstant, parseDuration } from '../../shared/duration.ts'
import {
  AuthError,
  asAuthError,
  type FailureCode,
  failures,
  fromFailureBody,
  isTransient,
  toFailureBody,
} from '../../shared/errors.ts'
import { isSwitchedOff } from '../../shared/identity.ts'
import { pathsFor } from '../../shared/paths.ts'
import { printable } from '../../shared/printable.ts'

const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))

t.test('arguments', async (t) => {
  const cases: [Command, string[], object][] = [
    [login, [], { identity: undefined, words: [] }],
    [login, ['-i'], { identity: '' }],
    [login, ['--identity'], { identity: '' }],
    [login, ['-i', 'dev'], { identity: 'dev' }],
    [login, ['--identity=dev', '--no-browser'], { identity: 'dev', noBrowser: true }],
    [login, ['-i', '--no-browser'], { identity: '', noBrowser: true }],
    [exec, ['-i', 'dev', 'aws', '--version'], { identity: 'dev', words: ['aws', '--version'] }],
    [exec, ['--', 'aws', '-i', 'x'], { identity: undefined, words: ['aws', '-i', 'x'] }],
    [exec, ['-i', '--', 'aws'], { identity: '', words: ['aws'] }],
    [exec, ['--identity=dev', '--', '--', 'x'], { identity: 'dev', words: ['--', 'x'] }],
    [exec, ['env', '--', 'x'], { identity: undefined, words: ['env', '--', 'x'] }],
  ]
  for (const [command, argv, expected] of cases) {
    const given = readArguments('x', command, argv)
    const seen = { identity: given.text('identity'), noBrowser: given.flag('no-browser'), words: given.words }
    t.match(seen, expected, argv.join(' '))
  }
  t.throws(() => readArguments('login', login, ['--frob']), { code: 'Usage', hint: /atmosctl login --help/ })
  t.throws(() => readArguments('login', login, ['--no-browser=x']), { code: 'Usage' })
})

t.test('the program that a shell would run', async (t) => {
  for (const [name, mode] of [
    ['runs', 0o755],
    ['plain', 0o644],
  ] as const) {
    writeFileSync(join(directory, name), '')
    chmodSync(join(directory, name), mode)
  }
  t.equal(find('runs', `/nowhere:${directory}`), join(directory, 'runs'))
  t.equal(find('plain', directory), 126)
  t.equal(find('none', directory), 127)
  t.equal(find(directory, ''), 127, 'a directory is no program')
  t.equal(find(join(directory, 'runs'), ''), join(directory, 'runs'))
})

t.test('colour, where it is wanted', async (t) => {
  for (const [env, terminal, expected] of [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ TERM: 'dumb' }, true, false],
  ] as const) {
    t.equal(wantsColor(env, terminal), expected, JSON.stringify(env))
  }
})

t.test('durations and instants', async (t) => {
  for (const [text, seconds] of [
    ['3600', 3_600],
    [900, 900],
    ['3600s', 3_600],
    ['1h30m', 5_400],
    ['2d', 172_800],
    ['1d2h3m4s', 93_784],
    ['0', 0],
    ['', undefined],
    ['h', undefined],
    ['1x', undefined],
    ['-5', undefined],
    ['1.5h', undefined],
    ['1m1h', undefined],
  ] as const) {
    t.equal(parseDuration(text), seconds, String(text))
  }
  for (const [ms, text] of [
    [0, '0s'],
    [-5, '0s'],
    [999, '1s'],
    [60_000, '1m'],
    [3_900_000, '1h 5m'],
    [3_601_000, '1h'],
    [90_061_000, '1d 1h'],
  ] as const) {
    t.equal(formatDuration(ms), text)
  }
  t.equal(formatInstant(1_795_543_381_999), '2026-11-24T18:03:01Z', 'whole seconds, never later than it is')
})

t.test('failures', async (t) => {
  for (const code of Object.keys(failures) as FailureCode[]) {
    const error = new AuthError(code, 'What.', { hint: 'Do.', details: { a: 1 } })
    t.match(fromFailureBody(JSON.parse(JSON.stringify(toFailureBody(error)))), {
      code,
      message: 'What.',
      hint: 'Do.',
      details: { a: 1 },
    })
    t.ok(failures[code].status >= 400 && failures[code].status < 600 && failures[code].exit > 0, code)
    t.equal(isTransient(error), failures[code].retryable)
  }
  t.match(asAuthError(new TypeError('x')), { code: 'Internal', message: 'x' })
  t.match(fromFailureBody({ code: 'toString' as never, message: 'm' }), { code: 'Internal' })
  t.equal(
    complaint(new AuthError('LoginRequired', 'Who?', { hint: 'Sign in.' }), false),
    'atmosctl: Who?\n  Sign in.\n',
  )
})

t.test('paths', async (t) => {
  const here = { env: {}, platform: 'linux', home: '/home/a', uid: 7 }
  t.match(pathsFor(here), {
    socket: '/tmp/atmosd-7/control.sock',
    state: '/home/a/.local/share/atmosd',
    vault: '/home/a/.local/share/atmosd/vault.json',
  })
  t.match(pathsFor({ ...here, env: { XDG_RUNTIME_DIR: '/run/user/7', XDG_DATA_HOME: '/data' } }), {
    socket: '/run/user/7/atmosd/control.sock',
    state: '/data/atmosd',
  })
  t.match(
    pathsFor({ ...here, env: { ATMOSD_SOCKET: '/x/y.sock', ATMOSD_STATE: '/z', XDG_DATA_HOME: '/data' } }),
    { runtime: '/x', socket: '/x/y.sock', state: '/z' },
  )
  t.match(pathsFor({ ...here, env: { ATMOS_XDG_DATA_HOME: '/atmos', XDG_DATA_HOME: '/data' } }), {
    state: '/atmos/atmosd',
  })
  t.match(pathsFor({ ...here, platform: 'darwin' }), { state: '/home/a/Library/Application Support/atmosd' })
})

t.test('small words', async (t) => {
  for (const off of ['false', '0', 'no', 'off', 'FALSE', 'Off', ' no '])
    t.equal(isSwitchedOff(off), true, off)
  for (const on of ['', 'true', '00', 'nobody', 'offline']) t.equal(isSwitchedOff(on), false, on)
  t.equal(printable('a\u001b[31m\r\nb\u0085c'.padEnd(99, 'x'), 12), 'a [31m b cxx')
})
