/** Google's metadata server: answers that wait until a value is another one. */
import t from 'tap'
import { answerOf } from '../../daemon/endpoints/gce-metadata-answer.ts'
import { waitForChanges } from '../../daemon/endpoints/gce-metadata-change.ts'
import { queryOf } from '../../daemon/endpoints/gce-metadata-query.ts'
import { manualClock, settle, turned } from '../helpers/clock.ts'
import { google } from '../helpers/google-daemon.ts'
import { asked, FLAVOR, ROOT } from '../helpers/metadata.ts'
import { raw } from '../helpers/raw.ts'

const PROJECT = `${ROOT}/project/project-id`

t.test(
  '135: as it is, at the end of the wait or at once where it is another than the tool knows',
  async (t) => {
    const at = await google(t)
    const timed = async (query: string) => {
      const begun = performance.now()
      const answer = await asked(at.port, `${PROJECT}?wait_for_change=true${query}`)
      return { ...answer, took: performance.now() - begun }
    }
    const now = await timed('&last_etag=0&timeout_sec=30')
    t.match(now, { status: 200, body: 'acme-prod', headers: { etag: /.{16}/ } })
    t.ok(now.took < 500, 'at once')
    for (const known of ['', `&last_etag=${now.headers.etag}`]) {
      const waited = await timed(`${known}&timeout_sec=1`)
      t.match(waited, { status: 200, body: 'acme-prod', headers: { etag: now.headers.etag } })
      t.ok(waited.took > 800 && waited.took < 2_000, `${waited.took} ms`)
    }
    const waiting = timed(`&last_etag=${now.headers.etag}&timeout_sec=20`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    at.knobs.facts = { project: 'other-project' }
    t.match(await waiting, { status: 200, body: 'other-project' })
    t.equal((await timed('&timeout_sec=x')).status, 400)
  },
)

t.test('135: nobody is held for more than a minute, whatever was asked for', async (t) => {
  for (const seconds of ['', '&timeout_sec=0', '&timeout_sec=999999999'])
    t.equal(queryOf(`/?wait_for_change=true${seconds}`)?.wait?.timeoutMs, 60_000)
  const clock = manualClock()
  const begun = clock.now()
  const signal = new AbortController().signal
  const wait = { lastEtag: undefined, timeoutMs: 60_000, signal }
  await turned(
    clock,
    waitForChanges(clock).changed(async () => answerOf('application/text', 'a'), wait),
  )
  t.ok(clock.now() - begun <= 60_100)
})

t.test('135: no more than sixteen, and who goes away makes room', async (t) => {
  const clock = manualClock()
  const { changed } = waitForChanges(clock)
  const gone = new AbortController()
  const same = async () => answerOf('application/text', 'a')
  const wait = { lastEtag: undefined, timeoutMs: 60_000, signal: gone.signal }
  const held = Array.from({ length: 16 }, () => changed(same, wait))
  await settle()
  t.equal(await changed(same, wait), undefined)
  gone.abort()
  t.equal((await Promise.all(held)).length, 16)
  t.equal(clock.sleeping(), 0, 'nothing of them is left')
  t.ok(await changed(same, wait))
})

t.test('135: over sockets: one too many is told to come back, a tool that hangs up makes room', async (t) => {
  const at = await google(t)
  const path = `${PROJECT}?wait_for_change=true&timeout_sec=1`
  const statuses = (await Promise.all(Array.from({ length: 17 }, () => asked(at.port, path)))).map(
    ({ status }) => status,
  )
  t.equal(statuses.filter((status) => status === 503).length, 1)
  t.equal(statuses.filter((status) => status === 200).length, 16)

  const long = `GET ${PROJECT}?wait_for_change=true&timeout_sec=50 HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\n${FLAVOR}\r\n\r\n`
  await Promise.all(Array.from({ length: 16 }, () => raw(at.port, long, 200))) // each hangs up after that
  t.equal((await asked(at.port, path)).status, 200)
})

t.test('135: the end of the grant ends the wait', async (t) => {
  const at = await google(t)
  const waiting = asked(at.port, `${PROJECT}?wait_for_change=true&timeout_sec=20`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await at.close()
  t.equal((await waiting).status, 0, 'cut off')
})
