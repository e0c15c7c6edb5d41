/** `atmosctl console` for Azure and Google Cloud, whose consoles take no sign-in but the browser's own. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import { type Clouds, cloudsPlace } from '../helpers/clouds.ts'
import { eventually } from '../helpers/eventually.ts'
import { openTerminal, unless } from '../helpers/terminal.ts'

const PORTAL = `https://portal.azure.com/#@${TENANT.id}`
const OVERVIEW = `${PORTAL}/resource/subscriptions/${SUBSCRIPTIONS.development}/overview`
const GOOGLE = 'https://console.cloud.google.com/'
const OWN = 'The browser needs a sign-in of its own there.\n'

/** A browser that writes down how it was called. */
function browser({ path }: Clouds, name: string): { file: string; opened(): Promise<string[]> } {
  const file = join(path, 'bin', name)
  const calls = `${file}.calls`
  writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "$@" > '${calls}.new'\nmv '${calls}.new' '${calls}'\n`)
  chmodSync(file, 0o755)
  return {
    file,
    async opened() {
      await eventually(async () => existsSync(calls))
      const found = readFileSync(calls, 'utf8').trim().split('\n')
      rmSync(calls)
      return found
    },
  }
}

t.test('nobody need be signed in, and without a terminal it is said what to open', async (t) => {
  const at = await cloudsPlace(t)
  const { code, stdout, stderr } = await at.atmosctl(['console'])
  t.match({ code, stdout }, { code: 0, stdout: '' })
  t.equal(
    stderr,
    `Console of sub\n\n  Provider  contoso\n  Identity  sub\n  Account   ${SUBSCRIPTIONS.development}\n\n  Open   ${OVERVIEW}\n\n${OWN}`,
  )
  t.equal(
    (await at.atmosctl(['console', '-i', 'sub', '--print-only', '--destination', 'home'])).stdout,
    `${PORTAL}\n`,
  )
  const google = () => at.atmosctl(['console', '-i', 'me', '--print-only', '--destination', 'gke'])
  t.equal((await google()).stdout, `${GOOGLE}kubernetes/list?project=my-project\n`)
  await at.does('login', '-i', 'me')
  t.match(await google(), {
    stdout: `${GOOGLE}kubernetes/list?project=my-project&authuser=dev%40example.com\n`,
    stderr: '',
  })
  t.match(await at.atmosctl(['console', '-i', 'robot', '--print-only']), {
    stdout: `${GOOGLE}home/dashboard?project=my-project\n`,
  })
  t.equal(at.cloud.calls('GoogleToken'), 1, 'the sign-in alone asked Google')

  t.match(await at.atmosctl(['console', '--duration', '1h']), {
    code: 0,
    stderr: /^atmosctl: --duration has no effect: the browser has a sign-in of its own there\.\n/,
  })
  t.match(await at.atmosctl(['console', '--destination', 'https://portal.azure.us/']), {
    code: 2,
    stderr: /is on portal\.azure\.us, which is not the console/,
  })
})

t.test(
  'in a terminal the browser opens, in a profile of its own where that is wanted',
  unless('tmux'),
  async (t) => {
    const at = await cloudsPlace(t)
    const [usual, chromium] = ['usual', 'chromium'].map((name) => browser(at, name)) as [
      ReturnType<typeof browser>,
      ReturnType<typeof browser>,
    ]
    mkdirSync(join(at.path, 'data'))
    const env = { ...at.env, BROWSER: usual.file, PS1: '$ ', XDG_DATA_HOME: join(at.path, 'data') }
    const terminal = openTerminal(['sh'], { cwd: at.project, env })
    t.teardown(terminal.close)
    const run = async (args: string) => {
      terminal.type(`clear; atmosctl console ${args}`)
      terminal.press('Enter')
      const screen = await terminal.shows(/✓ Opened in the browser\n.*own there\./)
      for (const line of screen.split('\n')) t.ok(line.length <= 80, line)
      return screen
    }
    t.match(
      await run('-i sub'),
      /Console of sub\n\n {2}Provider {2}contoso\n[\s\S]*\n {2}Opens {5}https:\/\/portal\.azure/,
    )
    t.strictSame(await usual.opened(), [OVERVIEW])
    t.match(
      await run('-i me --destination gke'),
      /Project {3}my-project\n {2}Opens {5}https:\/\/console\.cloud\.google/,
    )
    t.strictSame(await usual.opened(), [`${GOOGLE}kubernetes/list?project=my-project`])
    const profiles = new Set<string>()
    for (const identity of ['sub', 'me']) {
      await run(`-i ${identity} --isolated`)
      const [data = '', , , address] = await chromium.opened()
      profiles.add(data)
      t.match(data, /^--user-data-dir=\S+\/console\/[0-9a-f]{16}$/)
      t.match(address, identity === 'sub' ? OVERVIEW : GOOGLE)
    }
    t.equal(profiles.size, 2, 'one for each identity')
  },
)
