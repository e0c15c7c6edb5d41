/** Sessions and where they rest: decisions at their edges, one suite for every store, and what damage does. */
import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { decode, encode } from '../../daemon/sessions/codec.ts'
import { encryptedFileStore } from '../../daemon/sessions/encrypted-file.ts'
import { type Held, holdSessions } from '../../daemon/sessions/held.ts'
import { openKeyrings } from '../../daemon/sessions/keyrings.ts'
import { memoryStore } from '../../daemon/sessions/memory.ts'
import {
  isDue,
  isServable,
  remaining,
  renewFirst,
  type Session,
  sessionOf,
  stateOf,
} from '../../daemon/sessions/session.ts'
import type { Store } from '../../daemon/sessions/store.ts'
import { openLog, silentLog } from '../../daemon/system/log.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import type { CredentialOf, CredentialType } from '../../shared/credential.ts'
import { asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import { Secret } from '../../shared/secret.ts'
import { aws, ssoToken } from '../helpers/chains.ts'
import { manualClock, settle } from '../helpers/clock.ts'

const PASSWORD = 'correct horse'
const SECOND = 1_000
const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))

let files = 0
function freshPath(): string {
  files += 1
  return join(directory, `vault-${files}.json`)
}

function openFile(path: string, password = PASSWORD): Promise<Store> {
  return encryptedFileStore({ path, password: new Secret(password), random: systemRandom })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    return asAuthError(error).code
  }
}

function sessionFor(key: string, clock = manualClock()): Session {
  return sessionOf({ key, name: 'dev', kind: 'test/set' }, aws(clock.now() + 3_600_000), clock)
}

t.test('what a session is at each moment of its life', async (t) => {
  for (const [seconds, dueAt, renewFirstAt, overAt] of [
    [60, 30, 54, 57],
    [900, 450, 840, 895],
    [3_600, 2_400, 3_540, 3_595],
    [43_200, 32_400, 43_140, 43_195],
  ] as const) {
    const clock = manualClock()
    const session = sessionOf({ key: 'k', name: 'n', kind: 'k' }, aws(clock.now() + seconds * SECOND), clock)
    const at = async (second: number) =>
      clock.advance(second * SECOND - (seconds * SECOND - remaining(session, clock)))
    await at(dueAt - 1)
    t.equal(stateOf(session, clock), 'fresh', `${seconds} s: fresh`)
    await at(dueAt)
    t.equal(stateOf(session, clock), 'due', `${seconds} s: due`)
    await at(renewFirstAt)
    t.ok(remaining(session, clock) <= renewFirst(session), `${seconds} s: renewed first`)
    await at(overAt - 1)
    t.equal(isServable(session, clock), true, `${seconds} s: still served`)
    await at(overAt)
    t.equal(isServable(session, clock), false, `${seconds} s: over`)
    t.equal(stateOf(session, clock), 'expired')
  }
})

t.test('a clock that is set: the shorter of the two lives counts', async (t) => {
  const clock = manualClock()
  const session = sessionFor('k', clock)
  clock.jump(-86_400_000)
  t.equal(remaining(session, clock), 3_600_000, 'back by a day: not a day longer')
  await clock.advance(3_600_000)
  t.equal(isServable(session, clock), false)
  const other = sessionFor('k', clock)
  clock.jump(3_600_001)
  t.equal(isServable(other, clock), false, 'forward: over')
  t.equal(isDue(other, clock), true)
})

/** One of each type with every field: a new member of the union has no place here until it is given one. */
function oneOfEach(expiresAt: number): { [T in CredentialType]: Required<CredentialOf<T>> } {
  return {
    aws: {
      ...aws(expiresAt),
      accountId: '111111111111',
      principal: 'arn:aws:iam::111111111111:user/u',
      renewal: { clientId: 'c', refreshToken: new Secret('next'), proofKey: new Secret('{}') },
    },
    'aws-sso-token': ssoToken(expiresAt) as Required<CredentialOf<'aws-sso-token'>>,
    'saml-assertion': {
      type: 'saml-assertion',
      assertion: new Secret('PHNhbWw+'),
      expiresAt,
      sessionSeconds: 7_200,
    },
    'oidc-token': { type: 'oidc-token', token: new Secret('a.b.c'), audience: 'sts', expiresAt },
    'registry-token': { type: 'registry-token', username: 'AWS', token: new Secret('ecr'), expiresAt },
    'azure-token': {
      type: 'azure-token',
      accessToken: new Secret('azure'),
      scope: 'https://management.azure.com/.default',
      expiresAt,
      tenantId: 'contoso.com',
      principal: 'ann@contoso.com',
      session: new Secret('{}'),
    },
    'gcp-token': {
      type: 'gcp-token',
      accessToken: new Secret('ya29'),
      expiresAt,
      principal: 'a@b.c',
      quotaProject: 'p',
    },
  }
}

