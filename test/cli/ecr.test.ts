/** ECR by the commands and by Docker's protocol: real processes on the sandbox cloud. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { USER } from '../cloud/state.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { ATMOSCTL, finished, type Outcome, type TestHome } from '../helpers/house.ts'
import { filesIn, leaks } from '../helpers/secrets.ts'
import { openTerminal, unless } from '../helpers/terminal.ts'

const HELPER = join(import.meta.dirname, '..', '..', 'client', 'bin', 'docker-credential-atmos.cjs')
const DEV = '111111111111.dkr.ecr.us-east-2.amazonaws.com'
const FIPS = '111111111111.dkr.ecr-fips.us-east-2.amazonaws.com'
const CHINA = '222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn'
const MANUAL = '333333333333.dkr.ecr.eu-west-1.amazonaws.com'
const NOT_FOUND = 'credentials not found in native keychain\n'
const PASSWORD = 'correct horse battery'

const integrations = `  integrations:
    dev/ecr:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { registry: { account_id: "111111111111", region: us-east-2 } }
    everyone:
      kind: aws/ecr-public
      via: { provider: company-sso }
    prod/ecr:
      kind: aws/ecr
      via: { identity: prod-admin }
      spec: { auto_provision: true, registry: { account_id: "222222222222", region: cn-north-1 } }
    by-hand:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { auto_provision: false, registry: { account_id: "333333333333", region: eu-west-1 } }
    keys/ecr:
      kind: aws/ecr
      via: { identity: emergency }
      spec: { registry: { account_id: "444444444444", region: us-gov-west-1 } }
`

interface Place extends TestHome {
  cloud: Awaited<ReturnType<typeof startCloud>>
  /** Runs the helper as Docker does. */
  helper(word: string, input?: string, env?: Record<string, string>): Promise<Outcome>
  docker(): { credHelpers?: Record<string, string>; auths?: Record<string, { auth: string }> }
}

/** A home with integrations, a vault, and the helper on the PATH. */
async function place(t: Test, keyring: 'memory' | 'file' = 'file'): Promise<Place> {
  const integrated = (url: string) => exampleConfig(url, keyring) + integrations
  const { home, cloud } = await cloudHome(t, {}, { keyringPassword: PASSWORD }, integrated)
  const bin = join(home.path, 'bin')
  mkdirSync(bin)
  symlinkSync(HELPER, join(bin, 'docker-credential-atmos'))
  home.env.PATH = `${bin}:${home.env.PATH}`
  const config = join(home.path, '.docker', 'config.json')
  return {
    ...home,
    cloud,
    helper: (word, input = '', env = {}) =>
      finished(
        spawn(join(bin, 'docker-credential-atmos'), word === '' ? [] : [word], {
          cwd: '/',
          env: { ...home.env, ...env },
        }),
        input,
      ),
    docker: () => JSON.parse(readFileSync(config, 'utf8')) as ReturnType<Place['docker']>,
  }
}

