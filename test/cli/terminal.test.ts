/** The commands in a real terminal of 80 columns and 24 lines, where they may ask and draw. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Cloud, CloudOptions } from '../cloud/cloud.ts'
import { EMERGENCY_KEYS, exampleConfig } from '../cloud/example.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import type { TestHome } from '../helpers/house.ts'
import { commandOnPath, openTerminal, type Terminal, unless } from '../helpers/terminal.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what paint is
const PAINT = /\u001b\[[\d;]+m/

interface Place {
  home: TestHome
  cloud: Cloud
  /** Types a command line into a fresh terminal; `exit N` stands below when it has ended. */
  run(line: string, env?: Record<string, string>): Terminal
}

async function place(
  t: { teardown(task: () => unknown): void },
  options: CloudOptions = {},
  config = (text: string) => text,
): Promise<Place> {
  const { home, cloud } = await cloudHome(t, options, {}, (url) => config(exampleConfig(url)))
  commandOnPath(home)
  return {
    home,
    cloud,
    run(line, env = {}) {
      // The shell outlives a Ctrl-C; a signal that is caught is as it was for the programs that it starts.
      const script = `trap : INT\n${line}\necho "exit $?"\nexec sleep 300\n`
      const terminal = openTerminal(['sh', '-c', script], {
        cwd: home.project,
        env: { ...home.env, ...EMERGENCY_KEYS, ...env },
      })
      t.teardown(terminal.close)
      return terminal
    },
  }
}

const noDefault = (text: string) => text.replace('      default: true\n', '')

t.test('choosing an identity', unless('tmux'), async (t) => {
  const { home, run } = await place(t)
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)

  await t.test('each has its kind and its origin beside it, the default first; words search', async (t) => {
    const terminal = run('atmosctl whoami -i')
    const seen = await terminal.shows(/to search/)
    t.match(seen, /● dev-admin \(default\) +aws\/permission-set +via company-sso\n/)
    t.match(
      seen,
      /dev-admin[\s\S]*emergency +aws\/user\n[\s\S]*prod-admin +aws\/assume-role +via dev-admin\n/,
    )
    terminal.type('ASSUME')
    t.notMatch(await terminal.shows(/\(1 match\)/), /emergency/)
    terminal.press('Enter')
    t.match(await terminal.shows(/exit 0/), /Identity +prod-admin\n/)
    t.match(terminal.painted(), PAINT, 'in colour')
  })

  await t.test('with the arrows', async (t) => {
    const terminal = run('atmosctl whoami --identity --format json')
    await terminal.shows(/to search/)
    terminal.press('Down', 'Down', 'Enter')
    t.match(await terminal.shows(/exit 0/), /"identity": "prod-admin"/)
  })

  await t.test('what nothing matches cannot be chosen, and Escape leaves', async (t) => {
    const terminal = run('atmosctl whoami -i')
    await terminal.shows(/to search/)
    terminal.type('zzz')
    await terminal.shows(/No matches found/)
    terminal.press('Enter')
    await terminal.shows(/No identity matches\./)
    terminal.press('Escape')
    t.match(await terminal.shows(/exit 130/), /atmosctl: Nothing was chosen\./)
  })

  await t.test('Ctrl-C leaves, and the program does not run', async (t) => {
    const terminal = run('atmosctl exec -i -- echo ran')
    await terminal.shows(/to search/)
    terminal.press('C-c')
    t.notMatch(await terminal.shows(/exit 130/), /\nran\n/)
  })

  await t.test('without colour where none is wanted', async (t) => {
    for (const [line, env] of [
      ['atmosctl whoami -i --no-color', {}],
      ['atmosctl whoami -i', { NO_COLOR: '1' }],
    ] as const) {
      const terminal = run(line, env)
      await terminal.shows(/to search/)
      t.notMatch(terminal.painted(), PAINT, line)
      terminal.press('C-c')
      await terminal.shows(/exit 130/)
    }
  })

  await t.test('no question where it is unwanted', async (t) => {
    for (const [line, env] of [
      ['atmosctl whoami -i --interactive=false', {}],
      ['atmosctl whoami -i', { ATMOS_INTERACTIVE: 'no' }],
      ['atmosctl whoami -i', { BUILDKITE: 'true' }],
      ['TERM=dumb atmosctl whoami -i', {}],
      ['atmosctl whoami -i < /dev/null', {}],
    ] as const) {
      const seen = await run(line, env).shows(/exit 2/)
      t.match(seen, /needs a terminal\.\n +Name one with -i: dev-admin, emergency, prod-admin\./, line)
    }
  })
})

t.test('no default identity: one is asked for', unless('tmux'), async (t) => {
  const { run } = await place(t, {}, noDefault)
  const terminal = run('atmosctl login --no-browser')
  await terminal.shows(/Which identity\?/)
  terminal.type('dev')
  await terminal.shows(/\(2 matches\)/)
  terminal.press('Enter')
  t.match(await terminal.shows(/exit 0/), /✓ Signed in\n\n +Realm +sandbox\n[\s\S]* +Identity +dev-admin\n/)
})

