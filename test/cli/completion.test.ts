/** Completion as real shells take it. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import t from 'tap'
import { bashScript } from '../../client/completion/bash.ts'
import type { WorkspaceReply } from '../../shared/replies.ts'
import { exampleConfig } from '../cloud/example.ts'
import { finished, type TestHome, testHome } from '../helpers/house.ts'
import { commandOnPath, openTerminal, type Terminal, unless } from '../helpers/terminal.ts'

const ROLE =
  '{ kind: aws/assume-role, via: { identity: dev-admin }, principal: { assume_role: "arn:aws:iam::222222222222:role/x" } }'
const NAMES = ['team one/dev.admin', 'team:ops', `it's "x"`]

/** A home with `atmosctl` on the path, and the scripts of the shells in files. */
async function place(t: { teardown(task: () => Promise<void>): void }): Promise<TestHome> {
  const home = testHome()
  const identities = NAMES.map((name) => `    ${JSON.stringify(name)}: ${ROLE}\n`)
  home.config(`${exampleConfig('http://127.0.0.1:1')}${identities.join('')}`)
  commandOnPath(home)
  t.teardown(() => home.remove())
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(home.path, shell), (await home.atmosctl(['completion', shell])).stdout)
  return home
}

function inShell(home: TestHome, command: string, args: string[]) {
  return finished(spawn(command, args, { cwd: home.project, env: home.env }))
}

/** Types into a shell that has the completion, presses Tab, and waits for the line to become what it should. */
async function completes(
  t: Pick<typeof import('tap').t, 'resolves'>,
  terminal: Terminal,
  cases: readonly (readonly [string, string])[],
) {
  for (const [typed, expected] of cases) {
    terminal.press('C-u', 'C-l')
    await terminal.shows(/^\$\s*$/)
    terminal.type(typed)
    terminal.press('Tab')
    const wanted = new RegExp(`^\\$ ${expected.replace(/[\\^$.*+?()[\]{}|"']/g, '\\$&')}(?:\\s|$)`)
    await t.resolves(terminal.shows(wanted), typed)
  }
}