t.test('a sign-in lets Docker in, the protocol does the rest, and a sign-out ends both', async (t) => {
  const at = await place(t)
  const login = await at.atmosctl(['login', '--no-browser'])
  t.equal(login.code, 0)
  t.match(login.stderr, `✓ dev/ecr: Docker asks atmosd for tokens for\n  ${DEV}\n  ${FIPS}\n`)
  t.match(login.stderr, '✓ everyone: Docker asks atmosd for tokens for\n  public.ecr.aws\n')
  t.notMatch(login.stderr, /by-hand|prod|PATH/, 'neither what is off nor what is of another identity')
  const all = { [DEV]: 'atmos', [FIPS]: 'atmos', 'public.ecr.aws': 'atmos' }
  t.strictSame(at.docker(), { credHelpers: all })
  t.equal(statSync(join(at.path, '.docker', 'config.json')).mode & 0o777, 0o600)
  const again = await at.atmosctl(['login', '--no-browser'])
  t.notMatch(again.stderr, /Docker/, 'nothing is said where nothing changed')

  at.cloud.resetCalls()
  const asked = await at.helper('get', DEV)
  const answer = JSON.parse(asked.stdout) as Record<string, string>
  type Case = [word: string, input: string, code: number, stdout: string | RegExp]
  const said = async (t: Test, cases: Case[]) => {
    for (const [word, input, code, stdout] of cases)
      t.match(await at.helper(word, input), { code, stdout, stderr: '' }, `${word} ${input}`)
  }

  await t.test('215: three keys, and a token that ECR gave', async (t) => {
    t.equal(asked.code, 0, asked.stdout)
    t.strictSame(Object.keys(answer), ['ServerURL', 'Username', 'Secret'])
    t.match(answer, { ServerURL: DEV, Username: 'AWS' })
    t.ok(at.cloud.secrets().includes(answer.Secret ?? ''))
    const open = JSON.parse((await at.helper('get', 'public.ecr.aws')).stdout) as typeof answer
    t.not(open.Secret, answer.Secret, 'each integration has a token of its own')
    t.equal(at.cloud.calls(), 0, 'all of it was there')
  })

  await t.test('216: the host is the same however it is written', async (t) => {
    for (const written of [
      `https://${DEV}`,
      `${DEV}\n`,
      `https://${DEV}/v2/\r\n`,
      `  ${DEV.toUpperCase()}/x`,
    ]) {
      const { stdout } = await at.helper('get', written)
      t.strictSame(JSON.parse(stdout), { ...answer, ServerURL: written.trim() }, written)
    }
  })

  await t.test('217: of an unknown host nothing is known, in the words for which Docker goes on', (t) =>
    said(t, [['get', 'ghcr.io', 1, NOT_FOUND]]),
  )

  await t.test('219: no host', (t) =>
    said(t, [
      ['get', '', 1, 'no credentials server URL\n'],
      ['get', ' \n', 1, 'no credentials server URL\n'],
      ['get', 'https://', 1, /./],
      ['erase', '', 1, 'no credentials server URL\n'],
    ]),
  )

  await t.test('220: all hosts are listed, within a tenth of a second beside Node’s own start', async (t) => {
    const urls = [DEV, FIPS, 'public.ecr.aws'].map((host) => [`https://${host}`, 'AWS'])
    let [best, bare] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let turn = 0; turn < 8; turn++) {
      const begun = performance.now()
      const { code, stdout } = await at.helper('list', 'unused')
      best = Math.min(best, performance.now() - begun)
      t.equal(code, 0)
      t.same(JSON.parse(stdout), Object.fromEntries(urls))
      const again = performance.now()
      await finished(spawn(process.execPath, ['-e', '0']))
      bare = Math.min(bare, performance.now() - again)
    }
    t.ok(best - bare < 100, `${Math.round(best)} ms, Node alone ${Math.round(bare)} ms`)
  })

  await t.test('221: what is ours is stored and erased without anything happening', async (t) => {
    const theirs = JSON.stringify({ ServerURL: 'ghcr.io', Username: 'me', Secret: 'x' })
    const mine = JSON.stringify({ ...answer, Secret: 'stored-by-hand' })
    await said(t, [
      ['store', mine, 0, ''],
      ['store', theirs, 1, /keeps no credentials/],
      ['store', JSON.stringify({ Username: 'me', Secret: 'x' }), 1, 'no credentials server URL\n'],
      ['store', JSON.stringify({ ServerURL: DEV, Secret: 'x' }), 1, 'no credentials username\n'],
      ['store', 'not JSON', 1, /./],
      ['erase', DEV, 0, ''],
      ['erase', 'ghcr.io', 0, ''],
    ])
    t.match(await at.helper('get', DEV), { code: 0, stdout: asked.stdout }, 'erase erased nothing')
    t.strictSame(leaks(filesIn(at.path), ['stored-by-hand']), [], 'and store stored nothing')
  })

  await t.test('222: its version, and how it is used', (t) =>
    said(t, [
      ['version', '', 0, /^docker-credential-atmos \d+\.\d+\.\d+\n$/],
      ['frobnicate', '', 1, /^Usage: docker-credential-atmos <get\|store\|erase\|list\|version>\n$/],
      ['constructor', '', 1, /^Usage/],
      ['', '', 1, /^Usage/],
    ]),
  )

  const dry = await at.atmosctl(['logout', 'dev-admin', '--dry-run'])
  t.match(dry.stdout, `registry  ${DEV}`)
  t.equal((await at.helper('get', DEV)).code, 0, 'and changed nothing')
  const out = await at.atmosctl(['logout', 'dev-admin'])
  t.match(out.stderr, `registry  ${DEV}`)
  t.strictSame(at.docker(), {})
  t.match(await at.helper('get', DEV), { code: 1, stdout: NOT_FOUND })
  const sessions = JSON.parse((await at.atmosctl(['status', '-f', 'json'])).stdout) as {
    sessions: { name: string }[]
  }
  t.notOk(
    sessions.sessions.some(({ name }) => /ecr|everyone/.test(name)),
    'the tokens are gone',
  )
})

