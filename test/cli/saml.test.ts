/** aws/saml as a person uses it: each driver, a program that asks AWS who it is, and no secret left anywhere. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startCloud } from '../cloud/cloud.ts'
import { startIdp } from '../cloud/identity-provider.ts'
import { DEPLOY, PERSON } from '../cloud/idp-state.ts'
import { chromium } from '../helpers/browser.ts'
import { ATMOSCTL, type Outcome, type TestHome, testHome } from '../helpers/house.ts'
import { filesIn, leaks, type Place } from '../helpers/secrets.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { onPath, skipUnless } from '../helpers/tools.ts'

const SDK = join(import.meta.dirname, '..', 'clients', 'programs', 'sdk.ts')
const { name, password, code } = PERSON
const KEYRING = 'correct horse battery'

const DRIVERS = [
  ['okta', 'Okta', '/okta/app/amazon_aws/abc/sso/saml', ''],
  ['adfs', 'ADFS', '/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices', ''],
  ['google', 'GoogleApps', '/google/sso', ''],
  ['browser', 'Browser', '/app', ', headless: true'],
] as const

function config(idp: string, cloud: string): string {
  const providers = DRIVERS.map(
    ([id, driver, path, more]) =>
      `    ${id}: { kind: aws/saml, region: us-east-1, url: '${idp}${path}', driver: ${driver}, username: ${name}, browser_executable_path: ${chromium?.path ?? '/usr/bin/chromium'}, spec: { endpoint_url: '${cloud}'${more} } }`,
  )
  const identities = DRIVERS.map(
    ([id]) =>
      `    ${id}-deploy: { kind: aws/assume-role, via: { provider: ${id} }, principal: { assume_role: '${DEPLOY}' } }`,
  )
  return `auth:
  realm: office
  keyring: { type: file }
  providers:
${providers.join('\n')}
  identities:
${identities.join('\n')}
    missing: { kind: aws/assume-role, via: { provider: okta }, principal: { assume_role: 'arn:aws:iam::222222222222:role/Missing' } }
`
}

async function office(t: { teardown(work: () => Promise<void>): void }) {
  const [idp, cloud] = [await startIdp(), await startCloud()]
  const home = testHome({ keyringPassword: KEYRING })
  home.config(config(idp.url, cloud.url))
  home.env.ATMOSD_LOG_LEVEL = 'trace'
  t.teardown(async () => {
    await home.remove()
    await cloud.close()
    await idp.close()
  })
  return { idp, cloud, home }
}

/** What STS says of who a program is, by the SDK's own default credentials. */
async function whoIs(home: TestHome, identity: string, cloud: string): Promise<Outcome> {
  return home.atmosctl(['exec', '-i', identity, '--', process.execPath, SDK], {
    env: { AWS_ENDPOINT_URL_STS: cloud, AWS_REGION: 'us-east-1' },
    input: '0\n',
  })
}

t.test('each driver, and a program with what it got', async (t) => {
  const { idp, cloud, home } = await office(t)
  const said: Outcome[] = []
  for (const [id] of DRIVERS) {
    if (id === 'browser' && skipUnless(chromium !== undefined, 'chromium')) continue
    const identity = `${id}-deploy`
    const login = await home.atmosctl(['login', '-i', identity], { input: `${password}\n` })
    t.equal(login.code, 0, login.stderr)
    t.match(login.stderr, new RegExp(`✓ Signed in\\n\\n[\\s\\S]*Provider +${id}\\n`))
    const who = await whoIs(home, identity, cloud.url)
    t.match(who.stdout, /assumed-role\/Deploy\/jo@example\.com/, id)
    said.push(login, who)
  }
  t.equal(cloud.calls('AssumeRole'), 0, 'each role is assumed once')

  await t.test('a role that the assertion does not offer', async (t) => {
    const refused = await home.atmosctl(['login', '-i', 'missing'])
    t.match(refused, { code: 5, stderr: /does not offer you .*Missing[\s\S]*It offers .*Deploy, .*Read/ })
    t.match(await whoIs(home, 'okta-deploy', cloud.url), { stdout: /Deploy/ }, 'what is valid stays')
    said.push(refused)
  })

  await t.test('no secret outside the keyring', async (t) => {
    const { pid } = JSON.parse((await home.atmosctl(['status', '-f', 'json'])).stdout) as { pid: number }
    const places: Place[] = [
      ...filesIn(home.path),
      ...said.map(({ stdout, stderr }, index): Place => [`command ${index}`, stdout + stderr]),
      ['the command line of the daemon', readFileSync(`/proc/${pid}/cmdline`, 'latin1')],
    ]
    t.match(places.map(([path]) => path).join(), /belongings.*Cookies/, 'the profile is among them')
    t.strictSame(leaks(places, [...idp.secrets(), ...cloud.secrets(), KEYRING]), [])
  })
})