t.test('sessions as text and back', async (t) => {
  const clock = manualClock()
  for (const [type, credential] of Object.entries(oneOfEach(clock.now() + 60_000))) {
    t.equal(credential.type, type)
    const session = sessionOf({ key: 'k', name: 'dev', kind: 'test/set' }, credential, clock)
    t.strictSame(decode(encode(session), clock), session, type)
    t.equal(encode(decode(encode(session), clock)), encode(session), `${type}, with its secrets`)
  }
  for (const text of [
    '',
    'null',
    '{}',
    '{"version":2}',
    encode(sessionFor('k')).slice(0, -9),
    '{"version":1,"key":"k"}',
  ]) {
    t.throws(() => decode(text, clock), { code: 'StoreDamaged' }, JSON.stringify(text.slice(0, 20)))
  }
})

t.test('a secret shows itself to who asks for it by name, and to nobody else', async (t) => {
  const secret = new Secret('hunter2')
  const lines: string[] = []
  const log = openLog({ level: 'debug', to: { write: (line: string) => void lines.push(line) } })
  log.info(
    {
      secret,
      deep: { secret },
      headers: { authorization: 'hunter2' },
      request: { token: 'hunter2', password: 'hunter2' },
    },
    `${secret}`,
  )
  const shown = [
    JSON.stringify({ secret }),
    `${secret}`,
    String(secret),
    inspect(secret),
    inspect({ a: [secret] }, { depth: 9 }),
    ...lines,
  ]
  for (const text of shown) t.notMatch(text, /hunter2/)
  t.equal(lines.length, 1)
  t.equal(secret.reveal(), 'hunter2')
  t.strictSame(Object.keys(secret), [])
})

const stores: [string, () => Promise<{ store: Store; again: () => Promise<Store> }>][] = [
  [
    'memory',
    async () => {
      const store = memoryStore()
      return { store, again: async () => store }
    },
  ],
  [
    'encrypted file',
    async () => {
      const path = freshPath()
      return { store: await openFile(path), again: () => openFile(path) }
    },
  ],
]

for (const [name, open] of stores) {
  t.test(`the contract of stores: ${name}`, async (t) => {
    const { store, again } = await open()
    t.equal(await store.get('none'), undefined)
    await store.delete('none')
    t.strictSame(await store.list(), [])
    const odd = ['a', 'grant/x', '', 'ключ', 'with "quotes"\n', 'constructor']
    for (const key of odd) await store.set(key, `value of ${key}`)
    await store.set('a', 'another')
    await store.set('large', 'x'.repeat(1_048_576))
    await Promise.all(Array.from({ length: 50 }, (_, index) => store.set(`many-${index}`, String(index))))
    await store.delete('')
    for (const one of [store, await again()]) {
      t.equal(await one.get('a'), 'another')
      t.equal(await one.get(''), undefined)
      t.equal(await one.get('ключ'), 'value of ключ')
      t.equal((await one.get('large'))?.length, 1_048_576)
      t.equal(await one.get('toString'), undefined, 'what is on every object is not in it')
      t.equal((await one.list()).length, odd.length - 1 + 1 + 50)
      for (let index = 0; index < 50; index++) t.equal(await one.get(`many-${index}`), String(index))
    }
  })
}

