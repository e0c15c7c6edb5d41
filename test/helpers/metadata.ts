import { type RawAnswer, raw } from './raw.ts'

export const FLAVOR = 'Metadata-Flavor: Google'
export const ROOT = '/computeMetadata/v1'
export const DEFAULT = `${ROOT}/instance/service-accounts/default`

/** A request to a metadata server with the given lines after its first, from a client that knows the address. */
export function asked(port: number, path: string, lines: readonly string[] = [FLAVOR], method = 'GET') {
  const head = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...lines]
  return raw(port, `${head.join('\r\n')}\r\n\r\n`, 5_000)
}

/** Whether an answer is of a metadata server, as Node's and Java's clients judge it. */
export function isOfTheService({ headers }: RawAnswer): boolean {
  return headers['metadata-flavor'] === 'Google' && headers.server === 'Metadata Server for VM'
}
