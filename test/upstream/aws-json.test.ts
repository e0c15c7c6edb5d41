/** Signed calls without an SDK: the two that there are, against the sandbox cloud and against a server that misbehaves. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import t from 'tap'
import type { Clock } from '../../daemon/system/clock.ts'
import { processJson } from '../../daemon/upstream/aws-json.ts'
import { ecrPublicTokenRequest } from '../../daemon/upstream/ecr-public.ts'
import { clusterRequest } from '../../daemon/upstream/eks-cluster.ts'
import { Secret } from '../../shared/secret.ts'
import { startCloud } from '../cloud/cloud.ts'
import { aws } from '../helpers/chains.ts'
import { failure } from '../helpers/failure.ts'

/** Waits between tries are over at once and noted; a limit of ten seconds comes at once where `late`. */
function hurried(waits: number[], late = false): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => 0,
    every: () => () => {},
    sleep(ms, signal) {
      if (ms < 10_000) return Promise.resolve(void waits.push(ms))
      return new Promise((resolve) => {
        if (late) setTimeout(resolve, 20)
        signal?.addEventListener('abort', () => resolve())
      })
    },
  }
}

const keys = aws(Date.now() + 3_600_000)

function both(endpoint: string, { late = false, given = keys, signal = new AbortController().signal } = {}) {
  const waits: number[] = []
  const at = { endpoint, region: 'us-east-1', keys: given, signal, clock: hurried(waits, late) }
  const calls = [
    ['describe the cluster main', () => clusterRequest(at, 'main')],
    ['give a token for ECR Public', () => ecrPublicTokenRequest(at)],
  ] as const
  return { waits, calls }
}

async function server(t: { teardown(work: () => void): void }, answer: RequestListener) {
  const seen: { connection?: string | undefined; signature?: string | undefined }[] = []
  const listening = createServer((request, response) => {
    const { connection, authorization } = request.headers
    seen.push({ connection, signature: authorization })
    answer(request, response)
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    listening.closeAllConnections()
    listening.close()
  })
  return { seen, url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}` }
}

t.test('what will pass is tried three times, what will not once', async (t) => {
  const cloud = await startCloud()
  t.teardown(() => cloud.close())
  const operations = ['DescribeCluster', 'GetPublicAuthorizationToken'] as const
  const rows = [
    ['reset', 0, 'x', 3, 'UpstreamUnavailable', /could not be reached to .*: \w/],
    [
      'status',
      503,
      'ServiceUnavailable',
      3,
      'UpstreamUnavailable',
      /could not be reached to .*: it answered 503/,
    ],
    [
      'status',
      400,
      'ThrottlingException',
      3,
      'UpstreamThrottled',
      /refused to .*: ThrottlingException: A fault/,
    ],
    [
      'status',
      403,
      'AccessDeniedException',
      1,
      'AccessDenied',
      /refused to .*: AccessDeniedException: A fault/,
    ],
  ] as const
  const { waits, calls } = both(cloud.url)
  for (const [kind, status, code, tries, expected, message] of rows) {
    cloud.clearFaults()
    cloud.resetCalls()
    for (const operation of operations) cloud.fault({ operation, kind, status, code })
    for (const [index, [what, call]] of calls.entries()) {
      const failed = await failure(call())
      t.match(failed, { code: expected, message }, `${kind} ${status}`)
      t.match(failed.message, what)
      t.equal(cloud.calls(operations[index]), tries, `${tries} tries of ${what}`)
    }
  }
  t.strictSame(waits.slice(0, 4), [200, 400, 200, 400])
})

t.test('one that hangs, one without end, one that redirects, and nothing that stays', async (t) => {
  const hanging = await server(t, () => {})
  for (const [, call] of both(hanging.url, { late: true }).calls)
    t.match(await failure(call()), { code: 'UpstreamUnavailable', message: /no answer within 10 s/ })
  const endless = await server(t, (_, response) => void response.end('x'.repeat(100_000)))
  for (const [, call] of both(endless.url).calls)
    t.match(await failure(call()), { code: 'UpstreamUnavailable', message: /no end/ })
  t.strictSame([...new Set(endless.seen.map(({ connection }) => connection))], ['close'])
  const away = await server(t, (_, response) => void response.writeHead(307, { Location: '/x' }).end())
  for (const [, call] of both(away.url).calls)
    t.match(await failure(call()), { code: 'UpstreamUnavailable', message: /it answered 307/ })
})

t.test('who has gone waits for nothing', async (t) => {
  const leave = new AbortController()
  const { url, seen } = await server(t, () => leave.abort())
  const [, call] = both(url, { signal: leave.signal }).calls[0] ?? []
  t.match(await failure(call?.() ?? Promise.resolve()), { code: 'UpstreamUnavailable' })
  t.equal(seen.length, 1)
})

t.test('a session that no header carries is not repeated', async (t) => {
  const given = { ...keys, sessionToken: new Secret('SECRET\nTAIL') }
  for (const [what, call] of both('http://127.0.0.1:1', { given }).calls) {
    const refused = await failure(call())
    t.match(refused, { code: 'ConfigInvalid' }, what)
    t.notMatch(inspect(refused, { depth: 9 }), /SECRET|TAIL/, what)
  }
})

t.test('AWS’s name of an error, wherever it stands', async (t) => {
  const type = 'com.amazonaws.x#AccessDeniedException'
  const rows: [answer: Parameters<typeof processJson>[0], message: RegExp][] = [
    [
      { status: 400, text: '', errorType: 'AccessDeniedException:http://x' },
      /: AccessDeniedException: it answered 400/,
    ],
    [{ status: 400, text: JSON.stringify({ __type: type, Message: 'no' }) }, /: AccessDeniedException: no/],
  ]
  for (const [answer, message] of rows)
    t.throws(() => processJson(answer, 'x'), { code: 'AccessDenied', message })
  t.throws(() => processJson({ status: 418, text: 'null' }, 'x'), { code: 'UpstreamInvalid' })
  for (const text of ['', 'null', '<html>']) t.strictSame(processJson({ status: 200, text }, 'x'), {})
})
