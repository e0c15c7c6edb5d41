/** Whose connections are answered: those of this machine, and of the daemon's own user. */
import t from 'tap'
import { refusalOf } from '../../daemon/endpoints/guards.ts'
import { parseAddress } from '../../daemon/system/listen.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { ask, metadataOf } from '../helpers/asking.ts'
import { conversation, raw } from '../helpers/raw.ts'
import { type Running, running } from '../helpers/running.ts'

const whole = ({ port }: Running, { path, token }: { path: string; token: string }) =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${token}\r\n\r\n`

const answered = (seen: string) => seen.match(/"AccessKeyId"/g)?.length ?? 0

t.test('13: only this machine: no other address is listened on, and none is answered', async (t) => {
  for (const wanted of ['0.0.0.0:1', '10.0.0.1:1', '[::]:1', '192.168.0.1:1'])
    t.throws(() => parseAddress(wanted), { code: 'Usage' }, wanted)
  const asked = { method: 'GET', url: '/', rawHeaders: ['Host', 'a:1'] }
  for (const remoteAddress of ['10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '', undefined])
    t.match(refusalOf({ ...asked, remoteAddress }, 'a:1'), { code: 'Forbidden' }, String(remoteAddress))
  for (const remoteAddress of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])
    t.equal(refusalOf({ ...asked, remoteAddress }, 'a:1'), undefined, remoteAddress)
})

t.test(
  '14: another user’s connection is refused and noted, and so is one that cannot be found',
  async (t) => {
    for (const uid of [12_345, undefined]) {
      let asked = 0
      const noted: unknown[] = []
      const guarded = await running({
        log: { ...silentLog, warn: (...said: unknown[]) => void noted.push(said) },
        peer: async () => {
          asked += 1
          return uid
        },
      })
      t.teardown(() => guarded.stop())
      const { status, body } = await raw(guarded.port, whole(guarded, await guarded.grant('emergency')))
      t.equal(status, 403, String(uid))
      t.notMatch(body, /SecretAccessKey/)
      t.equal(asked, 1, 'asked once')
      t.match(JSON.stringify(noted), /refused a connection of another user/)
      const { port } = await metadataOf(guarded, 'emergency')
      t.equal((await ask(port, { method: 'PUT', path: '/latest/api/token' })).status, 403, 'metadata')
    }
  },
)

t.test('14: whose a connection is, is looked up once', async (t) => {
  let asked = 0
  const guarded = await running({
    peer: async () => {
      asked += 1
      return process.getuid?.()
    },
  })
  t.teardown(() => guarded.stop())
  const text = whole(guarded, await guarded.grant('emergency'))
  const seen = await conversation(guarded.port, text, (seen, say) => {
    if (answered(seen) < 3 && seen.endsWith('}')) say(text)
    return answered(seen) === 3
  })
  t.equal(answered(seen), 3)
  t.equal(asked, 1)
})
