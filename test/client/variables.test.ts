/** The variables of a tool, and every form in which they are written, as its real readers read it back. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import t from 'tap'
import { applied, type Environment } from '../../client/environment/change.ts'
import { environmentOf, refusedVariables, staticEnvironmentOf } from '../../client/environment/environment.ts'
import type { Here } from '../../client/here.ts'
import { append } from '../../client/output-file.ts'
import { find } from '../../client/program.ts'
import { type VariableFormat, variables } from '../../client/render/variables.ts'
import type { CredentialReply } from '../../shared/credential-reply.ts'
import type { GrantReply } from '../../shared/replies.ts'

const PATH = process.env.PATH ?? ''
const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))

const own = {
  TF_LOG: 'info',
  AWS_REGION: 'eu-north-1',
  NO_PROXY: 'own.example',
  AWS_PROFILE: 'other',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://evil',
}
const grant: GrantReply = {
  id: 'id',
  identity: 'dev',
  dialect: 'aws-container',
  url: 'http://127.0.0.1:9191/aws/id',
  token: 'token',
  region: 'eu-west-1',
  expiresAt: 0,
}
const credential: CredentialReply = {
  identity: 'dev',
  type: 'aws',
  accessKeyId: 'ASIAX',
  secretAccessKey: 'secret/+',
  sessionToken: 'session==',
  region: 'eu-west-1',
  expiresAt: Date.UTC(2026, 0, 1),
}

t.test('the environment of a tool', async (t) => {
  const before = {
    PATH: '/bin',
    AWS_PROFILE: 'x',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'x',
    no_proxy: ' a.b ,, 127.0.0.1',
    UNSET: undefined,
  }
  const direct = '127.0.0.1,localhost,169.254.169.254,169.254.170.2,metadata.google.internal'
  const after = applied(before, environmentOf(grant, before))
  t.strictSame(after, {
    PATH: '/bin',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9191/aws/id',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_CONFIG_FILE: '/dev/null',
    NO_PROXY: `a.b,${direct}`,
    no_proxy: `a.b,${direct}`,
  })

  await t.test(
    "the identity's own variables are in it, but none that decides whose credentials",
    async (t) => {
      const reply = { ...grant, variables: own }
      t.strictSame(applied(before, environmentOf(reply, before)), {
        ...after,
        TF_LOG: 'info',
        AWS_REGION: 'eu-north-1',
        NO_PROXY: `own.example,${direct}`,
        no_proxy: `own.example,${direct}`,
      })
      t.strictSame(refusedVariables(reply), ['AWS_PROFILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'])
      t.strictSame(refusedVariables(grant), [])
    },
  )

  await t.test('the credential itself', async (t) => {
    const inherited = {
      ...before,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'x',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'x',
    }
    const { no_proxy } = before
    t.strictSame(
      applied(
        inherited,
        staticEnvironmentOf({ ...credential, variables: { TF_LOG: 'x', AWS_PROFILE: 'y' } }),
      ),
      {
        PATH: '/bin',
        no_proxy,
        AWS_REGION: 'eu-west-1',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'ASIAX',
        AWS_SECRET_ACCESS_KEY: 'secret/+',
        AWS_SESSION_TOKEN: 'session==',
        AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00Z',
        TF_LOG: 'x',
      },
    )
  })
})

const nasty: Record<string, string> = {
  PLAIN: 'a/b:c,d',
  EMPTY: '',
  SPACES: '  a  b  ',
  SINGLE: `it's`,
  DOUBLE: 'say "so"',
  QUOTES: `it's "so"`,
  BREAKS: 'a\nb\n\nc\n',
  MONEY: '$HOME $' + '{HOME} $(id) `id` $$',
  HASH: 'a # b',
  BACKSLASH: 'C:\\new\\table',
  BACKSLASHES: '\\\\server\\share',
  ENDING: 'C:\\',
  ESCAPED: `\\'; rm -rf "/`,
  SHELL: 'a;b&c|d>e<f(g)h{i}j*k?l[m]n!o~p^q%r',
  TILDE: '~/x:~',
  EQUALS: '=ls',
  SELF: '%self',
  DASH: '-n',
  TAB: '\ta\t',
  RETURN: 'a\rb',
  CRLF: 'a\r\nb',
  UNICODE: 'ß → 日本 🙂',
  TYPOGRAPHIC: '‘a’ ‚b‛ “c”',
  HEREDOC: 'a\nEOF\nATMOSD_random\nINJECTED=x',
}
const names = Object.keys(nasty)
const token = () => 'f5a4b1c0'

function written(format: VariableFormat, set: Record<string, string>, unset: string[] = ['GONE', 'NEVER']) {
  return variables({ set, unset }, format, token)
}

/** What a shell that has read `text` gives to its children. */
function readBack(shell: string, args: string[], text: string): Record<string, string> {
  const file = join(directory, 'script')
  writeFileSync(file, text)
  const { stdout, stderr } = spawnSync(shell, [...args, file], {
    encoding: 'utf8',
    env: { PATH, HOME: directory, GONE: 'x', STAYS: 'y' },
  })
  t.equal(stderr, '', `${shell} has nothing to complain about`)
  return Object.fromEntries(
    stdout
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry): [string, string] => [
        entry.slice(0, entry.indexOf('=')),
        entry.slice(entry.indexOf('=') + 1),
      ]),
  )
}

