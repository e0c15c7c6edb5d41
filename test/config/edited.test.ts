/** A configuration that is edited while a tool runs on it, and two configurations on one daemon. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { logout } from '../../daemon/operations/logout.ts'
import { exampleConfig } from '../cloud/example.ts'
import { manualClock, turned } from '../helpers/clock.ts'
import { raw } from '../helpers/raw.ts'
import { type Running, running } from '../helpers/running.ts'

/** A grant's chain is looked at again after five seconds, behind the back of the next to ask. */
const LOOK_AGAIN_MS = 6_000

async function place(test: Pick<typeof t, 'teardown'>) {
  const clock = manualClock(Date.now())
  const daemon = await running({ clock, cloud: { now: clock.now, lifetimes: { pollIntervalSeconds: 0.05 } } })
  test.teardown(() => daemon.stop())
  await turned(clock, daemon.signIn('dev-admin'), 60)
  const file = join(daemon.workspace.directory, 'atmos.yaml')
  const edit = (change: (text: string) => string) => {
    const before = readFileSync(file, 'utf8')
    const after = change(before)
    if (after === before) throw new Error('the edit changed nothing')
    writeFileSync(file, after)
    return before
  }
  /** What a tool gets now, and once the daemon has looked at the configuration again. */
  const asker = (path: string, token: string) => async () => {
    const ask = async () => {
      const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: ${token}\r\n\r\n`
      const { status, body } = await raw(daemon.port, request, 3_000)
      const answer = JSON.parse(body) as { AccessKeyId?: string; AccountId?: string; code?: string }
      return { status, ...answer }
    }
    await clock.advance(LOOK_AGAIN_MS)
    await ask()
    for (let attempt = 0; ; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      const answer = await ask()
      if (answer.status !== 503 || attempt === 40) return answer
    }
  }
  return { daemon, clock, file, edit, asker }
}

t.test('sessions are kept where their inputs are the same, and new ones made where not', async (t) => {
  const { daemon, edit, asker } = await place(t)
  const { path, token } = await daemon.grant('dev-admin')
  const ask = asker(path, token)
  const first = await ask()
  t.match(first, { status: 200, AccountId: '111111111111' })

  edit((text) =>
    text
      .replace('session_name: sandbox', 'session_name: other')
      .replace('realm: sandbox\n', 'realm: sandbox # a remark\n'),
  )
  t.strictSame(await ask(), first, 'another identity, and a remark: the same session')

  const before = edit((text) => text.replace('name: development', 'name: production'))
  t.match(await ask(), { status: 200, AccountId: '222222222222' }, 'another account: another session')

  const sound = edit(() => `${before}  providers: {\n`)
  t.match(await ask(), { status: 200, AccountId: '222222222222' }, 'broken: nothing changes')
  edit(() => sound.replace('kind: aws/permission-set', 'kind: aws/permision-set'))
  t.match(await ask(), { status: 200, AccountId: '222222222222' }, 'faulty: nothing changes')
  edit(() => before)
  t.strictSame(await ask(), first, 'mended: the session that was there before')

  edit((text) => text.replaceAll('dev-admin', 'someone-else'))
  t.match(await ask(), { status: 403, code: 'IdentityUnknown' }, 'taken out: its access ends')
})

t.test('two projects with the same names on one daemon', async (t) => {
  const { daemon, asker } = await place(t)
  const directory = join(daemon.workspace.directory, 'other')
  mkdirSync(directory)
  const text = exampleConfig(daemon.cloud.url).replace('realm: sandbox', 'realm: other')
  writeFileSync(join(directory, 'atmos.yaml'), text.replace('name: development', 'name: production'))
  const other: Running['workspace'] = { ...daemon.workspace, directory }
  const { issueGrant } = await import('../../daemon/operations/grant.ts')
  const mine = await daemon.grant('dev-admin')
  const its = await issueGrant(daemon.app.house, { workspace: other, identity: 'dev-admin' })
  const ask = { mine: asker(mine.path, mine.token), its: asker(new URL(its.url).pathname, its.token) }
  t.match(await ask.mine(), { status: 200, AccountId: '111111111111' })
  t.match(await ask.its(), { status: 200, AccountId: '222222222222' })
  t.equal(daemon.cloud.calls('StartDeviceAuthorization'), 1, 'they share the sign-in')

  await logout(daemon.app.house, {
    workspace: other,
    identity: 'dev-admin',
    provider: undefined,
    all: false,
    dryRun: false,
  })
  t.match(await ask.its(), { status: 403 })
  t.match(await ask.mine(), { status: 200, AccountId: '111111111111' }, 'and nothing else')
})