t.test(
  '218: after a restart, and with nobody signed in: never the words for which Docker goes on as nobody',
  async (t) => {
    const at = await place(t)
    const keys = {
      EMERGENCY_AWS_ACCESS_KEY_ID: USER.accessKeyId,
      EMERGENCY_AWS_SECRET_ACCESS_KEY: USER.secretAccessKey,
    }
    t.equal((await at.atmosctl(['login', '-i', 'emergency'], { env: keys })).code, 0)
    t.equal((await at.atmosctl(['login', '--no-browser'])).code, 0)
    const gov = '444444444444.dkr.ecr-fips.us-gov-west-1.amazonaws.com'
    t.equal((await at.helper('get', gov)).code, 0)
    const records = readFileSync(join(at.path, '.local', 'share', 'atmosd', 'registries.json'), 'utf8')
    for (const secret of at.cloud.secrets()) t.notMatch(records, secret, 'no secret beside the vault')

    const stop = () => at.atmosctl(['daemon', 'stop'])
    await stop()
    t.match(await at.helper('list'), { code: 0, stdout: '{}\n' })
    t.equal((await at.atmosctl(['daemon', 'status'])).code, 6, 'no daemon is started for a list')
    at.cloud.resetCalls()
    const got = await at.helper('get', DEV)
    t.match(got, { code: 0, stdout: /"Username":"AWS"/ }, 'but for a pull')
    t.equal(at.cloud.calls(), 0, 'and its token was kept')
    t.equal((await at.helper('get', gov)).code, 0, 'values of variables too')

    await stop()
    const locked = await at.helper('get', DEV, { ATMOS_KEYRING_PASSWORD: '' })
    t.match(locked, {
      code: 1,
      stdout: /^atmosd: The keyring file .* is locked\. Set ATMOS_KEYRING_PASSWORD/,
    })
    t.match(await at.helper('get', DEV), { code: 0 }, 'the password of the helper opens it')

    t.equal((await at.atmosctl(['logout', '--provider', 'company-sso', '--dry-run'])).code, 0)
    at.config(exampleConfig(at.cloud.url, 'file').replace('company-sso:', 'other-sso:'))
    t.match(await at.helper('get', MANUAL), { code: 1, stdout: NOT_FOUND })
    at.config(exampleConfig(at.cloud.url, 'file'))
    await stop()
    const gone = await at.helper('get', DEV)
    t.match(gone, { code: 1, stdout: /^atmosd: There is no integration "dev\/ecr"/ }, 'never without a word')
    t.not(gone.stdout, NOT_FOUND)
  },
)

