import { type RawAnswer, raw } from './raw.ts'

/** Posts a body to a loopback port, as a form unless told otherwise. */
export function posted(
  port: number,
  path: string,
  body: string,
  type: string | undefined = 'application/x-www-form-urlencoded',
): Promise<RawAnswer> {
  const lines = [`POST ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Content-Length: ${body.length}`]
  const head = type === '' ? lines : [...lines, `Content-Type: ${type}`]
  return raw(port, `${head.join('\r\n')}\r\n\r\n${body}`, 5_000)
}