t.test('the encrypted file: passwords and damage', async (t) => {
  const path = freshPath()
  const store = await openFile(path)
  await store.set('one', 'the first secret')
  await store.set('two', 'the second secret')
  const whole = readFileSync(path, 'utf8')
  const damaged = async (change: (file: Record<string, never>) => unknown, raw?: string) => {
    const other = freshPath()
    const file = JSON.parse(whole)
    change(file)
    writeFileSync(other, raw ?? JSON.stringify(file))
    return other
  }
  const flip = (base64: string) => {
    const bytes = Buffer.from(base64, 'base64')
    bytes[14] = (bytes[14] ?? 0) ^ 1
    return bytes.toString('base64')
  }

  t.notMatch(whole, /secret/, 'nothing in plain text')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(await codeOf(openFile(path, 'wrong horse')), 'PasswordWrong')
  t.equal(await codeOf(openFile(freshPath(), 'short')), 'PasswordWrong')

  const inRecord = await openFile(
    await damaged((file: { records?: Record<string, string> }) =>
      Object.assign(file.records ?? {}, { one: flip(file.records?.one ?? '') }),
    ),
  )
  t.equal(await codeOf(inRecord.get('one')), 'StoreDamaged')
  t.equal(await inRecord.get('two'), 'the second secret', 'the others are well')
  const moved = await openFile(
    await damaged((file: { records?: Record<string, string> }) =>
      Object.assign(file.records ?? {}, { two: file.records?.one }),
    ),
  )
  t.equal(await codeOf(moved.get('two')), 'StoreDamaged', 'a record is bound to its key')

  for (const [what, other] of [
    [
      'the wrapped key',
      await damaged((file: { key?: string }) => Object.assign(file, { key: flip(file.key ?? '') })),
    ],
    [
      'the salt',
      await damaged((file: { password?: { salt: string } }) =>
        Object.assign(file.password ?? {}, { salt: 'AAAA' }),
      ),
    ],
    [
      'a cheaper cost',
      await damaged((file: { password?: object }) => Object.assign(file.password ?? {}, { memory: 8 })),
    ],
    ['another version', await damaged((file: object) => Object.assign(file, { version: 2 }))],
    ['half of it', await damaged(() => {}, whole.slice(0, whole.length / 2))],
    ['nothing', await damaged(() => {}, '')],
  ] as const) {
    t.equal(await codeOf(openFile(other)), 'StoreDamaged', `${what}: damage, and not a wrong password`)
  }
  writeFileSync(`${path}.new`, 'left behind by a crash')
  t.equal(await (await openFile(path)).get('one'), 'the first secret')
  await store.set('three', 'x')
  t.equal(await (await openFile(path)).get('three'), 'x')
})

t.test('what was acknowledged survives kill -9', async (t) => {
  const path = freshPath()
  const child = fork(join(import.meta.dirname, '..', 'helpers', 'vault-writer.ts'), [path, PASSWORD])
  const acknowledged: string[] = []
  await new Promise<void>((resolve) => {
    child.on('message', (key) => {
      acknowledged.push(String(key))
      if (acknowledged.length === 40) child.kill('SIGKILL')
    })
    child.once('exit', () => resolve())
  })
  const store = await openFile(path)
  for (const key of acknowledged) t.equal(await store.get(key), `value of ${key}`)
  t.ok(acknowledged.length >= 40)
})

t.test('sessions held', async (t) => {
  const clock = manualClock()
  const keyrings = openKeyrings({ random: systemRandom, password: new Secret(PASSWORD) })
  const keyring = { type: 'file', vault: freshPath() } as const
  const held = holdSessions({ keyrings, clock, log: silentLog })
  const first = sessionFor('k', clock)
  await held.put(keyring, first)
  t.equal(held.peek(keyring, 'k'), first)

  const reopened = holdSessions({
    keyrings: openKeyrings({ random: systemRandom, password: new Secret(PASSWORD) }),
    clock,
    log: silentLog,
  })
  t.equal(reopened.peek(keyring, 'k'), undefined)
  t.strictSame(await reopened.load(keyring, 'k'), first, 'another process finds it in the store')

  const since = held.generation('k')
  const newer = sessionFor('k', clock)
  await held.put(keyring, newer)
  t.equal(await held.put(keyring, sessionFor('k', clock), since), newer, 'too late')
  const before = held.generation('k')
  t.equal(await held.delete(keyring, 'k'), true)
  t.equal(await held.put(keyring, sessionFor('k', clock), before), undefined, 'signed out stays signed out')
  t.equal(await held.load(keyring, 'k'), undefined)
  t.equal(await held.delete(keyring, 'k'), false)

  const locked = holdSessions({ keyrings: openKeyrings({ random: systemRandom }), clock, log: silentLog })
  t.equal(await codeOf(locked.load(keyring, 'k')), 'PasswordRequired')
  t.equal(await codeOf(locked.put(keyring, first)), 'PasswordRequired')
})

