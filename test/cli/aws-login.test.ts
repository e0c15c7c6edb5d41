/** aws/user with no keys, as a person has it: signing in to AWS in the browser, here or elsewhere. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { USER } from '../cloud/state.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import type { TestHome } from '../helpers/house.ts'
import { freePort } from '../helpers/port.ts'
import { filesIn, leaks } from '../helpers/secrets.ts'
import { pastedLogin } from '../helpers/signin.ts'
import { commandOnPath, openTerminal, unless } from '../helpers/terminal.ts'

/** So short that it is renewed within a test. */
const LIFE_SECONDS = 3

const config = (url: string) => `auth:
  realm: sandbox
  keyring: { type: file }
  identities:
    me: { kind: aws/user, default: true, spec: { endpoint_url: '${url}' } }
`

type Test = Parameters<typeof cloudHome>[0]

async function place(t: Test, lifetimes = {}) {
  const options = { port: await freePort(), keyringPassword: 'correct horse' }
  return cloudHome(t, { lifetimes }, options, config)
}

const whoami = async (home: TestHome) =>
  JSON.parse((await home.atmosctl(['whoami', '-f', 'json'])).stdout) as Record<string, string>

t.test('the browser opens, and comes back', unless('tmux'), async (t) => {
  const { home, cloud } = await place(t)
  commandOnPath(home)
  const BROWSER = join(home.path, 'browser.mjs')
  writeFileSync(BROWSER, `#!${process.execPath}\nawait fetch(process.argv[2])\n`, { mode: 0o755 })
  const terminal = openTerminal(['sh'], { cwd: home.project, env: { ...home.env, BROWSER } })
  t.teardown(() => terminal.close())
  terminal.type('clear; atmosctl login')
  terminal.press('Enter')
  const screen = await terminal.shows(/✓ Signed in[\s\S]*Expires.*\n/)
  t.match(screen, /Signing in to me \(aws\/user\)/)
  t.match(screen, /Principal {2}arn:aws:iam::111111111111:user\/emergency/)
  t.notMatch(screen, /Code that/)
  t.equal((await home.atmosctl(['exec', '--', 'true'])).code, 0)
  t.equal(cloud.calls('CreateOAuth2Token'), 1)
})

t.test('a browser elsewhere: the code is entered here', async (t) => {
  const { home, cloud } = await place(t)
  const { address, outcome } = await pastedLogin(home, 'me')
  t.match(address, /client_id=arn%3Aaws%3Asignin%3A%3A%3Adevtools%2Fcross-device/)
  t.match(outcome, { code: 0, stderr: /Code that the browser shows[\s\S]*✓ Signed in/ })
  t.match(await whoami(home), { valid: true, principal: USER.arn, account: USER.account })

  await t.test('list and console have the right words', async (t) => {
    t.match(await home.atmosctl(['list', '-f', 'table']), { code: 0, stdout: /me .*aws\/user/ })
    t.match(await home.atmosctl(['console', '--print-only']), {
      code: 3,
      stderr: /"me" cannot open a console\. AWS lets roles[\s\S]*browser that signed in/,
    })
  })

  await t.test('the sign-in outlives the daemon, and nothing of it is readable on the disk', async (t) => {
    await home.atmosctl(['daemon', 'stop'])
    t.match(await whoami(home), { valid: true })
    const state = join(home.path, '.local', 'share', 'atmosd')
    t.strictSame(leaks(filesIn(state), cloud.secrets()), [])
    t.match(readFileSync(join(state, 'daemon.log'), 'utf8'), /"session minted"/)
  })

  await t.test('a sign-out ends it', async (t) => {
    t.match(await home.atmosctl(['logout']), { code: 0 })
    t.match(await home.atmosctl(['exec', '--', 'true']), {
      code: 4,
      stderr: /There are no keys, and nobody is signed in to AWS\.\n {2}Run `atmosctl login -i me`\./,
    })
  })
})

t.test('renewed behind a tool’s back, by another daemon too', async (t) => {
  const { home, cloud } = await place(t, { signinKeysSeconds: LIFE_SECONDS })
  t.equal((await pastedLogin(home, 'me')).outcome.code, 0)
  await home.atmosctl(['daemon', 'stop'])
  await sleep(LIFE_SECONDS * 1000 + 200)
  t.match(await home.atmosctl(['exec', '--', 'true']), { code: 0 })
  t.match(await whoami(home), { valid: true, principal: USER.arn })
  t.ok(cloud.calls('CreateOAuth2Token') >= 2)
  t.equal(cloud.calls('SigninAuthorize'), 2, 'the page and the code, once')

  cloud.changePassword()
  await sleep(LIFE_SECONDS * 1000 + 200)
  t.match(await home.atmosctl(['exec', '--', 'true']), {
    code: 4,
    stderr:
      /The sign-in to AWS is over: the password of the user was changed\.\n {2}Run `atmosctl login -i me`\./,
  })
  t.match(await home.atmosctl(['login']), { code: 4, stderr: /nobody may be asked: Code that/ })
})
