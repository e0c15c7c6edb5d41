/** What a step keeps beside its session, and that a sign-out leaves nothing of it. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openBelongings } from '../../daemon/sessions/belongings.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { isDue, sessionOf } from '../../daemon/sessions/session.ts'
import { silentLog } from '../../daemon/system/log.ts'
import type { SamlAssertion } from '../../shared/credential.ts'
import type { Keyring } from '../../shared/keyring.ts'
import { Secret } from '../../shared/secret.ts'
import { manualClock } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'
import { seededRandom } from '../helpers/random.ts'

const keyring: Keyring = { type: 'memory' }
const [KEY, OTHER] = ['a'.repeat(64), 'b'.repeat(64)]
const uid = process.getuid?.() ?? 0

t.test('a secret and a directory by the key of the step', async (t) => {
  const directory = join(t.testdir({}), 'belongings')
  const keyrings = openKeyrings({ random: seededRandom(1) })
  const belongings = openBelongings({ keyrings, directory, uid })
  const mine = belongings.of(keyring, KEY)
  const other = belongings.of(keyring, OTHER)
  t.equal(await mine.kept(), undefined)
  await mine.keep(new Secret('one'))
  await other.keep(new Secret('two'))
  t.equal((await mine.kept())?.reveal(), 'one', 'under another configuration there is nothing of it')
  const [profile, others] = [await mine.directory(), await other.directory()]
  t.equal(statSync(profile).mode & 0o777, 0o700)
  t.not(profile, others)
  writeFileSync(join(profile, 'Cookies'), 'x')
  await belongings.clear(keyring, KEY)
  t.equal(await mine.kept(), undefined)
  t.notOk(existsSync(profile))
  t.equal((await other.kept())?.reveal(), 'two')
  await belongings.clearAll(keyring)
  t.equal(await other.kept(), undefined)
  t.notOk(existsSync(directory))
})

t.test('what was under way at a sign-out keeps nothing', async (t) => {
  const keyrings = openKeyrings({ random: seededRandom(1) })
  const belongings = openBelongings({ keyrings, directory: join(t.testdir({}), 'belongings'), uid })
  for (const signOut of [() => belongings.clear(keyring, KEY), () => belongings.clearAll(keyring)]) {
    const before = belongings.of(keyring, KEY)
    await signOut()
    await before.keep(new Secret('late'))
    t.equal(await before.kept(), undefined)
    const after = belongings.of(keyring, KEY)
    await after.keep(new Secret('new'))
    t.equal((await after.kept())?.reveal(), 'new')
  }
})

t.test('a directory that others can enter is not used', async (t) => {
  const directory = join(t.testdir({}), 'belongings')
  mkdirSync(directory, { mode: 0o755 })
  const keyrings = openKeyrings({ random: seededRandom(1) })
  const mine = openBelongings({ keyrings, directory, uid }).of(keyring, KEY)
  t.match(await failure(mine.directory()), { code: 'UnsafePath', hint: /chmod 700/ })
})

t.test('an assertion is in memory for as long as it lives, and rests nowhere', async (t) => {
  const clock = manualClock()
  const keyrings = openKeyrings({ random: seededRandom(1) })
  const held = holdSessions({ keyrings, clock, log: silentLog })
  const assertion: SamlAssertion = {
    type: 'saml-assertion',
    assertion: new Secret('PHNhbWw+'),
    expiresAt: clock.now() + 300_000,
  }
  const session = sessionOf({ key: KEY, name: 'office', kind: 'aws/saml' }, assertion, clock)
  await held.put(keyring, session)
  const text = (await (await keyrings.open(keyring)).get(KEY)) ?? ''
  t.match(text, /"saml-assertion"/)
  t.notMatch(text, /PHNhbWw/)
  const inMemory = () => {
    const credential = held.peek(keyring, KEY)?.credential
    return credential?.type === 'saml-assertion' ? credential.assertion.reveal() : undefined
  }
  await clock.advance(299_000)
  held.shed()
  t.equal(inMemory(), 'PHNhbWw+')
  t.equal(isDue(session, clock), false, 'a new one is made when it is needed, and not ahead of that')
  await clock.advance(1_000)
  held.shed()
  t.equal(inMemory(), '')
  const fresh = holdSessions({ keyrings, clock: manualClock(), log: silentLog })
  t.match(
    await fresh.load(keyring, KEY),
    { name: 'office', credential: { type: 'saml-assertion' } },
    'who signed in',
  )
})