t.test('a session that configurations with different keyrings share', async (t) => {
  const clock = manualClock()
  const password = new Secret(PASSWORD)
  const memory = { type: 'memory' } as const
  const file = { type: 'file', vault: freshPath() } as const
  const start = () =>
    holdSessions({ keyrings: openKeyrings({ random: systemRandom, password }), clock, log: silentLog })

  const held = start()
  await held.put(memory, sessionFor('k', clock))
  t.equal(held.peek(file, 'k'), undefined, 'not before it rests there')
  t.equal(await held.load(file, 'k'), held.peek(memory, 'k'), 'whoever comes later shares it')
  const renewed = sessionFor('k', clock)
  await held.put(memory, renewed)
  t.equal(held.peek(file, 'k'), renewed)
  t.strictSame(await start().load(file, 'k'), renewed, 'a renewal by the one is kept for the other')

  clock.jump(60_000)
  const later = start()
  await later.put(memory, sessionFor('k', clock))
  const newest = await later.load(file, 'k')
  t.equal(newest?.issuedAt, clock.now(), 'the newer of two counts')
  t.strictSame(await start().load(file, 'k'), newest)

  await later.delete(memory, 'k')
  t.equal(await start().load(file, 'k'), undefined, 'signed out of one is signed out of all')

  const racing = start()
  await racing.put(memory, sessionFor('k', clock))
  const last = sessionFor('k', clock)
  await Promise.all([racing.load(file, 'k'), racing.put(memory, last), racing.load(file, 'k')])
  t.equal(racing.peek(file, 'k'), last)
  t.strictSame(await start().load(file, 'k'), last, 'whatever comes in between')
})

t.test('a sign-out while a session comes to another keyring finds it there', async (t) => {
  const clock = manualClock()
  const keyrings = openKeyrings({ random: systemRandom, password: new Secret(PASSWORD) })
  const memory = { type: 'memory' } as const
  const comings = {
    'shared by another configuration': (held: Held, file: Keyring) => held.load(file, 'k'),
    'signed in to by it': (held: Held, file: Keyring) => held.put(file, sessionFor('k', clock)),
  }
  for (const [name, coming] of Object.entries(comings)) {
    const file = { type: 'file', vault: freshPath() } as const
    const held = holdSessions({ keyrings, clock, log: silentLog })
    await held.put(memory, sessionFor('k', clock))
    const under = coming(held, file)
    await settle()
    await held.delete(memory, 'k')
    await under
    t.equal(await held.load(file, 'k'), undefined, name)
    t.strictSame(await (await keyrings.open(file)).list(), [], name)
  }
})

t.test(
  'a store that cannot be written: the failure is told, and the credential is kept in memory',
  async (t) => {
    const clock = manualClock()
    const full: Store = { ...memoryStore(), set: () => Promise.reject(new Error('no space')) }
    const held = holdSessions({
      keyrings: { open: async () => full, unlock: async () => {}, opened: async () => [] },
      clock,
      log: silentLog,
    })
    const session = sessionFor('k', clock)
    await t.rejects(held.put({ type: 'memory' }, session), { message: 'no space' })
    t.equal(held.peek({ type: 'memory' }, 'k'), session)
  },
)

t.test('keyrings: a wrong password of the daemon’s own leaves the client’s to try', async (t) => {
  const vault = freshPath()
  await (await openFile(vault)).set('a', 'b')
  const keyrings = openKeyrings({ random: systemRandom, password: new Secret('not this one') })
  t.equal(await codeOf(keyrings.open({ type: 'file', vault })), 'PasswordRequired')
  t.equal(await codeOf(keyrings.unlock(vault, new Secret('nor this one'))), 'PasswordWrong')
  await keyrings.unlock(vault, new Secret(PASSWORD))
  t.equal(await (await keyrings.open({ type: 'file', vault })).get('a'), 'b')
})
