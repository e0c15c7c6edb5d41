/** Requests as bytes to every endpoint of a daemon, to see which are refused, and that nothing is given away. */
import type { Test } from 'tap'
import { type Asked, ask, type Metadata, metadataOf, ROLES, TTL } from './asking.ts'
import { raw } from './raw.ts'
import { type Running, running } from './running.ts'

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'TRACE', 'OPTIONS']

/** Lines of a request; `HOST`, `TOKEN`, `PATH` and `PORT` mean the right ones. */
export const good = 'GET PATH HTTP/1.1\nHost: HOST\nAuthorization: TOKEN'

export interface Endpoints {
  daemon: Running
  grant: { id: string; path: string; token: string }
  imds: Metadata
  /** A right path of each endpoint, wrong ones, and the header lines that each wants. */
  places: (Required<Pick<Asked, 'lines' | 'path'>> & { port: number })[]
  /** Sends lines to the port of all grants. */
  send(text: string): ReturnType<typeof raw>
  /** Each is refused with its status and gives nothing away, and the next request is answered. */
  refused(t: Test, rows: readonly [name: string, status: number | number[], text: string][]): Promise<void>
  /** Each header alone has every route and method of every endpoint answer 403. */
  refusedEverywhere(t: Test, headers: readonly string[]): Promise<void>
}

export async function endpoints(): Promise<Endpoints> {
  const daemon = await running()
  const grant = await daemon.grant('emergency')
  const imds = await metadataOf(daemon, 'emergency')
  const [secret, token] = [`Authorization: ${grant.token}`, `X-aws-ec2-metadata-token: ${await imds.token()}`]
  const places = [
    { port: daemon.port, path: grant.path, lines: [secret] },
    { port: daemon.port, path: '/aws/unknown', lines: [secret] },
    { port: daemon.port, path: '/console/x', lines: [] },
    { port: daemon.port, path: '/', lines: [] },
    { port: imds.port, path: '/latest/api/token', lines: [`${TTL}: 60`] },
    { port: imds.port, path: ROLES, lines: [token] },
    { port: imds.port, path: '/nothing', lines: [token] },
  ]
  const send = (text: string) => raw(daemon.port, filled(text))

  function filled(text: string): string {
    const whole = text
      .replaceAll('HOST', `127.0.0.1:${daemon.port}`)
      .replaceAll('TOKEN', grant.token)
      .replaceAll('PATH', grant.path)
      .replaceAll('PORT', String(daemon.port))
    return `${whole.trim().split('\n').join('\r\n')}\r\n\r\n`
  }

  return {
    daemon,
    grant,
    imds,
    places,
    send,
    async refused(t, rows) {
      for (const [name, expected, text] of rows) {
        const { status, text: whole } = await send(text)
        t.ok([expected].flat().includes(status), `${name}: ${status}`)
        t.notOk(whole.includes(grant.token) || whole.includes('SecretAccessKey'), `${name}: nothing secret`)
      }
      t.equal((await send(good)).status, 200)
    },
    async refusedEverywhere(t, headers) {
      for (const { port, path, lines } of places)
        for (const method of METHODS)
          for (const header of headers) {
            const { status, text } = await ask(port, { method, path, lines: [...lines, header] })
            if (status !== 403 || /SecretAccessKey|ASIA/.test(text))
              t.fail(`${header} on ${method} ${path}: ${status}`)
          }
      t.equal((await send(good)).status, 200)
    },
  }
}
