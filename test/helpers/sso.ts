/** A service of IAM Identity Center that writes down what it is sent, and a browser that comes back from it. */
import { createServer } from 'node:http'
import type { Test } from 'tap'
import { systemClock } from '../../daemon/system/clock.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import type { SsoOidc } from '../../daemon/upstream/sso-oidc.ts'

interface Seen {
  method: string
  path: string
  body: Record<string, unknown>
  headers: Record<string, unknown>
}

/** What the service answers at a path; without a row, that of `registered`. */
export type Answers = Record<string, [status: number, body: object]>

const registered: Answers = {
  '/client/register': [200, { clientId: 'c', clientSecret: 's', clientSecretExpiresAt: 4_000_000_000 }],
  '/device_authorization': [
    200,
    { deviceCode: 'd', userCode: 'AB-CD', verificationUri: 'https://a.b/device', expiresIn: 60 },
  ],
  '/token': [200, { accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer', expiresIn: 28_800 }],
}

/** A service that writes down what it is sent. */
export async function service(t: Test, answers: Answers = {}) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString()
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const body = text === '' ? {} : JSON.parse(text)
    seen.push({ method: request.method ?? '', path, body, headers: request.headers })
    const [status, answer] = { ...registered, ...answers }[path] ?? [404, {}]
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.teardown(() => server.close())
  const at: SsoOidc = {
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    startUrl: 'https://company.awsapps.com/start',
    signal: new AbortController().signal,
  }
  return { at, bodyOf: (path: string) => seen.find((one) => one.path === path)?.body, seen }
}

/** A browser that comes back with what `answer` makes of the address. */
export function browser(answer: (asked: URLSearchParams, back: URL) => void) {
  const shown: URLSearchParams[] = []
  const statuses: Promise<number>[] = []
  const prompt = {
    browser({ address }: { address: string }) {
      const asked = new URL(address).searchParams
      const back = new URL(asked.get('redirect_uri') ?? '')
      answer(asked, back)
      shown.push(asked)
      statuses.push(fetch(back).then(({ status }) => status))
    },
  }
  return { shown, statuses, signIn: { clock: systemClock, random: systemRandom, prompt } }
}
