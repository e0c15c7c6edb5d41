/** Docker's config.json: what is entered and taken out, with every other byte as it was. */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { configFile, editConfig } from '../../client/docker/config-file.ts'
import { enterInDocker } from '../../client/docker/enter.ts'
import { askedInstead, type Entered, enterHelper, enterToken, takeOut } from '../../client/docker/entries.ts'
import type { Here } from '../../client/here.ts'
import { leave } from '../../client/integrations/leave.ts'
import type { AppliedRegistry } from '../../shared/integration-replies.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'docker')
const ECR = '123456789012.dkr.ecr.us-east-2.amazonaws.com'
const FIPS = '123456789012.dkr.ecr-fips.us-east-2.amazonaws.com'
const TOKEN = 'AWS:a token with "quotes" and ü'
const isOurs = (token: string) => token === TOKEN

function textOf(entered: Entered): string {
  if ('text' in entered) return entered.text
  throw new Error(entered.inTheWay)
}

type Config = Record<string, Record<string, unknown> | undefined>
const parsed = (text: string) => JSON.parse(text) as Config

const files: [string, string][] = readdirSync(FIXTURES).map((name) => [
  name,
  readFileSync(join(FIXTURES, name), 'utf8'),
])
files.push(...files.map(([name, text]): [string, string] => [`${name}, CRLF`, text.replaceAll('\n', '\r\n')]))

t.test('files from real life: only the entry comes, and all of it goes again', async (t) => {
  t.ok(files.length >= 12)
  for (const [name, text] of files) {
    const before = parsed(text)
    let now = textOf(enterHelper(text, ECR, false))
    now = textOf(enterHelper(now, FIPS, false))
    t.same(
      parsed(now),
      { ...before, credHelpers: { ...before.credHelpers, [ECR]: 'atmos', [FIPS]: 'atmos' } },
      `${name}: the helper's entries`,
    )
    t.equal(textOf(enterHelper(now, ECR, false)), now, `${name}: again changes nothing`)
    const withToken = textOf(enterToken(now, 'localhost:5000', TOKEN, false))
    const auth = String((parsed(withToken).auths?.['localhost:5000'] as { auth?: string } | undefined)?.auth)
    t.equal(Buffer.from(auth, 'base64').toString(), TOKEN, `${name}: the token`)
    if (name.endsWith('CRLF') && !name.startsWith('empty'))
      t.notMatch(withToken, /[^\r]\n/, `${name}: line ends are as they were`)
    const back = [ECR, 'localhost:5000', FIPS].reduce((at, host) => takeOut(at, host, isOurs), withToken)
    t.equal(
      back.replace(/^(\s*\{)\s+\}/, '$1}'),
      text.replace(/^(\s*\{)\s+\}/, '$1}'),
      `${name}: as it was, to the byte`,
    )
  }
})

t.test('what a new entry looks like', async (t) => {
  const cases: [string, string, string][] = [
    ['nothing', '', `{\n\t"credHelpers": {\n\t\t"h": "atmos"\n\t}\n}\n`],
    ['white space', ' \n', `{\n\t"credHelpers": {\n\t\t"h": "atmos"\n\t}\n}\n`],
    ['an empty section', '{\n  "credHelpers": {}\n}', `{\n\t"credHelpers": {\n\t\t"h": "atmos"\n\t}\n}`],
    ['null', '{"a":1,"credHelpers":null}', `{"a":1,"credHelpers":{"h":"atmos"}}`],
    ['one line with spaces', '{ "a": 1 }', `{ "a": 1, "credHelpers": {"h": "atmos"} }`],
    ['two spaces', '{\n  "a": 1\n}\n', `{\n  "a": 1,\n  "credHelpers": {\n    "h": "atmos"\n  }\n}\n`],
    [
      'a key twice: the last counts',
      '{"credHelpers":{"h":"x"},"credHelpers":{"g":"y"}}',
      '{"credHelpers":{"h":"x"},"credHelpers":{"g":"y","h":"atmos"}}',
    ],
  ]
  for (const [name, text, expected] of cases) t.equal(textOf(enterHelper(text, 'h', false)), expected, name)
})

