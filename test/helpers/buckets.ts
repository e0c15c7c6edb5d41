/**
 * As much of Google's and of AWS's object storage as terraform's state needs, on one port each. `judge` says who asks;
 * whoever is nobody is refused.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { listenLoopback } from '../../daemon/system/listen.ts'

export interface Bucket {
  url: string
  /** Who asked, each time. */
  seen: string[]
  object(name: string): string | undefined
  /** How many were refused. */
  refused(): number
}

interface Asked {
  method: string
  url: URL
  body: string
  headers: IncomingHttpHeaders
}
type Objects = Map<string, string>
type Answer = (asked: Asked, objects: Objects, response: ServerResponse) => void
type Judge = (headers: IncomingHttpHeaders) => string | undefined
interface Teardown {
  teardown(work: () => unknown): void
}

async function bucket(t: Teardown, judge: Judge, answer: Answer): Promise<Bucket> {
  const objects: Objects = new Map()
  const seen: string[] = []
  let refused = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', headers, url = '' } = request
    const who = judge(headers)
    if (who === undefined) {
      refused += 1
      return void response.writeHead(401).end()
    }
    seen.push(who)
    const body = String(Buffer.concat(chunks))
    answer({ method, url: new URL(url, 'http://bucket'), body, headers }, objects, response)
  })
  const port = await listenLoopback(server, { host: '127.0.0.1', port: 0 })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    object: (name) => objects.get(name),
    refused: () => refused,
  }
}

/** Google's, by its JSON API. */
export function googleBucket(t: Teardown, judge: Judge): Promise<Bucket> {
  return bucket(t, judge, ({ method, url, body, headers }, objects, response) => {
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    const resource = (name: string) => ({ name, bucket: 'state', generation: '1', metageneration: '1' })
    if (method === 'POST') {
      const { name, content } = upload(body, headers)
      objects.set(name, content)
      return json(200, resource(name))
    }
    const name = decodeURIComponent(/(?:\/o\/|^\/state\/)([^?]+)$/.exec(url.pathname)?.[1] ?? '')
    if (name === '') return json(200, { items: [...objects.keys()].map(resource) })
    const content = objects.get(name)
    if (content === undefined) return json(404, { error: { code: 404, message: 'No such object' } })
    if (method === 'DELETE') {
      objects.delete(name)
      return void response.writeHead(204).end()
    }
    if (url.pathname.includes('/o/') && url.searchParams.get('alt') !== 'media')
      return json(200, resource(name))
    response.setHeader('X-Goog-Generation', '1').end(content)
  })
}

/** Two parts: what it is to be called, and what is in it (RFC 2387). */
function upload(body: string, { 'content-type': type = '' }: IncomingHttpHeaders) {
  const boundary = /boundary="?([^";]+)/.exec(type)?.[1]
  const parts = body.split(`--${boundary}`).slice(1, -1)
  const [about = '', content = ''] = parts.map((part) => part.replace(/^[\s\S]*?\r\n\r\n/, '').trim())
  const { name } = JSON.parse(about) as { name: string }
  return { name, content }
}

/** AWS's, where the bucket is in the path. */
export function awsBucket(t: Teardown, judge: Judge): Promise<Bucket> {
  return bucket(t, judge, ({ method, url, body, headers }, objects, response) => {
    const name = url.pathname.replace(/^\/state\/?/, '')
    const content = objects.get(name)
    response.setHeader('Content-Type', 'application/xml')
    if (name === '') return void response.end('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>')
    if (method === 'PUT') {
      objects.set(name, unchunked(body, headers))
      return void response.end()
    }
    if (method === 'DELETE') {
      objects.delete(name)
      return void response.writeHead(204).end()
    }
    if (content === undefined)
      return void response
        .writeHead(404)
        .end(method === 'HEAD' ? '' : '<Error><Code>NoSuchKey</Code></Error>')
    response.end(method === 'HEAD' ? '' : content)
  })
}

/** A body that is sent in signed chunks has each one's length and signature before it. */
function unchunked(body: string, { 'content-encoding': encoding }: IncomingHttpHeaders): string {
  if (!encoding?.includes('aws-chunked')) return body
  return body.replace(/^[0-9a-f]+(?:;chunk-signature=\w+)?\r\n/, '').replace(/\r\n0[\s\S]*$/, '')
}