t.test('signing in', unless('tmux'), async (t) => {
  const { cloud, run } = await place(t, { approval: 'manual' })

  await t.test('Ctrl-C ends it and cleans up', async (t) => {
    const terminal = run('atmosctl login --no-browser')
    await terminal.shows(/⠋|⠙|⠹|⠸|⠼|⠴|⠦|⠧|⠇|⠏/)
    terminal.press('C-c')
    const seen = await terminal.shows(/exit 130/)
    t.match(seen, /atmosctl: Cancelled\.\n/)
    t.notMatch(seen, /Waiting for you/, 'the spinner has gone')
  })

  await t.test('the code, a spinner that counts, and what was reached', async (t) => {
    cloud.pending().forEach(cloud.deny)
    const terminal = run('atmosctl login --no-browser')
    const seen = await terminal.shows(/Waiting for you to confirm at that address \(9m 5\ds left\) …\n/)
    const code = /Code +([A-Z2-7]{4}-[A-Z2-7]{4})\n/.exec(seen)?.[1] ?? ''
    t.ok(cloud.approve(code), code)
    const end = await terminal.shows(/exit 0/)
    t.match(end, /✓ Signed in\n\n +Realm +sandbox\n[\s\S]* +Identity +dev-admin\n/)
    t.notMatch(end, /Waiting for you/)
  })

  await t.test('status fits the terminal', async (t) => {
    const terminal = run('atmosctl status; atmosctl daemon status')
    const seen = await terminal.shows(/exit 0/)
    t.match(seen, /SESSION +KIND +STATE +LEFT/)
    t.ok(seen.split('\n').every((line) => [...line].length <= 80))
    t.equal(seen.match(/^company-sso/gm)?.length, 2)
  })
})

t.test('a sign-in on the way to a program', unless('tmux'), async (t) => {
  const { cloud, run } = await place(t, { approval: 'manual' })
  const terminal = run('BROWSER=true atmosctl exec -- sh -c \'echo "in $AWS_REGION"\'')
  const seen = await terminal.shows(/Waiting for you to confirm in the browser that opens/)
  t.ok(cloud.approve(/Code +(\S+)/.exec(seen)?.[1] ?? ''))
  await t.resolves(terminal.shows(/in us-east-1\nexit 0/))
})

t.test('a code of an MFA device', unless('tmux'), async (t) => {
  const { run } = await place(t, {}, (text) =>
    text.replace(
      '      credentials:\n',
      "      credentials:\n        mfa_arn: 'arn:aws:iam::111111111111:mfa/emergency'\n",
    ),
  )
  const wrong = run('atmosctl login -i emergency')
  await wrong.shows(/MFA/)
  wrong.type('000000')
  wrong.press('Enter')
  await t.resolves(wrong.shows(/invalid MFA one time pass code[\s\S]*exit 5/))

  const left = run('atmosctl login -i emergency')
  await left.shows(/MFA/)
  left.press('C-c')
  await t.resolves(left.shows(/exit 130/))

  const right = run('atmosctl login -i emergency')
  await right.shows(/MFA/)
  right.type('123456')
  right.press('Enter')
  await t.resolves(right.shows(/✓ Signed in\n\n[\s\S]* +Identity +emergency\n[\s\S]*exit 0/))
})

t.test('the password of a keyring file', unless('tmux'), async (t) => {
  const { home, run } = await place(t, {}, (text) => text.replace('type: memory', 'type: file'))
  const terminal = run('atmosctl login --no-browser')
  await terminal.shows(/Password of the keyring file/)
  terminal.type('correct horse')
  await terminal.shows(/▪{13}/)
  t.notMatch(terminal.screen(), /correct|horse/, 'it is not shown')
  terminal.press('Enter')
  t.notMatch(await terminal.shows(/exit 0/), /correct|horse/)

  await home.atmosctl(['daemon', 'stop'])
  const left = run('atmosctl exec -- true')
  await left.shows(/Password of the keyring file/)
  left.press('C-c')
  await t.resolves(left.shows(/atmosctl: Cancelled\.\nexit 130/))
})

t.test('exec gives the program the terminal', unless('tmux'), async (t) => {
  const { home, run } = await place(t)
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  const program = join(home.project, 'program')
  writeFileSync(
    program,
    `#!/bin/sh
trap 'echo caught; exit 5' INT
[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo "a terminal of $(stty size)"
read line && echo "read $line"
while :; do sleep 0.05; done
`,
    { mode: 0o755 },
  )
  const terminal = run(`atmosctl exec -- ${program}`)
  await terminal.shows(/a terminal of 24 80/)
  terminal.type('what was typed')
  terminal.press('Enter')
  await terminal.shows(/^read what was typed$/m)
  terminal.press('C-c')
  await t.resolves(terminal.shows(/caught\nexit 5/))

  const chosen = run(`atmosctl exec -i -- ${program}`)
  await chosen.shows(/to search/)
  chosen.press('Enter')
  await chosen.shows(/a terminal of 24 80/)
  chosen.type('after a selector')
  chosen.press('Enter')
  await chosen.shows(/^read after a selector$/m)
  chosen.press('C-c')
  await t.resolves(chosen.shows(/caught\nexit 5/), 'the selector gave the terminal back as it was')
})
