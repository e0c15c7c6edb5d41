/**
 * What holds in every order of events: tools that ask, a cloud of changing moods, clocks that jump, people who sign in
 * and out. Each seed is one history; a failure names the seed and the step, and comes again with them.
 */
import t from 'tap'
import { startRefresher } from '../../daemon/broker/refresher.ts'
import { lastStep } from '../../daemon/graph/chain.ts'
import { holdSessions } from '../../daemon/sessions/held.ts'
import { memoryStore } from '../../daemon/sessions/memory.ts'
import { isServable, remaining, renewFirst, type Session, sessionOf } from '../../daemon/sessions/session.ts'
import type { Store } from '../../daemon/sessions/store.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { AuthError, failures } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import { brokerOn } from '../helpers/broker.ts'
import { aws, ssoToken } from '../helpers/chains.ts'
import { manualClock, settle } from '../helpers/clock.ts'
import { seededRandom } from '../helpers/random.ts'

const HISTORIES = 120
const STEPS = 120
const PATIENCE_MS = 700
const MINUTE = 60_000
const HOUR = 60 * MINUTE

type World = Awaited<ReturnType<typeof brokerOn>>

const fault = (code: AuthError['code']) => () => Promise.reject(new AuthError(code, code))

/** How the cloud answers when it is asked for a credential. */
const moods: Record<string, (world: World, life: number) => Promise<ReturnType<typeof aws>>> = {
  well: async ({ clock }, life) => aws(clock.now() + life),
  slow: async ({ clock }, life) => {
    await clock.sleep(3_000)
    return aws(clock.now() + life)
  },
  silent: () => new Promise(() => {}),
  away: fault('UpstreamUnavailable'),
  throttling: fault('UpstreamThrottled'),
  refusing: fault('AccessDenied'),
  rejecting: fault('CredentialRejected'),
  stale: async ({ clock }) => aws(clock.now() - 1),
}

interface History extends World {
  life: number
  /** Requests for a credential that are under way at the cloud, and the most there have been. */
  flying: { now: number; most: number }
  pick<T>(choices: readonly T[]): T
}

async function history(seed: number): Promise<History> {
  const chance = seededRandom(seed)
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(chance.unit() * choices.length)] as T
  const life = pick([6_000, MINUTE, 15 * MINUTE, HOUR, 12 * HOUR])
  const flying = { now: 0, most: 0 }
  return { ...(await brokerOn({ life, seed })), life, flying, pick }
}

function setMood(world: History, mood: keyof typeof moods): void {
  const { flying, life, upstream } = world
  upstream.assume = (_, { signal }) => {
    flying.now += 1
    flying.most = Math.max(flying.most, flying.now)
    const landed = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => landed.resolve(), { once: true })
    const answer = (moods[mood] as (typeof moods)['well'])(world, life)
    answer.then(
      () => landed.resolve(),
      () => landed.resolve(),
    )
    void landed.promise.then(() => {
      flying.now -= 1
    })
    return answer
  }
}

/** Asks as an endpoint does; undefined where all is as it should be. */
async function faultOfAsking(world: History): Promise<string | undefined> {
  const { broker, chain, clock, held } = world
  const before = held.peek(chain.keyring, lastStep(chain).key)
  const fresh = before && isServable(before, clock)
  const mayWait = !fresh || remaining(before, clock) <= renewFirst(before)
  let answer: Session | AuthError | undefined
  broker.session(chain, PATIENCE_MS).then(
    (session) => {
      answer = session
    },
    (error: AuthError) => {
      answer = error
    },
  )
  await settle()
  if (!answer && !mayWait) return 'a request waits although a valid credential is held'
  if (!answer) await clock.advance(PATIENCE_MS)
  if (!answer) return 'no answer in time'
  if (answer instanceof Error) {
    if (!Object.hasOwn(failures, answer.code)) return `a failure without a code: ${answer.message}`
    return before && isServable(before, clock) ? `withdrawn: ${answer.code}` : undefined
  }
  const left = Math.min(answer.expiresAt - clock.now(), answer.monotonicEnd - clock.monotonic())
  if (left <= 0) return `expired ${-left} ms ago`
  return answer.credential.type === 'aws' && answer.credential.accessKeyId ? undefined : 'empty'
}