const probe = join(directory, 'probe.cjs')
writeFileSync(
  probe,
  'for (const pair of Object.entries(process.env)) process.stdout.write(pair.join("=") + "\\0")\n',
)
const ask = `"${process.execPath}" "${probe}"`
const shells: [string, string[], VariableFormat, string][] = [
  ['sh', [], 'bash', ask],
  ['bash', ['--norc'], 'bash', ask],
  ['zsh', ['-f'], 'bash', ask],
  ['fish', ['--no-config'], 'fish', ask],
  ['pwsh', ['-NoProfile', '-File'], 'powershell', `& ${ask}`],
]
const optional = (program: string) =>
  find(program, PATH) === 127 && !process.env.CI ? `${program} is not here` : false

for (const [shell, args, format, question] of shells) {
  // pwsh is in no distribution's packages, so even CI may lack it.
  const skip = shell === 'pwsh' ? find(shell, PATH) === 127 : optional(shell)
  t.test(`${shell} reads back what was written for it`, { skip }, async (t) => {
    const seen = readBack(shell, args, `${written(format, nasty)}${question}\n`)
    for (const name of names) t.equal(seen[name], nasty[name], name)
    t.equal(seen.GONE, undefined, 'taken away')
    t.equal(seen.STAYS, 'y')
    t.equal(seen.INJECTED, undefined)
  })
}

t.test('shellcheck has nothing to say', { skip: optional('shellcheck') }, async (t) => {
  for (const dialect of ['sh', 'bash', 'dash', 'ksh']) {
    const { status, stdout } = spawnSync('shellcheck', ['-s', dialect, '-'], {
      encoding: 'utf8',
      input: written('bash', nasty),
    })
    t.equal(status, 0, `${dialect}: ${stdout}`)
  }
  const { status } = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: "export A='$HOME'\n" })
  t.equal(status, 1, 'and it does say when there is something')
})

/** As GitHub's runner reads the file of GITHUB_ENV (actions/runner, FileCommandManager). */
function runnerReads(text: string): Record<string, string> {
  const seen: Record<string, string> = {}
  for (let rest = text; rest !== ''; ) {
    const [line = ''] = rest.split(/\r?\n/, 1)
    rest = rest.slice(rest.indexOf('\n') + 1)
    const [, name = '', sign, value = ''] = /^([^=<]*)(=|<<)(.*)$/s.exec(line) ?? []
    if (sign === '=') seen[name] = value
    else {
      const end = new RegExp(`^${value}\\r?$`, 'm').exec(rest)
      if (!end) throw new Error(`no end ${value}`)
      seen[name] = rest.slice(0, Math.max(0, end.index - 1)).replace(/\r$/, '')
      rest = rest.slice(end.index + end[0].length + 1)
    }
  }
  return seen
}

/** As `docker run --env-file` does: a line a variable, nothing quoted. */
function linesOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

const sourced = (text: string) => readBack('sh', [], `set -a\n${text}\nset +a\n${ask}\n`)
const readers: [VariableFormat, string, (text: string) => object, string[]][] = [
  ['json', 'JSON', JSON.parse, []],
  ['env', 'docker', linesOf, ['BREAKS', 'RETURN', 'CRLF', 'HEREDOC']],
  ['github', "GitHub's runner", runnerReads, []],
  ['dotenv', 'Node', parseEnv, ['QUOTES', 'ENDING', 'ESCAPED', 'RETURN', 'CRLF']],
  ['dotenv', 'sh', sourced, ['QUOTES', 'ENDING', 'ESCAPED', 'RETURN', 'CRLF']],
]
for (const [format, reader, read, refused] of readers) {
  t.test(`${format}, as ${reader} reads it; what it cannot hold is an error`, async (t) => {
    const set = Object.fromEntries(Object.entries(nasty).filter(([name]) => !refused.includes(name)))
    const seen = read(written(format, set)) as Record<string, string>
    for (const [name, value] of Object.entries(set)) t.equal(seen[name], value, name)
    t.equal(seen.INJECTED, undefined)
    for (const name of refused)
      t.throws(
        () => written(format, { [name]: nasty[name] ?? '' }),
        {
          code: 'Usage',
          message: new RegExp(`^The value of ${name} cannot be written in the format ${format}`),
        },
        `${name} is refused`,
      )
  })
}

