/** The container credentials endpoint through the life of a session and of its grant. */
import t from 'tap'
import { askContainer } from '../helpers/asking.ts'
import { aheadClock } from '../helpers/clock.ts'
import { signedInHome } from '../helpers/cloud-home.ts'
import { chainOf } from '../helpers/identities.ts'
import type { RawAnswer } from '../helpers/raw.ts'
import { type Running, running } from '../helpers/running.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

const clock = aheadClock()
let daemon: Running
let grant: { id: string; path: string; token: string }

t.before(async () => {
  daemon = await running({ clock, cloud: { now: clock.now } })
  await daemon.signIn('dev-admin')
  grant = await daemon.grant('dev-admin')
})
t.teardown(() => daemon.stop())

const get = () => askContainer(daemon, grant, {}, 3_000)
const read = ({ body }: RawAnswer) => JSON.parse(body) as { AccessKeyId: string; Expiration: string }
const left = (answer: RawAnswer) => Date.parse(read(answer).Expiration) - clock.now()
const renew = async () => daemon.app.house.broker.renew(await chainOf(daemon, 'dev-admin'))

/** Waits for what goes on behind the caller's back. */
async function renewed(key: string): Promise<RawAnswer> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await get()
    if (answer.status === 200 && read(answer).AccessKeyId !== key) return answer
  }
  throw new Error('it was never renewed')
}

t.test(
  '38: there is no token file to change: the token is good as long as its grant, and no longer',
  async (t) => {
    const first = await get()
    t.equal(first.status, 200)
    const [issued] = daemon.app.house.grants.list()
    const end = (issued?.expiresAt ?? 0) - clock.now()
    t.ok(Math.abs(end - 24 * 60 * MINUTE_MS) < MINUTE_MS, 'a day, where no program holds it')
    const kept = issued?.expiresAt ?? 0
    if (issued) issued.expiresAt = clock.now()
    t.match(await get(), { status: 403, body: /GrantRevoked/ })
    if (issued) issued.expiresAt = kept
    t.equal((await get()).status, 200)
  },
)

t.test(
  '52: twenty minutes are left of what is given out, for where they are not a new one is begun',
  async (t) => {
    await renew()
    const first = read(await get()).AccessKeyId
    clock.turn(39 * MINUTE_MS)
    const second = await get()
    t.equal(read(second).AccessKeyId, first)
    t.ok(left(second) >= 20 * MINUTE_MS)
    clock.turn(MINUTE_MS + SECOND_MS)
    const third = await renewed(first)
    t.ok(left(third) > 59 * MINUTE_MS, 'behind the back of whoever asks first')
  },
)

t.test(
  '53: in the last minute the new one is waited for; the old one only where none comes, to its end',
  async (t) => {
    await renew()
    const first = read(await get()).AccessKeyId
    clock.turn(59 * MINUTE_MS + 30 * SECOND_MS)
    const second = await get()
    t.not(read(second).AccessKeyId, first)
    t.ok(left(second) > 59 * MINUTE_MS)

    daemon.cloud.fault({ operation: 'GetRoleCredentials', kind: 'status', status: 500 })
    clock.turn(59 * MINUTE_MS + 30 * SECOND_MS)
    const last = await get()
    t.equal(read(last).AccessKeyId, read(second).AccessKeyId, 'a valid one is not withdrawn')
    clock.turn(31 * SECOND_MS)
    const over = await get()
    t.equal(over.status, 503)
    t.notMatch(over.body, /AccessKeyId/, 'an expired one is not served')
    daemon.cloud.clearFaults()
    clock.turn(MINUTE_MS)
    t.ok(left(await renewed(read(last).AccessKeyId)) > 58 * MINUTE_MS)
  },
)

t.test('50: where a person is needed it is 403, with the command', async (t) => {
  daemon.cloud.revokeAccessTokens()
  daemon.cloud.revokeRefreshTokens()
  await daemon.app.house.broker.drop(await chainOf(daemon, 'dev-admin'))
  await get()
  const { status, body } = await get()
  t.equal(status, 403)
  t.match(JSON.parse(body), { code: 'LoginRequired', message: /`atmosctl login/ })
  t.equal(daemon.cloud.calls('StartDeviceAuthorization'), 1, 'nobody is asked in the background')
})

t.test('50: so it is where the vault is locked, with what opens it', async (t) => {
  const { home } = await signedInHome(t)
  const { stdout } = await home.atmosctl(['env', '-f', 'json'])
  const {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: uri = '',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization = '',
  } = JSON.parse(stdout)
  await home.atmosctl(['daemon', 'stop'])
  const locked = { ATMOS_KEYRING_PASSWORD: '' }
  t.equal((await home.atmosctl(['daemon', 'start'], { env: locked })).code, 0)
  const answer = await fetch(uri, { headers: { authorization } })
  t.equal(answer.status, 403)
  t.match(await answer.json(), { code: 'PasswordRequired', message: /locked.*ATMOS_KEYRING_PASSWORD/ })
})
