/** The right to ask: issued, kept, compared, revoked. */
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { chainsOfGrants } from '../../daemon/grants/chains.ts'
import type { Grant } from '../../daemon/grants/grant.ts'
import { type GrantRequest, openGrants } from '../../daemon/grants/grants.ts'
import { type Listener, openListeners } from '../../daemon/grants/listeners.ts'
import { isDead, sweepGrants } from '../../daemon/grants/sweep.ts'
import type { Chain } from '../../daemon/graph/chain.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import { AuthError } from '../../shared/errors.ts'
import { manualClock } from '../helpers/clock.ts'

const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))

let files = 0
async function place() {
  files += 1
  const path = join(directory, `grants-${files}.json`)
  const clock = manualClock()
  const open = () => openGrants({ path, clock, random: systemRandom })
  return { path, clock, open, grants: await open() }
}

const wanted: GrantRequest = {
  identity: 'dev',
  realm: 'test',
  standing: { directory: '/project', config: [], configPath: [], profiles: [], settings: {} },
  keyring: { type: 'memory' },
  variables: [],
  sealed: false,
  lifetimeMs: 3_600_000,
}

t.test('the secret, all of it and nothing else', async (t) => {
  const { grants, path } = await place()
  const { grant, secret } = await grants.issue(wanted)
  const token = secret.reveal()
  t.match(token, /^[\w-]{43}$/)
  t.match(grants.authenticate(grant.id, token), { identity: 'dev' })
  for (const wrong of [
    '',
    `${token} `,
    ` ${token}`,
    `Bearer ${token}`,
    token.slice(1),
    token.toUpperCase(),
    token.repeat(30),
    grant.digest,
  ]) {
    t.equal(grants.authenticate(grant.id, wrong), undefined, wrong.slice(0, 12))
  }
  t.equal(grants.authenticate('unknown', token), undefined)
  t.equal(grants.authenticate('__proto__', token), undefined)
  t.notOk(readFileSync(path, 'utf8').includes(token), 'it is not on the disk')
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('grants outlive the process, end with their time, and can be revoked', async (t) => {
  const { grants, open, clock } = await place()
  const { grant, secret } = await grants.issue({ ...wanted, holder: 42 })
  const reopened = await open()
  t.match(reopened.authenticate(grant.id, secret.reveal()), { identity: 'dev', holder: 42 })
  await clock.advance(3_600_000)
  t.equal(reopened.authenticate(grant.id, secret.reveal()), undefined, 'its time is over')
  const { grant: other, secret: another } = await reopened.issue(wanted)
  const revoking = reopened.revoke(({ id }) => id === other.id)
  t.equal(reopened.authenticate(other.id, another.reveal()), undefined, 'at once')
  t.equal((await revoking).length, 1)
  t.equal((await open()).authenticate(other.id, another.reveal()), undefined, 'and after a restart')
})

t.test('a revocation that could not be kept is kept by the next try', async (t) => {
  const { grants, open, path } = await place()
  const { grant } = await grants.issue(wanted)
  mkdirSync(`${path}.new`) // where the new bytes are written first
  await t.rejects(
    grants.revoke(() => true),
    { code: 'StoreUnavailable' },
  )
  t.notOk(grants.isLive(grant), 'revoked it is')
  rmdirSync(`${path}.new`)
  t.strictSame(await grants.revoke(() => true), [])
  t.strictSame((await open()).list(), [], 'and after a restart')
})

t.test('two hundred at once are all on the disk', async (t) => {
  const { grants, open } = await place()
  const issued = await Promise.all(Array.from({ length: 200 }, () => grants.issue(wanted)))
  const reopened = await open()
  t.ok(issued.every(({ grant, secret }) => reopened.authenticate(grant.id, secret.reveal())))
})

t.test('a damaged file says so', async (t) => {
  const { path, open } = await place()
  for (const text of ['', '{', '{"version":1}', '{"version":9,"grants":[]}']) {
    writeFileSync(path, text)
    await t.rejects(open(), { code: 'StoreDamaged', message: new RegExp(path), hint: /Move it away/ }, text)
  }
})

t.test('which grants are dead', async (t) => {
  const hour = 3_600_000
  const now = 100 * hour
  const grant = { expiresAt: now + hour, lastUsedAt: now, holder: 42 } as Grant
  for (const [name, change, alive, dead] of [
    ['in use', {}, true, false],
    ['its time is over', { expiresAt: now }, true, true],
    ['its process has just gone', {}, false, false],
    ['its process is gone, and its children are silent', { lastUsedAt: now - hour - 1 }, false, true],
    ['its process sleeps', { lastUsedAt: now - 9 * hour }, true, false],
    ['a shell’s', { holder: undefined, lastUsedAt: now - 9 * hour }, false, false],
  ] as const) {
    t.equal(
      isDead({ ...grant, ...change } as Grant, now, () => alive),
      dead,
      name,
    )
  }
})

t.test('the calendar job starts and stops', async (t) => {
  const { clock } = await place()
  const job = sweepGrants({ clock, log: silentLog, isAlive: () => true, revoke: async () => 0 })
  await job.stop()
  t.pass('and the process can end')
})

t.test('the chain behind a grant follows its configuration', async (t) => {
  const { grants, clock } = await place()
  const { grant } = await grants.issue(wanted)
  const chain = (realm: string) => ({ realm }) as Chain
  let looks = 0
  let answer = async () => chain('one')
  const chains = chainsOfGrants(() => {
    looks += 1
    return answer()
  }, clock)
  t.match(await chains.of(grant), { realm: 'one' })
  answer = async () => chain('two')
  await clock.advance(4_000)
  t.match(await chains.of(grant), { realm: 'one' })
  t.equal(looks, 1, 'not looked at for every request')
  await clock.advance(2_000)
  t.match(await chains.of(grant), { realm: 'one' }, 'behind the caller’s back')
  await clock.advance(0)
  t.match(await chains.of(grant), { realm: 'two' })
  answer = async () => Promise.reject(new AuthError('ConfigInvalid', 'broken'))
  await clock.advance(6_000)
  await chains.of(grant)
  await clock.advance(0)
  t.match(await chains.of(grant), { realm: 'two' }, 'a broken configuration changes nothing')
  answer = async () => Promise.reject(new AuthError('IdentityUnknown', 'gone'))
  await clock.advance(6_000)
  await chains.of(grant)
  await clock.advance(0)
  await t.rejects(
    chains.of(grant),
    { code: 'IdentityUnknown' },
    'an identity that is gone has no credentials',
  )
})

t.test('the port of a grant: open while it lives, kept, and tried again where it is taken', async (t) => {
  const { grants, open } = await place()
  const { grant } = await grants.issue({ ...wanted, dialect: 'aws-imds' })
  const { grant: other } = await grants.issue(wanted)
  const taken = new Set<number>()
  const ports = new Set<number>()
  const listen = async (_: Grant, port = 40_000): Promise<Listener> => {
    if (taken.has(port)) throw new AuthError('PortTaken', `${port} is taken`)
    ports.add(port)
    return { port, close: async () => void ports.delete(port) }
  }
  const first = openListeners(listen, silentLog)
  await grants.place(grant, await first.open(grant, undefined))
  t.strictSame([...ports], [40_000])
  await first.closeAll()
  t.equal(ports.size, 0)

  const later = await open()
  const again = openListeners(listen, silentLog)
  taken.add(40_000)
  await again.reopen(later.list())
  t.equal(again.problemOf(grant.id), '40000 is taken')
  taken.clear()
  await again.reopen(later.list())
  await again.reopen(later.list())
  t.strictSame([...ports], [40_000], 'on the port that it had')
  t.equal(again.problemOf(grant.id), undefined)
  await again.close(other.id)
  t.equal(ports.size, 1)
  await again.close(grant.id)
  t.equal(ports.size, 0)
})

t.test('a port of a program that has ended is closed after five minutes, a path after an hour', async (t) => {
  const { grants, clock } = await place()
  const { grant } = await grants.issue({ ...wanted, holder: 1, lifetimeMs: 86_400_000 })
  const dead = (minutes: number) => isDead(grant, clock.now() + minutes * 60_000, () => false)
  t.strictSame([dead(6), dead(61)], [false, true])
  await grants.place(grant, 40_000)
  t.strictSame([dead(4), dead(6)], [false, true])
  t.equal(
    isDead(grant, clock.now() + 360_000, () => true),
    false,
    'not while it runs',
  )
})

t.test('an id does not look like an option', async (t) => {
  const token = (count: number) => `-${'x'.repeat(count)}`
  const { path, clock } = await place()
  const grants = await openGrants({ path, clock, random: { ...systemRandom, token } })
  t.match((await grants.issue(wanted)).grant.id, /^_x/)
})
