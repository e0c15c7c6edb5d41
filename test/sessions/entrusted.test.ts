/** Keys in a keyring: each identity's own, in every store, and beside the sessions. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { AnyIdentity, Context } from '../../daemon/kinds/contract.ts'
import user from '../../daemon/kinds/identities/aws/user.ts'
import { openEntrusted } from '../../daemon/sessions/entrusted.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { sessionOf } from '../../daemon/sessions/session.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import type { Keyring } from '../../shared/keyring.ts'
import { Secret } from '../../shared/secret.ts'
import { aws } from '../helpers/chains.ts'
import { manualClock } from '../helpers/clock.ts'

const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))
const vault = join(directory, 'vault.json')
const password = new Secret('correct horse')

const places: Keyring[] = [{ type: 'memory' }, { type: 'file', vault }]
for (const keyring of places) {
  t.test(`in ${keyring.type === 'file' ? 'a file' : 'memory'}`, async (t) => {
    const keyrings = openKeyrings({ random: systemRandom, password })
    const entrusted = openEntrusted(keyrings)
    const owners = [
      { realm: 'a', identity: 'b' },
      { realm: 'a', identity: 'b/c' },
      { realm: 'a/b', identity: 'c' },
      { realm: '__proto__', identity: 'ß %2F ../x' },
    ]
    for (const [index, owner] of owners.entries()) {
      t.equal(await entrusted.get(keyring, owner), undefined)
      await entrusted.put(keyring, owner, new Secret(`keys-${index}`))
    }
    for (const [index, owner] of owners.entries())
      t.equal((await entrusted.get(keyring, owner))?.reveal(), `keys-${index}`)
    t.strictSame(await entrusted.owners(keyring), owners)

    const clock = manualClock()
    const held = holdSessions({ keyrings, clock, log: silentLog })
    const key = 'a'.repeat(64)
    const origin = { key, name: 'dev', kind: 'test/set' }
    await held.put(keyring, sessionOf(origin, aws(clock.now() + 1e6), clock))
    t.strictSame(await held.keys(keyring), [key], 'sessions are told from them')

    for (const owner of owners) t.equal(await entrusted.forget(keyring, owner), true)
    t.equal(await entrusted.forget(keyring, owners[0] ?? { realm: '', identity: '' }), false)
    t.strictSame(await entrusted.owners(keyring), [])
    t.strictSame(await held.keys(keyring), [key])
  })
}

t.test('which keyrings are open', async (t) => {
  const keyrings = openKeyrings({ random: systemRandom })
  t.strictSame(await keyrings.opened(), [{ type: 'memory' }])
  await t.rejects(keyrings.unlock(vault, new Secret('wrong wrong')), { code: 'PasswordWrong' })
  t.strictSame(await keyrings.opened(), [{ type: 'memory' }], 'a wrong password opens none')
  await keyrings.unlock(vault, password)
  t.strictSame(await keyrings.opened(), [{ type: 'memory' }, { type: 'file', vault }])
  t.notMatch(readFileSync(vault, 'utf8'), /keys-\d/)
})

t.test('a record that is no keys says so, and not what it is', async (t) => {
  for (const text of ['', '{"access_key_id": "A"}', '"TOP-SECRET"', '{TOP-SECRET']) {
    const context = { entrusted: async () => new Secret(text) } as unknown as Context
    await t.rejects((user as AnyIdentity).assume({}, undefined as never, context), {
      code: 'StoreDamaged',
      message: 'The keys in the keyring cannot be read.',
      hint: 'Run `atmosctl user configure` again.',
    })
  }
})