t.test('a failing integration fails no sign-in; ecr-login tries again', async (t) => {
  const at = await place(t)
  at.cloud.fault({ operation: 'GetAuthorizationToken', kind: 'status', status: 400, code: 'AccessDenied' })
  const login = await at.atmosctl(['login', '--no-browser'])
  t.equal(login.code, 0)
  t.match(login.stderr, /dev\/ecr was not applied: AWS refused to give a token for ECR in us-east-2/)
  t.match(login.stderr, /Try again: `atmosctl ecr-login dev\/ecr`/)
  t.strictSame(at.docker(), { credHelpers: { 'public.ecr.aws': 'atmos' } }, 'the others are applied')
  t.match(await at.helper('get', DEV), { stdout: NOT_FOUND })
  t.match(await at.atmosctl(['ecr-login', 'dev/ecr']), { code: 5, stderr: /AccessDenied/ })
  at.cloud.clearFaults()
  t.match(await at.atmosctl(['ecr-login', 'DEV/ecr']), { code: 0, stderr: new RegExp(DEV) })
  t.match(await at.helper('get', DEV), { code: 0 })

  t.match(await at.atmosctl(['ecr-login']), { code: 0, stderr: new RegExp(MANUAL) }, 'all of the identity')
  t.match(await at.atmosctl(['ecr-login', 'prod/ecr']), { code: 0, stderr: new RegExp(CHINA) })
  t.match(await at.helper('get', CHINA), { code: 0 })
  const other = '999999999999.dkr.ecr.us-iso-east-1.c2s.ic.gov'
  t.match(await at.atmosctl(['ecr-login', '-r', `https://${other}/`]), { code: 0, stderr: new RegExp(other) })
  t.match(await at.helper('get', other), { code: 0 }, 'a registry that is in no configuration')
  t.match(await at.atmosctl(['ecr-login', '-i', 'prod-admin', '--public']), { code: 0 })
  t.match(await at.atmosctl(['ecr-login', 'everyone', '-r', 'localhost:5000']), { code: 0 })
  t.match(await at.helper('get', 'localhost:5000'), { code: 0 })
  const ireland = MANUAL.replace('333333333333', '111111111111')
  const regions = await at.atmosctl(['ecr-login', 'dev/ecr', '-r', ireland, '-r', FIPS])
  t.match(regions, { code: 0, stderr: `${ireland}: Docker asks` }, 'another region needs a token of its own')

  const refused: [string[], number, RegExp][] = [
    [['ecr-login', 'dev/acr'], 1, /no integration "dev\/acr"[\s\S]*Did you mean "dev\/ecr"/],
    [['ecr-login', 'dev/ecr', '-i', 'prod-admin'], 2, /does not go with "prod-admin"/],
    [['ecr-login', '-r', 'localhost:5001'], 2, /localhost:5001 is no registry of a cloud's/],
    [['ecr-login', '-r', '999999999999.dkr.ecr.us-east-1.example.com'], 2, /is no registry of a cloud's/],
    [['ecr-login', 'one', 'two'], 2, /one integration/],
    [['ecr-login', '-i', 'nobody'], 3, /no identity "nobody"/],
  ]
  for (const [args, code, stderr] of refused)
    t.match(await at.atmosctl(args), { code, stderr }, args.join(' '))
  t.match(await at.atmosctl(['ecr-login', '-i', 'off']), { code: 0, stderr: /nothing was done/ })

  await at.atmosctl(['logout', '--all'])
  t.match(await at.atmosctl(['ecr-login', 'dev/ecr']), { code: 4, stderr: /atmosctl login/ })
  t.strictSame(at.docker(), {})
})

t.test('what others entered is respected; a token itself, for who asks for it', async (t) => {
  const at = await place(t)
  const file = join(at.path, '.docker', 'config.json')
  mkdirSync(join(at.path, '.docker'))
  const theirs = `{ "credsStore": "pass",\n  "credHelpers": { "${DEV}": "ecr-login", "${FIPS}": "ecr-login" }\n}\n`
  writeFileSync(file, theirs)
  at.config(
    exampleConfig(at.cloud.url, 'file') + integrations.replace(/ {4}everyone:[\s\S]*?(?= {4}prod)/, ''),
  )
  const login = await at.atmosctl(['login', '--no-browser'])
  t.equal(login.code, 0)
  t.match(login.stderr, `${DEV} has the credential helper "ecr-login"`)
  t.match(login.stderr, 'atmosctl ecr-login dev/ecr --force')
  t.equal(readFileSync(file, 'utf8'), theirs)
  const fixed = await at.atmosctl(['ecr-login', 'dev/ecr', '--static'])
  t.equal(fixed.code, 0)
  t.match(fixed.stderr, /good until \d{4}-\S+Z \(1[12]h/)
  t.match(fixed.stderr, 'Docker itself asks docker-credential-ecr-login, not that entry.')
  const auth = Buffer.from(at.docker().auths?.[DEV]?.auth ?? '', 'base64').toString()
  t.ok(at.cloud.secrets().includes(auth.replace(/^AWS:/, '')))
  await at.atmosctl(['logout', '--all'])
  t.equal(readFileSync(file, 'utf8'), theirs, 'a sign-out leaves it to the byte')

  await at.atmosctl(['login', '--no-browser'])
  t.equal((await at.atmosctl(['ecr-login', 'dev/ecr', '--force'])).code, 0)
  t.match(at.docker(), { credsStore: 'pass', credHelpers: { [DEV]: 'atmos' } })

  const elsewhere = join(at.path, 'elsewhere')
  const env = { DOCKER_CONFIG: elsewhere, PATH: '/usr/bin:/bin' }
  const moved = await at.atmosctl(['ecr-login', 'by-hand'], { env })
  t.match(moved.stderr, /docker-credential-atmos is not on the PATH[\s\S]*docker-credential-atmos\.cjs/)
  t.match(readFileSync(join(elsewhere, 'config.json'), 'utf8'), MANUAL)
  writeFileSync(file, '{')
  const faulty = await at.atmosctl(['login', '--no-browser'])
  t.match(faulty, { code: 0, stderr: /config\.json cannot be read/ })
  t.equal(readFileSync(file, 'utf8'), '{')
  t.match(await at.atmosctl(['ecr-login', 'dev/ecr']), { code: 3 })
  const out = await at.atmosctl(['logout', '--all-realms', '--force'])
  t.match(out, { code: 0, stderr: /config\.json cannot be read/ })
  t.notMatch(readFileSync(join(elsewhere, 'config.json'), 'utf8'), MANUAL, 'wherever it was entered')
  t.ok(existsSync(file))
})

t.test('218: a keyring in memory has forgotten after a restart, and the pull says what to do', async (t) => {
  const at = await place(t, 'memory')
  const keys = {
    EMERGENCY_AWS_ACCESS_KEY_ID: USER.accessKeyId,
    EMERGENCY_AWS_SECRET_ACCESS_KEY: USER.secretAccessKey,
  }
  await at.atmosctl(['login', '--no-browser'])
  await at.atmosctl(['login', '-i', 'emergency'], { env: keys })
  await at.atmosctl(['daemon', 'stop'])
  const said = await at.helper('get', DEV)
  t.match(said, { code: 1, stdout: /^atmosd: Nobody is signed in to .*`atmosctl login / })
  const values = await at.helper('get', '444444444444.dkr.ecr.us-gov-west-1.amazonaws.com')
  t.match(values, { code: 1, stdout: /kept nothing.*Run `atmosctl login -i emergency`, or set/ })
})

t.test('on a terminal, ecr-login signs in first', unless('tmux'), async (t) => {
  const at = await place(t)
  const script = `"${process.execPath}" "${ATMOSCTL}" ecr-login by-hand; echo "exit $?"; exec sleep 300`
  const terminal = openTerminal(['sh', '-c', script], { cwd: at.project, env: at.env })
  t.teardown(terminal.close)
  const seen = await terminal.shows(/exit \d/)
  t.match(seen, /Signing in to company-sso[\s\S]*✓ by-hand: Docker asks atmosd[\s\S]*exit 0/)
  t.match(at.docker().credHelpers, { [MANUAL]: 'atmos', [DEV]: 'atmos' }, 'and what every sign-in enters')
})
