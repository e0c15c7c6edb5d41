/** A cluster's API server over TLS on this machine, which lets in whoever it is told to. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'tls', name)),
) as [Buffer, Buffer]

export interface ApiServer {
  url: string
  /** Its certificate in base64, as kubeconfigs have it. */
  authority: string
  /** Tokens that it was sent, and those that it takes no more. */
  sent: string[]
  refused: Set<string>
}

/** `whose` says who a token's owner is; undefined for whom it does not let in. */
export async function startApiServer(
  t: { teardown(work: () => unknown): void },
  whose: (token: string) => Promise<string | undefined>,
): Promise<ApiServer> {
  const sent: string[] = []
  const refused = new Set<string>()
  const server = createServer({ key, cert: certificate }, async (asked, answer) => {
    const token = asked.headers.authorization?.replace(/^Bearer /, '') ?? ''
    sent.push(token)
    const who = refused.has(token) ? undefined : await whose(token).catch(() => undefined)
    answer.writeHead(who === undefined ? 401 : 200, { 'content-type': 'application/json' })
    const version = { major: '1', minor: '33', gitVersion: 'v1.33.0', arn: who }
    answer.end(JSON.stringify(who === undefined ? { kind: 'Status' } : version))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, authority: certificate.toString('base64'), sent, refused }
}
