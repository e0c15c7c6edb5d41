import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { EMERGENCY_KEYS, exampleConfig } from '../cloud/example.ts'
import { USER } from '../cloud/state.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { finished, type TestHome } from '../helpers/house.ts'

/** A browser as a program that is given an address; `script` is what it does there. */
function browserOf(home: TestHome, script: string): string {
  const file = join(home.path, 'browser.mjs')
  const head = `#!${process.execPath}\nimport { writeFileSync } from 'node:fs'\nconst address = process.argv[2]\n`
  writeFileSync(file, `${head}${script}\n`, { mode: 0o755 })
  return file
}

t.test('a sign-in that is refused, and one that nobody confirms', async (t) => {
  const { home, cloud } = await cloudHome(t, { approval: 'manual' })
  const refused = home.atmosctl(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  cloud.deny(cloud.pending()[0] ?? '')
  t.match(await refused, { code: 4, stderr: /The sign-in was refused in the browser\./ })
  cloud.lifetimes({ deviceCodeSeconds: 1 })
  t.match(await home.atmosctl(['login', '--no-browser']), {
    code: 4,
    stderr: /The sign-in code expired before it was confirmed\./,
  })
})

t.test('Ctrl-C ends a sign-in here and in the daemon', async (t) => {
  const { home, cloud } = await cloudHome(t, { approval: 'manual' })
  const login = home.start(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  login.kill('SIGINT')
  t.match(await finished(login), { code: 130, stderr: /Cancelled/ })
  await sleep(300)
  const calls = cloud.calls('CreateToken')
  await sleep(400)
  t.equal(cloud.calls('CreateToken'), calls, 'nobody asks for a token any more')
})

t.test('without a terminal no browser opens, and the address is shown', async (t) => {
  const { home, cloud } = await cloudHome(t)
  const opened = join(home.path, 'opened')
  const BROWSER = browserOf(home, `writeFileSync('${opened}', address)`)
  t.match(await home.atmosctl(['login'], { env: { BROWSER } }), {
    code: 0,
    stderr: /Open {3}http\S+\n[\s\S]*at that address[\s\S]*✓ Signed in/,
  })

  await t.test('authorization code with PKCE, by whoever goes to that address', async (t) => {
    const flow = exampleConfig(cloud.url).replace(
      'region: us-east-1\n',
      'region: us-east-1\n      flow: code\n',
    )
    home.config(flow)
    await home.atmosctl(['logout', '--all'])
    const login = home.start(['login'], { env: { BROWSER } })
    const address = new Promise<string>((resolve) => {
      let shown = ''
      login.stderr?.on('data', (chunk) => {
        shown += chunk
        const found = /Open {3}(http\S+)\n/.exec(shown)?.[1]
        if (found) resolve(found)
      })
    })
    const page = await fetch(await address)
    t.match(await page.text(), /You can close this window/)
    t.match(await finished(login), { code: 0 })
  })
  t.equal(existsSync(opened), false)
})

t.test('three log in at once: one code, one sign-in, three successes', async (t) => {
  const { home, cloud } = await cloudHome(t, { approval: 'manual' })
  const logins = ['dev-admin', 'dev-admin', 'prod-admin'].map((name) => home.atmosctl(['login', '-i', name]))
  while (cloud.pending().length === 0) await sleep(20)
  await sleep(500) // so that all of them wait, and have seen the code
  t.equal(cloud.pending().length, 1)
  const [code = ''] = cloud.pending()
  cloud.approve(code)
  for (const outcome of await Promise.all(logins)) {
    t.match(outcome, { code: 0, stderr: /✓ Signed in/ })
    t.match(outcome.stderr, `Code   ${code}`)
  }
  t.equal(cloud.calls('StartDeviceAuthorization'), 1)
})

t.test('MFA: the code is asked for, and a wrong one is refused', async (t) => {
  const { home, cloud } = await cloudHome(t)
  home.config(
    exampleConfig(cloud.url).replace(
      '      credentials:\n',
      "      credentials:\n        mfa_arn: 'arn:aws:iam::111111111111:mfa/emergency'\n",
    ),
  )
  const login = (input: string) => home.atmosctl(['login', '-i', 'emergency'], { env: EMERGENCY_KEYS, input })
  t.match(await login('000000\n'), { code: 5, stderr: /invalid MFA one time pass code/ })
  t.match(await login('123456\n'), { code: 0, stderr: /✓ Signed in/ })
  t.equal((await home.atmosctl(['exec', '-i', 'emergency', '--', 'true'], { env: EMERGENCY_KEYS })).code, 0)
})

t.test('whoami asks nobody, and says what is wrong', async (t) => {
  const { home, cloud } = await cloudHome(t, { approval: 'manual' })
  const nobody = await home.atmosctl(['whoami', '-i', 'prod-admin'])
  t.match(nobody, { code: 1, stdout: /^✗ No valid credentials for prod-admin\n/, stderr: '' })
  t.equal(cloud.calls('StartDeviceAuthorization'), 0)

  const login = home.atmosctl(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  cloud.approve(cloud.pending()[0] ?? '')
  t.match(await login, { code: 0 })
  cloud.fault({ operation: 'AssumeRole', kind: 'status', status: 403, code: 'AccessDenied' })
  const denied = await home.atmosctl(['whoami', '-i', 'prod-admin', '-f', 'json'])
  t.equal(denied.code, 1)
  t.match(JSON.parse(denied.stdout), {
    valid: false,
    state: 'none',
    principal: 'arn:aws:iam::222222222222:role/ProductionAdmin',
    reason: /^AWS refused to assume/,
  })
  t.match(
    await home.atmosctl(['whoami', '-i', 'emergency']),
    { code: 3, stdout: '' },
    'a fault of the configuration',
  )
  t.match(await home.atmosctl(['whoami', '-i', 'off', '-f', 'json']), { code: 0, stdout: '' })
})

t.test('logout of everything, wherever it came from', async (t) => {
  const { home, cloud } = await cloudHome(t, {}, { keyringPassword: 'correct horse' })
  const keys = JSON.stringify({ access_key_id: USER.accessKeyId, secret_access_key: USER.secretAccessKey })
  const other = join(home.path, 'other')
  mkdirSync(other)
  const config = exampleConfig(cloud.url, 'memory').replace('realm: sandbox', 'realm: other')
  writeFileSync(join(other, 'atmos.yaml'), config.replace(/ {6}credentials:\n(?: {8}.*\n)+/, ''))
  t.match(await home.atmosctl(['login']), { code: 0 })
  t.match(await home.atmosctl(['env']), { code: 0 })
  const there = { cwd: other, input: keys }
  t.match(await home.atmosctl(['exec', '-i', 'prod-admin', '--', 'true'], { cwd: other }), { code: 0 })
  t.match(await home.atmosctl(['user', 'configure', '--stdin'], there), { code: 0 })

  const nowhere = { cwd: home.path } // where there is no configuration
  t.match(await home.atmosctl(['logout', '--all-realms'], nowhere), {
    code: 2,
    stderr: /nobody is here to ask\.\n {2}Look first with --dry-run; then add --force\./,
  })
  const everything = {
    sessions: ['company-sso', 'dev-admin', 'dev-admin', 'prod-admin'],
    grants: 2,
    keys: [{ identity: 'emergency', realm: 'other' }],
  }
  const listed = async (args: string[]) => {
    const { stdout } = await home.atmosctl(['logout', '--all-realms', '-f', 'json', ...args], nowhere)
    const { sessions, grants, keys } = JSON.parse(stdout)
    return { sessions: sessions.map(({ name }: { name: string }) => name).sort(), grants, keys }
  }
  t.strictSame(await listed(['--dry-run']), everything)
  t.equal(cloud.calls('Logout'), 0)
  t.strictSame(await listed(['--dry-run']), everything, 'and nothing was changed')
  t.match(
    (await home.atmosctl(['logout', '--all-realms', '--dry-run'], nowhere)).stdout,
    /^ {2}keys +emergency {4}\(realm other\)$/m,
  )
  t.strictSame(await listed(['--force']), everything)
  t.equal(cloud.calls('Logout'), 1, 'the portal is told')
  t.strictSame(await listed(['--force']), { sessions: [], grants: 0, keys: [] })
  t.match(await home.atmosctl(['exec', '--', 'true']), { code: 4 })
  await home.atmosctl(['daemon', 'stop'])
  t.match(await home.atmosctl(['whoami']), { code: 1 }, 'nothing was left in the keyring file')
})