t.test(
  'in the browser of the machine',
  { skip: skipUnless(chromium !== undefined, 'chromium') },
  async (t) => {
    const { idp, cloud, home } = await office(t)
    idp.knobs.lifeSeconds = 2
    t.match(await home.atmosctl(['login', '-i', 'browser-deploy']), { code: 0 })
    idp.knobs.presses = false

    await t.test('renewed by what the profile knows, with nobody asked', async (t) => {
      await expire(home)
      t.match(await whoIs(home, 'browser-deploy', cloud.url), { stdout: /Deploy/ })
      t.equal(idp.calls('password'), 1)
      t.equal(cloud.calls('AssumeRoleWithSAML'), 2)
    })

    await t.test('until the identity provider wants a person', async (t) => {
      idp.signOut()
      await expire(home)
      t.match(await home.atmosctl(['exec', '-i', 'browser-deploy', '--', 'true'], { input: '' }), {
        code: 4,
        stderr: /sign-in at 127\.0\.0\.1:\d+ has ended[\s\S]*atmosctl login/,
      })
    })

    await t.test('a sign-out forgets the profile', async (t) => {
      const profiles = () => filesIn(home.path).filter(([path]) => path.includes('belongings')).length
      t.ok(profiles() > 0)
      t.match(await home.atmosctl(['logout', '--provider', 'browser']), { code: 0 })
      t.equal(profiles(), 0)
    })

    /** The role is dropped, and the assertion is over. */
    async function expire(home: TestHome): Promise<void> {
      await home.atmosctl(['logout', '-i', 'browser-deploy'])
      await sleep(2_100)
    }
  },
)

t.test('on a terminal', { skip: skipUnless(onPath('tmux').length > 0, 'tmux') }, async (t) => {
  const { idp, home } = await office(t)
  idp.knobs.factor = 'totp'
  const terminal = await loginIn(home, 'adfs-deploy')
  await terminal.shows(/Password of jo@example\.com at 127\.0\.0\.1:\d+/)
  terminal.type(password)
  terminal.press('Enter')
  const asked = await terminal.shows(/Code for 127\.0\.0\.1/)
  t.notMatch(asked, new RegExp(password))
  terminal.type('000000')
  terminal.press('Enter')
  await terminal.shows(/code was refused/)
  terminal.type(code)
  terminal.press('Enter')
  await terminal.shows(/✓ Signed in/)

  idp.knobs.factor = 'push'
  idp.knobs.push = { looks: 2, result: 'SUCCESS', number: 42 }
  const phone = await loginIn(home, 'okta-deploy')
  await phone.shows(/Password of/)
  phone.type(password)
  phone.press('Enter')
  await phone.shows(/Choose 42 on your phone \((?:5m|4m\d+s) left\)/)
  await phone.shows(/✓ Signed in/)

  async function loginIn(home: TestHome, identity: string) {
    const terminal = openTerminal(
      ['sh', '-c', `'${process.execPath}' '${ATMOSCTL}' login -i ${identity}; sleep 30`],
      {
        cwd: home.project,
        env: home.env,
      },
    )
    t.teardown(() => terminal.close())
    return terminal
  }
})