t.test('what is of another tool stays, unless it is forced', async (t) => {
  const odd = readFileSync(join(FIXTURES, 'odd.json'), 'utf8')
  const theirs = '999999999999.dkr.ecr.eu-west-1.amazonaws.com'
  t.same(enterHelper(odd, theirs, false), { inTheWay: 'has the credential helper "ecr-login"' })
  t.equal(textOf(enterHelper(odd, theirs, true)), odd.replace('"ecr-login"', '"atmos"'))
  t.equal(takeOut(odd, theirs, isOurs), odd, 'nor is it taken out')
  const gcloud = readFileSync(join(FIXTURES, 'gcloud.json'), 'utf8')
  const hub = 'https://index.docker.io/v1/'
  t.same(enterToken(gcloud, hub, TOKEN, false), { inTheWay: 'has a sign-in of another user' })
  t.match(parsed(textOf(enterToken(gcloud, hub, TOKEN, true))).auths?.[hub], { auth: /./ })
  t.equal(takeOut(gcloud, hub, isOurs), gcloud)
  const renewed = textOf(enterToken(textOf(enterToken(gcloud, ECR, 'AWS:old', false)), ECR, TOKEN, false))
  t.equal(takeOut(renewed, ECR, isOurs), gcloud, 'an older token of ECR is replaced')
  const desktop = readFileSync(join(FIXTURES, 'desktop.json'), 'utf8')
  t.equal(askedInstead(desktop, ECR), 'docker-credential-desktop')
  t.equal(askedInstead(gcloud, 'gcr.io'), 'docker-credential-gcloud')
  t.equal(askedInstead(gcloud, ECR), undefined)
  const torn = '{"auths":{"a":{"auth":c2VjcmV0OnRvbw=="}}}'
  t.throws(
    () => enterHelper(torn, ECR, false),
    { message: /^((?!c2V).)*$/, cause: undefined },
    'nothing of it is shown',
  )
  for (const text of ['{', '[]', '"x"', '{"a":1}}', '{"credHelpers":[]}'])
    t.throws(() => enterHelper(text, ECR, false), { code: 'ConfigInvalid' }, text)
})

/** A client in a home of its own, whose clock is `now`. */
function hereIn(t: Test, env: Record<string, string> = {}, now = Date.now) {
  const home = mkdtempSync(join(tmpdir(), 'atmosd-docker-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  let said = ''
  const here = {
    env,
    home,
    cwd: home,
    uid: process.getuid?.() ?? 0,
    now,
    sleep,
    err: (text: string) => {
      said += text
    },
  }
  return { here: here as Partial<Here> as Here, home, said: () => said }
}

const enter = (host: string) => (text: string) => textOf(enterHelper(text, host, false))

t.test('the file: where it is, through links, with its mode', async (t) => {
  const { here, home, said } = hereIn(t)
  const file = configFile(here)
  t.equal(file, join(home, '.docker', 'config.json'))
  t.equal(configFile({ ...here, env: { DOCKER_CONFIG: 'here' } }), join(home, 'here', 'config.json'))
  t.equal(await editConfig(here, file, (text) => text), false)
  t.notOk(statSync(join(home, '.docker'), { throwIfNoEntry: false }), 'nothing is made for nothing')

  t.equal(await editConfig(here, file, enter(ECR)), true)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(home, '.docker')).mode & 0o777, 0o700)
  chmodSync(file, 0o664)
  t.equal(await editConfig(here, file, enter(FIPS)), true)
  t.equal(statSync(file).mode & 0o777, 0o664, 'the mode is kept')
  t.equal(await editConfig(here, file, enter(FIPS)), false, 'nothing to do')

  const real = join(home, 'dotfiles', 'docker.json')
  mkdirSync(join(home, 'dotfiles'))
  mkdirSync(join(home, 'linked'))
  symlinkSync('../dotfiles/docker.json', join(home, 'linked', 'config.json'))
  await editConfig(here, join(home, 'linked', 'config.json'), enter(ECR))
  t.ok(lstatSync(join(home, 'linked', 'config.json')).isSymbolicLink(), 'a link stays one')
  t.same(parsed(readFileSync(real, 'utf8')), { credHelpers: { [ECR]: 'atmos' } }, 'to nothing yet, too')
  await editConfig(here, join(home, 'linked', 'config.json'), enter(FIPS))
  t.match(readFileSync(real, 'utf8'), FIPS)

  mkdirSync(join(home, 'real', 'deep'), { recursive: true })
  mkdirSync(join(home, 'real', 'shared'))
  symlinkSync('../shared/config.json', join(home, 'real', 'deep', 'config.json'))
  symlinkSync('real/deep', join(home, 'short'))
  await editConfig(here, join(home, 'short', 'config.json'), enter(ECR))
  t.match(readFileSync(join(home, 'real', 'shared', 'config.json'), 'utf8'), ECR, 'a link from behind a link')

  writeFileSync(file, '{"auths": oops}')
  await t.rejects(editConfig(here, file, enter(ECR)), { code: 'ConfigInvalid', hint: /nothing was changed/ })
  t.equal(readFileSync(file, 'utf8'), '{"auths": oops}')
  await leave(here, [{ host: ECR, file }])
  t.match(said(), /config.json cannot be read/, 'a sign-out says so and goes on')
  symlinkSync('loop', join(home, 'loop'))
  await t.rejects(editConfig(here, join(home, 'loop'), enter(ECR)), { code: 'Usage' })
  writeFileSync(join(home, 'plain'), '')
  await t.rejects(editConfig(here, join(home, 'plain', 'config.json'), enter(ECR)), { code: 'Usage' })
  t.strictSame(readdirSync(join(home, '.docker')), ['config.json'], 'and nothing is left behind')
  const away = t.testdir({ folder: {} })
  for (const other of ['/dev/null', join(away, 'folder')])
    await t.rejects(editConfig(here, other, enter(ECR)), { code: 'UnsafePath', message: /is no plain file/ })
  t.ok(lstatSync('/dev/null').isCharacterDevice())
  const stranger = { ...here, uid: here.uid + 1 }
  await t.rejects(editConfig(stranger, real, enter(ECR)), { code: 'UnsafePath', message: /belongs to user/ })
})