const events: Record<string, (world: History) => Promise<unknown> | undefined> = {
  tick: ({ clock, pick, life }) => clock.advance(pick([50, 900, 10_000, life / 5, life / 2])),
  jump: async ({ clock, pick }) => clock.jump(pick([-2 * HOUR, -MINUTE, MINUTE, 2 * HOUR])),
  mood: async (world) => setMood(world, world.pick(Object.keys(moods))),
  recover: async (world) => setMood(world, 'well'),
  portal: async ({ upstream, clock, pick }) => {
    upstream.refresh = pick([
      async () => ssoToken(clock.now() + 8 * HOUR),
      fault('LoginRequired'),
      fault('UpstreamUnavailable'),
    ])
  },
  signIn: ({ login, portal, clock }) => {
    const leave = new AbortController()
    const done = login.signIn(portal, () => {}, leave.signal).catch(() => {})
    return clock.advance(100).then(() => {
      leave.abort()
      return done
    })
  },
  signOut: ({ broker, chain }) => broker.drop(chain),
}
const often = ['tick', 'tick', 'tick', 'mood', 'recover', ...Object.keys(events)]

t.test(`${HISTORIES} histories of ${STEPS} steps`, async (t) => {
  const seen = { served: 0, failed: 0 }
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const world = await history(seed)
    setMood(world, 'well')
    const refresher = startRefresher({ ...world, log: silentLog })
    for (let step = 0; step < STEPS; step++) {
      const event = world.pick(often)
      await events[event]?.(world)
      const wrong = await faultOfAsking(world)
      if (wrong) t.fail(`history ${seed}, step ${step}, after ${event}: ${wrong}`)
      const session = world.held.peek(world.chain.keyring, lastStep(world.chain).key)
      seen[session && isServable(session, world.clock) ? 'served' : 'failed'] += 1
    }
    refresher.stop()
    if (world.flying.most > 1) t.fail(`history ${seed}: ${world.flying.most} flights at once`)
  }
  t.ok(seen.served > 1_000 && seen.failed > 1_000, `both happen often: ${JSON.stringify(seen)}`)
})

t.test('a sign-out is the end of a session in every keyring, whatever is under way', async (t) => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const chance = seededRandom(seed)
    const pick = <T>(choices: readonly T[]) => choices[Math.floor(chance.unit() * choices.length)] as T
    const stores = new Map(['memory', 'file'].map((type) => [type, memoryStore()]))
    const clock = manualClock()
    const open = async ({ type }: Keyring) => {
      await settle()
      return stores.get(type) as Store
    }
    const keyrings = { open, unlock: async () => {}, opened: async () => [] }
    const held = holdSessions({ keyrings, clock, log: silentLog })
    const places = [{ type: 'memory' }, { type: 'file', vault: '/v' }] as const
    const origin = { key: 'k', name: 'dev', kind: 'test' }
    const works = [
      () => held.put(pick(places), sessionOf(origin, aws(clock.now() + HOUR), clock)),
      () => held.put(pick(places), sessionOf(origin, aws(clock.now() + HOUR), clock), held.generation('k')),
      () => held.load(pick(places), 'k'),
      () => held.load(pick(places), 'k'),
      () => held.delete(pick(places), 'k'),
    ]
    const under: Promise<unknown>[] = []
    for (let step = 0; step < 12; step++) {
      under.push(pick(works)())
      if (chance.unit() < 0.5) await settle()
    }
    under.push(held.delete(pick(places), 'k'))
    await Promise.all(under)
    const left = await Promise.all([...stores.values()].map((store) => store.get('k')))
    if (left.some((text) => text !== undefined)) t.fail(`history ${seed}: a record is left`)
  }
})
