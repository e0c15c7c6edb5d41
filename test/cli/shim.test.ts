/** What starts atmosctl and atmosd, under a Node that is too old for them. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ATMOSCTL, ATMOSD, finished, testHome } from '../helpers/house.ts'

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
