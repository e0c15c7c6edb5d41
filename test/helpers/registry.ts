/** A real container registry on this machine, by itself or behind a sign-in. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './port.ts'

type Test = { teardown(work: () => unknown): void }

/** Its host and port. `more` is added to its configuration. */
export async function startRegistry(t: Test, home: string, more = ''): Promise<string> {
  const host = `127.0.0.1:${await freePort()}`
  const config = join(home, 'registry.yml')
  writeFileSync(
    config,
    `version: 0.1
storage: { filesystem: { rootdirectory: ${join(home, 'images')} } }
http: { addr: "${host}" }
${more}
`,
  )
  const registry = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
  t.teardown(() => registry.kill())
  for (let turn = 0; turn < 200; turn++) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined)
    if (answer?.status === 401 || answer?.status === 200) return host
    await sleep(50)
  }
  throw new Error('the registry does not answer')
}

/**
 * One that a client gets into as into those of the clouds: by a token of the registry's own, for which it signs in with
 * name and password (https://distribution.github.io/distribution/spec/auth/token/).
 */
export async function registryBehind(
  t: Test,
  home: string,
  takes: (user: string, password: string) => Promise<boolean>,
): Promise<{ host: string; signIns(): number }> {
  const inside = await startRegistry(t, home)
  const tokens = new Set<string>()
  let host = ''
  const server = createServer(async (asked, answer) => {
    const [scheme, proof = ''] = (asked.headers.authorization ?? '').split(' ')
    if (asked.url?.startsWith('/oauth2/token')) {
      const [user = '', ...password] = Buffer.from(proof, 'base64').toString().split(':')
      if (scheme !== 'Basic' || !(await takes(user, password.join(':'))))
        return void answer.writeHead(401).end()
      const token = randomBytes(24).toString('base64url')
      tokens.add(token)
      return void answer.writeHead(200).end(JSON.stringify({ access_token: token, expires_in: 60 }))
    }
    if (scheme === 'Bearer' && tokens.has(proof)) return handOn(inside, asked, answer)
    const challenge = `Bearer realm="http://${host}/oauth2/token",service="registry"`
    answer.writeHead(401, { 'WWW-Authenticate': challenge }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { host, signIns: () => tokens.size }
}

/** With the `Host` that the client sent, which the registry's redirects then have. */
function handOn(inside: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { authorization: _, ...headers } = asked.headers
  const onward = request(
    `http://${inside}${asked.url}`,
    { method: asked.method ?? 'GET', headers },
    (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers)
      found.pipe(answer)
    },
  )
  onward.once('error', () => answer.destroy())
  asked.pipe(onward)
}