t.test('what is told is what was entered', async (t) => {
  const { here, said } = hereIn(t)
  const file = configFile(here)
  await editConfig(here, file, () => JSON.stringify({ credHelpers: { [FIPS]: 'other' } }))
  const applied = {
    type: 'docker',
    integration: 'dev',
    kind: 'aws/ecr',
    identity: 'dev',
    username: 'AWS',
    secret: '',
  }
  const both = { ...applied, registries: [ECR, FIPS], expiresAt: 0 } as unknown as AppliedRegistry
  const manner = { static: false, force: false, quiet: false }
  await t.rejects(enterInDocker(here, file, both, manner), { code: 'Usage', message: FIPS })
  t.match(said(), ECR)
  t.notMatch(said(), FIPS, 'what was refused is not')
})

t.test('a sign-out takes a token only where it is the one that was written', async (t) => {
  const { here } = hereIn(t)
  const file = configFile(here)
  const digest = createHash('sha256').update(TOKEN).digest('hex')
  await editConfig(here, file, (text) => textOf(enterToken(text, ECR, TOKEN, false)))
  await editConfig(here, file, (text) => textOf(enterToken(text, FIPS, 'AWS:by hand', false)))
  await leave(here, [
    { host: ECR, file, digest },
    { host: FIPS, file, digest },
  ])
  t.strictSame(Object.keys(parsed(readFileSync(file, 'utf8')).auths ?? {}), [FIPS])
})

t.test("two writers lose nothing; what a dead one left is in nobody's way for long", async (t) => {
  const { here } = hereIn(t)
  const file = configFile(here)
  const hosts = Array.from({ length: 20 }, (_, index) => `registry-${index}.example.com`)
  await Promise.all(hosts.map((host) => editConfig(here, file, enter(host))))
  t.equal(Object.keys(parsed(readFileSync(file, 'utf8')).credHelpers ?? {}).length, 20)
  writeFileSync(`${file}.atmosctl`, 'half a fi')
  const long = (Date.now() - 11_000) / 1000
  utimesSync(`${file}.atmosctl`, long, long)
  await editConfig(here, file, enter(ECR))
  t.match(readFileSync(file, 'utf8'), ECR)
  t.strictSame(readdirSync(join(here.home, '.docker')), ['config.json'])
})
