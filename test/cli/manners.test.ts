/** How commands behave where nobody listens, nothing runs, or colour is forced; whole processes. */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import { ATMOSCTL, finished, testHome } from '../helpers/house.ts'

const PAINT = '\u001b['

t.test('manners', async (t) => {
  const home = testHome()
  home.config(exampleConfig('http://127.0.0.1:1'))
  t.teardown(() => home.remove())
  const state = join(home.path, '.local', 'share', 'atmosd')

  await t.test('no daemon, and no log or an empty one', async (t) => {
    const none = {
      code: 6,
      stdout: '',
      stderr: /^atmosctl: The daemon does not answer on .*\n {2}Start it: /,
    }
    for (const args of [['status'], ['status', '-f', 'json'], ['daemon', 'status']])
      t.match(await home.atmosctl(args), none, args.join(' '))
    t.match(await home.atmosctl(['daemon', 'logs']), {
      code: 0,
      stdout: '',
      stderr: /^There is no log yet at .*daemon\.log\.\n$/,
    })
    mkdirSync(state, { recursive: true, mode: 0o700 })
    writeFileSync(join(state, 'daemon.log'), '', { mode: 0o600 })
    t.match(await home.atmosctl(['daemon', 'logs']), {
      code: 0,
      stdout: '',
      stderr: /^The log at .*daemon\.log is empty\.\n$/,
    })
    t.match(await home.atmosctl(['daemon', 'statsu']), {
      code: 2,
      stderr: /Did you mean `atmosctl daemon status`\?/,
    })
    t.match(await home.atmosctl(['daemon', 'start', 'now']), { code: 2, stderr: /needs one of/ })
  })

  await t.test(
    'a reader that has gone is no failure; what fails still says so by its exit code',
    async (t) => {
      t.equal((await home.atmosctl(['list'])).code, 0, 'a daemon runs')
      const gone = async (args: string[], stream: 'stdout' | 'stderr') => {
        const child = spawn(process.execPath, [ATMOSCTL, ...args], { cwd: home.project, env: home.env })
        child[stream].destroy()
        const { code, stderr } = await finished(child)
        return { code, stderr }
      }
      for (const args of [['list'], ['list', '-f', 'json'], ['--help'], ['status'], ['completion', 'bash']])
        t.strictSame(await gone(args, 'stdout'), { code: 0, stderr: '' }, args.join(' '))
      t.strictSame(await gone(['exec', '--', 'true'], 'stderr'), { code: 4, stderr: '' })
    },
  )

  await t.test('the daemon as JSON', async (t) => {
    const [one, other] = await Promise.all(
      [['status'], ['daemon', 'status']].map(async (args) => {
        const { stdout } = await home.atmosctl([...args, '--format', 'json'])
        return JSON.parse(stdout) as Record<string, unknown>
      }),
    )
    t.match(one, { pid: Number, listen: /^127\.0\.0\.1:\d+$/ })
    t.strictSame([one?.sessions, one?.grants], [[], []])
    t.strictSame(Object.keys(other ?? {}), Object.keys(one ?? {}))
    t.match(await home.atmosctl(['daemon', 'status', '-f', 'xml']), {
      code: 2,
      stderr: /There is no format "xml"/,
    })
  })

  await t.test('colour', async (t) => {
    for (const [args, env, expected] of [
      [['whoami'], {}, false],
      [['whoami'], { FORCE_COLOR: '1' }, true],
      [['whoami'], { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
      [['whoami', '--no-color'], { FORCE_COLOR: '1' }, false],
      [['--no-color', 'whoami'], { FORCE_COLOR: '1' }, false],
      [['--help'], { FORCE_COLOR: '1' }, true],
      [['--help', '--no-color'], { FORCE_COLOR: '1' }, false],
    ] as const) {
      const { stdout, stderr } = await home.atmosctl([...args], { env })
      t.equal(`${stdout}${stderr}`.includes(PAINT), expected, `${args.join(' ')} ${JSON.stringify(env)}`)
    }
  })
})