t.test('what no form can hold', async (t) => {
  const formats = ['bash', 'fish', 'powershell', 'dotenv', 'env', 'json', 'github'] as const
  for (const format of formats) {
    t.throws(() => written(format, { A: 'a\0b' }), { code: 'Usage' }, `${format}: NUL`)
    for (const name of ['A;id', 'A=B', '', '1A', 'A\n', 'A B'])
      t.throws(() => written(format, { [name]: 'x' }), { code: 'Usage' }, `${format}: the name "${name}"`)
  }
  t.throws(() => written('github', { A: 'a\r' }), { code: 'Usage' }, 'a return that the runner would drop')
})

t.test('lines are sorted, and what is not taken away is not mentioned', async (t) => {
  const change: Environment = { set: { B: 'x y', A: '1' }, unset: ['C', 'D'] }
  for (const [format, text] of [
    ['bash', "unset C D\nexport A=1\nexport B='x y'\n"],
    ['fish', "set -e -g C D\nset -gx A '1'\nset -gx B 'x y'\n"],
    ['powershell', "Remove-Item -ErrorAction Ignore Env:C, Env:D\n$env:A = '1'\n$env:B = 'x y'\n"],
    ['dotenv', "A=1\nB='x y'\n"],
    ['env', 'A=1\nB=x y\n'],
    ['github', 'A=1\nB=x y\n'],
    ['json', '{\n  "A": "1",\n  "B": "x y"\n}\n'],
  ] as const)
    t.equal(variables(change, format, token), text, format)
  t.equal(
    variables({ set: { A: 'x\ny' }, unset: [] }, 'github', token),
    'A<<ATMOSD_f5a4b1c0\nx\ny\nATMOSD_f5a4b1c0\n',
  )
})

t.test('a file that the user names', async (t) => {
  const here = { cwd: directory, uid: process.getuid?.() ?? 0 } as Here
  const put = (path: string, own = true) => append(here, { path, own }, 'A=1\n')
  const read = (path: string) => readFileSync(join(directory, path), 'utf8')

  put('new.env')
  t.equal(statSync(join(directory, 'new.env')).mode & 0o777, 0o600)
  put('new.env')
  t.equal(read('new.env'), 'A=1\nA=1\n', 'it is appended')

  writeFileSync(join(directory, 'open.env'), 'B=2')
  chmodSync(join(directory, 'open.env'), 0o640)
  put('open.env')
  t.equal(read('open.env'), 'B=2\nA=1\n', 'a last line that was left open is not made longer')
  t.equal(statSync(join(directory, 'open.env')).mode & 0o777, 0o640, "a mode that is the user's own stays")

  symlinkSync('new.env', join(directory, 'link.env'))
  put('link.env')
  t.equal(read('new.env'), 'A=1\nA=1\nA=1\n', "a link to a file of one's own is followed")
  t.throws(() => put('link.env', false), { code: 'Usage', message: /ELOOP/ }, 'but not for a CI runner')

  mkdirSync(join(directory, 'folder'))
  t.throws(() => put('folder'), { code: 'Usage', message: /folder cannot be written \(EISDIR\)/ })
  t.throws(() => put('none/x'), { code: 'Usage', message: /ENOENT/ })
  spawnSync('mkfifo', [join(directory, 'pipe')])
  t.throws(() => put('pipe'), { code: 'UnsafePath', message: /is no plain file/ })
})

t.test("another user's file", { skip: process.getuid?.() !== 0 && 'only root can make one' }, async (t) => {
  const here = { cwd: directory, uid: 0 } as Here
  writeFileSync(join(directory, 'theirs'), '', { mode: 0o666 })
  chownSync(join(directory, 'theirs'), 12_345, 12_345)
  symlinkSync('theirs', join(directory, 'trap'))
  for (const path of ['theirs', 'trap'])
    t.throws(() => append(here, { path, own: true }, 'A=1\n'), {
      code: 'UnsafePath',
      message: /belongs to user 12345/,
    })
  t.equal(readFileSync(join(directory, 'theirs'), 'utf8'), '')
  append(here, { path: 'theirs', own: false }, 'A=1\n')
  t.equal(readFileSync(join(directory, 'theirs'), 'utf8'), 'A=1\n', "a runner's file may be the runner's")
})
