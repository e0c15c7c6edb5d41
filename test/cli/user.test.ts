/** Keys of an IAM user in the keyring: given once, used from then on, changed, refused and forgotten. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startCloud } from '../cloud/cloud.ts'
import { USER } from '../cloud/state.ts'
import { type TestHome, testHome } from '../helpers/house.ts'
import { filesIn, leaks } from '../helpers/secrets.ts'

const cloud = await startCloud()
t.teardown(() => cloud.close())

const KEYS = { access_key_id: USER.accessKeyId, secret_access_key: USER.secretAccessKey }
const MFA = 'arn:aws:iam::111111111111:mfa/emergency'

function configOf(identities: string, keyring: 'memory' | 'file' = 'file'): string {
  return `auth:
  realm: sandbox
  keyring: { type: ${keyring} }
  identities:
${identities}`
}

const user = (name: string, more = '') =>
  `    ${name}: { kind: aws/user, spec: { endpoint_url: '${cloud.url}' }${more} }\n`
const role = `    role:
      kind: aws/assume-role
      via: { identity: emergency }
      principal: { assume_role: 'arn:aws:iam::222222222222:role/Production' }
      spec: { endpoint_url: '${cloud.url}' }
`

function place(config: string): TestHome {
  const home = testHome({ keyringPassword: 'correct horse' })
  home.config(config)
  t.teardown(() => home.remove())
  return home
}

const configure = (home: TestHome, keys: object, args: string[] = []) =>
  home.atmosctl(['user', 'configure', '--stdin', ...args], { input: JSON.stringify(keys) })
const whoami = async (home: TestHome, name: string) =>
  JSON.parse((await home.atmosctl(['whoami', '-i', name, '-f', 'json'])).stdout) as Record<string, string>

t.test('from no keys to keys and back', async (t) => {
  const home = place(configOf(user('emergency', ', credentials: { webflow_enabled: false }') + role))

  await t.test('without keys, every command says which one gives them', async (t) => {
    const hint =
      /The identity "emergency" has no keys yet\.\n {2}Run `atmosctl user configure -i emergency`\./
    t.match(await home.atmosctl(['exec', '-i', 'emergency', '--', 'true']), { code: 4, stderr: hint })
    t.match(await home.atmosctl(['exec', '-i', 'role', '--', 'true']), { code: 4, stderr: hint })
    t.match(await home.atmosctl(['login', '-i', 'emergency']), { code: 4, stderr: hint })
    t.match(await whoami(home, 'emergency'), {
      valid: false,
      principal: 'user with keys in the keyring',
      hint: 'Run `atmosctl user configure -i emergency`.',
    })
    t.match(await home.atmosctl(['validate']), { code: 0 })
  })

  await t.test('given on standard input, they are used', async (t) => {
    t.match(await configure(home, KEYS), {
      code: 0,
      stdout: '',
      stderr: '✓ Keys of emergency are in the keyring.\n',
    })
    t.match(await whoami(home, 'emergency'), { valid: true, principal: USER.arn, account: '111111111111' })
    t.equal((await home.atmosctl(['exec', '-i', 'role', '--', 'true'])).code, 0)
  })

  await t.test('and nothing of them is on the disk in plain text, nor in any log', async (t) => {
    const state = join(home.path, '.local', 'share', 'atmosd')
    t.strictSame(leaks(filesIn(state), [USER.secretAccessKey]), [])
    t.match(readFileSync(join(state, 'daemon.log'), 'utf8'), /"identity":"emergency".*"msg":"keys entrusted"/)
  })

  await t.test('they outlive the daemon', async (t) => {
    await home.atmosctl(['logout', '--all'])
    await home.atmosctl(['daemon', 'stop'])
    t.match(await whoami(home, 'emergency'), { valid: true })
  })

  await t.test('new keys end the sessions of the old', async (t) => {
    const wrong = { ...KEYS, access_key_id: 'AKIAREPLACED00000000' }
    t.equal((await home.atmosctl(['exec', '-i', 'role', '--', 'true'])).code, 0)
    t.match(await configure(home, wrong), { code: 0 })
    for (const name of ['emergency', 'role'])
      t.match(await home.atmosctl(['exec', '-i', name, '--', 'true']), {
        code: 5,
        stderr: /InvalidClientTokenId[\s\S]*\n {2}Give the new keys: `atmosctl user configure`/,
      })
    t.match(await configure(home, { ...KEYS, session_duration: '15m', mfa_arn: '' }), { code: 0 })
    const { expiration = '' } = await whoami(home, 'emergency')
    const left = Date.parse(expiration) - Date.now()
    t.ok(left > 800_000 && left <= 900_000, `a quarter of an hour: ${left} ms`)
  })

  await t.test('with MFA, a sign-in asks for the code', async (t) => {
    t.match(await configure(home, { ...KEYS, mfa_arn: MFA }), { code: 0 })
    t.match(await whoami(home, 'emergency'), { valid: false, hint: 'Run `atmosctl login -i emergency`.' })
    t.match(await home.atmosctl(['login', '-i', 'emergency'], { input: '123456\n' }), {
      code: 0,
      stderr: new RegExp(`MFA code of ${MFA}`),
    })
    t.match(await home.atmosctl(['logout', 'emergency']), { code: 0 })
    t.match(await home.atmosctl(['login', '-i', 'emergency'], { input: '\n' }), {
      code: 4,
      stderr: /nobody may be asked: MFA code of arn.*\.\n {2}Sign in on a terminal/,
    })
  })

  await t.test('forgotten', async (t) => {
    t.match(await home.atmosctl(['user', 'forget']), {
      code: 0,
      stderr: '✓ Keys of emergency are forgotten.\n',
    })
    t.match(await home.atmosctl(['user', 'forget']), { code: 0, stderr: /There were no keys of emergency/ })
    t.match(await whoami(home, 'emergency'), { valid: false, hint: /user configure/ })
  })
})

t.test('whose keys', async (t) => {
  const full = `, credentials: { access_key_id: ${USER.accessKeyId}, secret_access_key: '${USER.secretAccessKey}' }`

  await t.test('two identities alike do not share theirs', async (t) => {
    const home = place(configOf(user('one') + user('two')))
    t.match(await configure(home, KEYS), {
      code: 3,
      stderr: /2 identities live on keys of a user\.\n {2}Name one with -i: one, two\./,
    })
    t.match(await configure(home, KEYS, ['-i', 'one']), { code: 0 })
    t.match(await whoami(home, 'one'), { valid: true })
    t.match(await whoami(home, 'two'), { valid: false })
    const ignored = { input: JSON.stringify(KEYS), env: { ATMOS_IDENTITY: 'one' } }
    t.match(
      await home.atmosctl(['user', 'configure', '--stdin'], ignored),
      { code: 3 },
      'ATMOS_IDENTITY is not for this',
    )
  })

  await t.test('keys in the configuration win, and configure refuses', async (t) => {
    const home = place(configOf(user('emergency'), 'memory'))
    t.match(await configure(home, KEYS), {
      code: 0,
      stderr: /which is in memory: they go with the daemon\.\n$/,
    })
    home.config(configOf(user('emergency', full), 'memory'))
    t.match(await configure(home, KEYS), {
      code: 3,
      stderr: /The configuration has the keys of "emergency", and those are used\.\n {2}Remove/,
    })
    t.match(await whoami(home, 'emergency'), { valid: true })
    t.match(
      await home.atmosctl(['user', 'forget']),
      { code: 0, stderr: /are forgotten/ },
      'the old ones can go',
    )
  })

  await t.test('no identity for it, and one of another kind', async (t) => {
    const home = place(configOf(user('emergency') + role))
    t.match(await configure(home, KEYS, ['-i', 'role']), {
      code: 3,
      stderr: /"role" is aws\/assume-role, which lives on no keys.*\n {2}Identities that do: emergency\./,
    })
    home.config(configOf('').replace('  identities:\n', ''))
    t.match(await configure(home, KEYS), { code: 3, stderr: /Add one of kind aws\/user/ })
  })

  await t.test('one key alone is a problem', async (t) => {
    const home = place(configOf(user('emergency', `, credentials: { access_key_id: ${USER.accessKeyId} }`)))
    t.match(await home.atmosctl(['validate']), {
      code: 1,
      stdout: /emergency\.credentials needs both access_key_id and secret_access_key, or neither\./,
    })
  })
})

t.test('what is no set of keys is refused, and not repeated', async (t) => {
  const home = place(configOf(user('emergency')))
  const input = (text: string) => home.atmosctl(['user', 'configure', '--stdin'], { input: text })
  for (const [name, text, said] of [
    ['nothing', '', /is no JSON object/],
    ['half of it', '{"secret_access_key": "TOP-SECRET', /is no JSON object/],
    ['a list', '["TOP-SECRET"]', /is no JSON object/],
    [
      'another name',
      JSON.stringify({ ...KEYS, session_token: 'TOP-SECRET' }),
      /has no setting session_token/,
    ],
    ['no secret', JSON.stringify({ access_key_id: USER.accessKeyId }), /secret_access_key is empty/],
    ['no id', JSON.stringify({ ...KEYS, access_key_id: 'TOP-SECRET' }), /access_key_id is no access key id/],
    [
      'a session',
      JSON.stringify({ ...KEYS, access_key_id: USER.accessKeyId.replace('AKIA', 'ASIA') }),
      /belongs to a temporary session/,
    ],
    ['a long session', JSON.stringify({ ...KEYS, session_duration: '2d' }), /must be from 15m to 36h/],
    ['no duration', JSON.stringify({ ...KEYS, session_duration: '1.5h' }), /is not a duration/],
    ['no device', JSON.stringify({ ...KEYS, mfa_arn: 'x y' }), /is no ARN of an MFA device/],
  ] as const) {
    const { code, stderr, stdout } = await input(text)
    t.match({ code, stdout }, { code: 2, stdout: '' }, name)
    t.match(stderr, said, name)
    t.notMatch(stderr, /TOP-SECRET/, name)
  }
  t.match(await home.atmosctl(['user', 'configure']), { code: 2, stderr: /asks its questions on a terminal/ })
  t.match(await home.atmosctl(['user']), { code: 2, stderr: /user needs one of configure, forget/ })
  t.match(await home.atmosctl(['user', 'configure', 'emergency']), { code: 2, stderr: /named with -i/ })
})