t.test('the shells', async (t) => {
  const home = await place(t)
  t.match(await home.atmosctl(['list', '-f', 'json']), { stdout: /team one/ }, 'a daemon runs')

  await t.test('bash: its function, as bash calls it', unless('bash'), async (t) => {
    const driver = `source "$HOME/bash"
      _tool() { COMPREPLY=("function $1 $2 $3" "\${COMP_WORDS[*]} $COMP_CWORD $COMP_LINE"); }
      complete -F _tool tool; complete -C "$HOME/answers" program; complete -W 'alpha beta' words
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _atmosctl; printf '%s\\n' "\${COMPREPLY[@]}"`
    writeFileSync(join(home.path, 'answers'), '#!/bin/sh\necho "program $2 $3 $COMP_LINE"\n', { mode: 0o755 })
    const cases: [string[], string[]][] = [
      [['wh'], ['whoami']],
      [
        ['daemon', 'st'],
        ['start', 'stop', 'status'],
      ],
      [
        ['completion', ''],
        ['bash', 'zsh', 'fish'],
      ],
      [
        ['whoami', '-i', 'team'],
        ['team\\ one/dev.admin', 'team:ops'],
      ],
      [['whoami', '-i', "'team o"], ['team one/dev.admin']],
      [['whoami', '-i', 'it'], [`it\\'s\\ \\"x\\"`]],
      [['whoami', '-i', 'team', ':', 'o'], ['ops']],
      [['whoami', '-i', 'team', ':'], ['ops']],
      [['whoami', '--identity', '=', 'dev'], ['dev-admin']],
      [['whoami', '--identity', '=', 'team', ':', 'o'], ['ops']],
      [
        ['whoami', '--format', '='],
        ['text', 'json'],
      ],
      [['login', '--no-b'], ['--no-browser']],
      [['help', 'exi'], ['exit-codes']],
      [['--config', 'at'], ['atmos.yaml']],
      [['-C', '../pro'], ['../project']],
      [
        ['exec', '--', 'tool', 'a', 'b'],
        ['function tool b a', 'tool a b 2 tool a b'],
      ],
      [
        ['-i', 'dev-admin', 'exec', 'tool', '='],
        ['function tool = tool', 'tool = 1 tool ='],
      ],
      [['exec', '--', 'program', 'x'], ['program x program program x']],
      [['exec', 'words', 'b'], ['beta']],
      [['exec', '--', 'printen'], ['printenv']],
      [['nonsense', ''], ['']],
    ]
    for (const [words, expected] of cases) {
      const { stdout, stderr } = await inShell(home, 'bash', [
        ...['--norc', '-c', driver, 'bash', 'atmosctl'],
        ...words,
      ])
      const found = [...new Set(stdout.trimEnd().split('\n'))]
      t.strictSame(found, expected, `${words.join(' ')} ${stderr}`)
    }
  })

  await t.test('bash: what is on the line afterwards', unless('bash', 'tmux'), async (t) => {
    const terminal = openTerminal(['bash', '--norc'], { cwd: home.project, env: home.env })
    t.teardown(terminal.close)
    await terminal.shows(/^\$\s*$/)
    terminal.type('source ~/bash')
    terminal.press('Enter')
    await completes(t, terminal, [
      ['atmosctl whoami -i dev', 'atmosctl whoami -i dev-admin'],
      ['atmosctl whoami -i team:', 'atmosctl whoami -i team:ops'],
      ['atmosctl whoami --identity=team:', 'atmosctl whoami --identity=team:ops'],
      ["atmosctl whoami -i 'team o", "atmosctl whoami -i 'team one/dev.admin'"],
      ['atmosctl whoami -i team\\ ', 'atmosctl whoami -i team\\ one/dev.admin'],
      ['atmosctl whoami -i "it', 'atmosctl whoami -i "it\'s \\"x\\""'],
      ['atmosctl whoami -i it', 'atmosctl whoami -i it\\\'s\\ \\"x\\"'],
      ['atmosctl --config=at', 'atmosctl --config=atmos.yaml'],
      ['atmosctl -C ../p', 'atmosctl -C ../project/'],
      ['atmosctl exec -- ls at', 'atmosctl exec -- ls atmos.yaml'],
    ])
  })

  await t.test('zsh', unless('zsh', 'tmux'), async (t) => {
    const terminal = openTerminal(['zsh', '-f'], { cwd: home.project, env: { ...home.env, PROMPT: '$ ' } })
    t.teardown(terminal.close)
    terminal.type("PROMPT='$ '; autoload -Uz compinit; compinit -u -D; source ~/zsh; clear; echo rea''dy")
    terminal.press('Enter')
    await terminal.shows(/^ready$/m)
    await completes(t, terminal, [
      ['atmosctl who', 'atmosctl whoami'],
      ['atmosctl whoami --id', 'atmosctl whoami --identity'],
      ['atmosctl whoami -i dev', 'atmosctl whoami -i dev-admin'],
      ['atmosctl whoami -i team:', 'atmosctl whoami -i team:ops'],
      ['atmosctl whoami --identity=team:', 'atmosctl whoami --identity=team:ops'],
      ["atmosctl whoami -i 'team o", "atmosctl whoami -i 'team one/dev.admin'"],
      ['atmosctl whoami -i it', 'atmosctl whoami -i it\\\'s\\ \\"x\\"'],
      ['atmosctl --config=at', 'atmosctl --config=atmos.yaml'],
      ['atmosctl exec -- ls at', 'atmosctl exec -- ls atmos.yaml'],
    ])
    terminal.press('C-u', 'C-l')
    terminal.type('atmosctl daemon sta')
    terminal.press('Tab', 'Tab')
    await t.resolves(terminal.shows(/^start +status *$/m), 'words without a meaning stand alone')
  })

  await t.test('fish', unless('fish'), async (t) => {
    for (const [line, expected] of [
      ['atmosctl who', 'whoami\tShow who the credentials are, and until when'],
      ['atmosctl whoami -i team', /^team one\/dev\.admin\t.*\nteam:ops\t/],
      ['atmosctl whoami -i "it', /^it's "x"\taws\/assume-role via dev-admin$/],
      [
        'atmosctl whoami --identity=de',
        /^--identity=dev-admin\tdefault, aws\/permission-set via company-sso/,
      ],
      ['atmosctl login --no-b', '--no-browser\topen no browser, only show the address'],
      ['atmosctl daemon sto', 'stop'],
      ['atmosctl --config=at', /^--config=atmos\.yaml/],
      ['atmosctl -C ../pro', /^\.\.\/project\//],
      ['atmosctl exec -- tool a', 'argument'],
      ['atmosctl exec -i dev-admin tool a', 'argument'],
    ] as const) {
      const script = 'source ~/fish; complete -c tool -f -a argument; complete -C $argv[1]'
      const { stdout, stderr } = await inShell(home, 'fish', ['--no-config', '-c', script, line])
      t.match(stdout.trimEnd(), expected, `${line} ${stderr}`)
    }
  })
})

t.test('the script is sound', unless('shellcheck'), async (t) => {
  const child = spawn('shellcheck', ['-s', 'bash', '-'])
  t.match(await finished(child, bashScript), { code: 0, stdout: '' })
})

t.test('a key that is pressed starts nothing, asks nothing, and waits for nobody', async (t) => {
  const home = testHome()
  t.teardown(() => home.remove())
  const socket = join(home.path, 'run', 'atmosd', 'control.sock')
  const ask = (...args: string[]) => home.atmosctl(['__complete', ...args])
  t.match(await ask('fish', '', 'whoami', '-i', ''), { code: 0, stdout: 'names 0\n', stderr: '' })
  t.notOk(existsSync(socket), 'no daemon was started')
  t.match(await ask(), { code: 0, stderr: '' })

  mkdirSync(join(home.project, 'profiles', 'ci'), { recursive: true })
  mkdirSync(join(home.path, '.config', 'atmos', 'profiles', 'mine'), { recursive: true })
  t.equal((await ask('bash', '', '--profile', 'x,')).stdout, 'names 2\nx,ci\nx,mine\n')

  let answer: object | undefined
  const asked: string[] = []
  const daemon = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text) => asked.push(text))
    if (!answer) return
    response.statusCode = 'code' in answer ? 428 : 200
    response.end(JSON.stringify(answer))
  })
  mkdirSync(dirname(socket), { mode: 0o700 })
  await new Promise<void>((resolve) => daemon.listen(socket, resolve))
  t.teardown(() => daemon.close().closeAllConnections())
  const began = Date.now()
  t.match(await ask('fish', '', 'whoami', '-i', ''), { code: 0, stdout: 'names 0\n', stderr: '' })
  t.ok(Date.now() - began < 2_000, 'a daemon that does not answer')

  const node = { kind: 'k', state: 'none', default: false } as const
  answer = {
    file: '/f',
    realm: 'r',
    problems: [],
    providers: [{ name: 'sso', kind: 'k', state: 'none' }],
    identities: [
      { ...node, name: 'a', tags: ['x', 'y z'] },
      { ...node, name: 'b\u001b[31m', tags: ['x'], via: { identity: 'a' } },
    ],
  } satisfies WorkspaceReply
  t.equal((await ask('fish', '', 'whoami', '--tags=y,')).stdout, 'names 9\n--tags=y,x\t\n--tags=y,y z\t\n')
  t.equal((await ask('bash', '', 'whoami', '--tags', 'x,y')).stdout, 'names 2\nx,y\\ z\n')
  t.equal((await ask('fish', '', 'whoami', '-i', '')).stdout, 'names 0\na\tk\n', 'no control characters')

  answer = { code: 'EnvironmentNeeded', message: 'm', details: { names: ['PS1', '$(touch ran)'] } }
  asked.length = 0
  const quiet = { code: 0, stdout: 'names 0\n', stderr: '' }
  t.match(await home.atmosctl(['__complete', 'bash', '', 'whoami', '-i', ''], { env: { PS1: '> ' } }), quiet)
  t.match(asked.at(-1), /"environment":\{"PS1":"> ","\$\(touch ran\)":null\}/, 'variables are answered')
  t.notOk(existsSync(join(home.project, 'ran')), 'commands are not run')
  answer = { code: 'PasswordRequired', message: 'm', details: { vault: '/v' } }
  asked.length = 0
  t.match(await ask('bash', '', 'whoami', '-i', ''), quiet)
  t.equal(asked.length, 1, 'a keyring stays locked')
})
