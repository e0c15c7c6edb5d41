/**
 * Some of Azure on loopback: a proxy that leads every address to one server with the certificate of those that are
 * spoken here, Resource Manager's list of subscriptions and a storage account. What goes by HTTPS_PROXY stays here.
 */
import { readFileSync } from 'node:fs'
import { createServer as plainServer } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { listenLoopback } from '../../daemon/system/listen.ts'
import { verifiedJwt } from '../cloud/jwt.ts'
import { SUBSCRIPTION, TENANT } from './azure-tenant.ts'

const TLS = join(import.meta.dirname, '..', 'fixtures', 'tls')
const certificate = join(TLS, 'azure-certificate.pem')

export interface AzureFront {
  /** Variables that lead tools of Go and Python here. */
  env: Record<string, string>
  /** The tokens that requests came with, for each address. */
  tokens(host: string): string[]
  /** Addresses that were asked for, and everything that was said to them. */
  hosts(): string[]
  heard: string[]
  /** What is stored at a path. */
  blob(path: string): string | undefined
  close(): void
}

interface Asked {
  method: string
  url: URL
  body: string
  headers: Record<string, string>
}

interface Said {
  status: number
  body?: string
  headers?: Record<string, string>
}

/** The audience of a token that is good; undefined for any other. */
export type Judge = (token: string) => unknown

/** `judge` is whose tokens are taken: those of the tests' made-up tenant unless given. */
export async function azureFront(
  judge: Judge = (token) => verifiedJwt(token)?.aud,
  { subscription, tenant } = { subscription: SUBSCRIPTION, tenant: TENANT },
): Promise<AzureFront> {
  const heard: string[] = []
  const hosts = new Set<string>()
  const tokens: [string, string][] = []
  const store = storage()
  const tls = { cert: readFileSync(certificate), key: readFileSync(join(TLS, 'azure-key.pem')) }
  const server = createServer(tls, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', async () => {
      const { method = '', headers } = request
      const url = new URL(`https://${headers.host}${request.url}`)
      const token = headers.authorization?.replace(/^Bearer /, '') ?? ''
      const asked = { method, url, body: String(Buffer.concat(chunks)), headers: headers as Asked['headers'] }
      heard.push(JSON.stringify(asked))
      tokens.push([url.hostname, token])
      const audience = await judge(token)
      const known = { subscription, tenant }
      const said = isManagement(url) ? subscriptions(audience, known) : store.answer(asked, audience)
      response.writeHead(said.status, { 'x-ms-version': '2020-08-04', ...said.headers })
      response.end(said.body)
    })
  })
  const proxy = plainServer().on('connect', ({ url = '' }, socket) => {
    hosts.add(url)
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    server.emit('connection', socket)
  })
  const port = await listenLoopback(proxy, { host: '127.0.0.1', port: 0 })
  const address = `http://127.0.0.1:${port}`
  return {
    env: {
      HTTPS_PROXY: address,
      HTTP_PROXY: address,
      SSL_CERT_FILE: certificate,
      REQUESTS_CA_BUNDLE: certificate,
    },
    tokens: (host) => tokens.filter(([known]) => known === host).map(([, token]) => token),
    hosts: () => [...hosts],
    heard,
    blob: (path) => store.blobs.get(path)?.body,
    close: () => {
      proxy.closeAllConnections()
      proxy.close()
      server.closeAllConnections()
    },
  }
}

const isManagement = ({ hostname }: URL) => hostname === 'management.azure.com'

interface Known {
  subscription: string
  tenant: string
}

function subscriptions(audience: unknown, { subscription, tenant }: Known): Said {
  if (!/^https:\/\/management\.(?:core\.windows\.net|azure\.com)$/.test(String(audience)))
    return { status: 401 }
  const id = `/subscriptions/${subscription}`
  const one = { id, subscriptionId: subscription, displayName: 'Sandbox', state: 'Enabled', tenantId: tenant }
  return json({ value: [{ ...one, managedByTenants: [] }] })
}

function json(value: unknown): Said {
  return { status: 200, body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } }
}

/** Blobs with their metadata and leases, as far as terraform uses them. */
function storage() {
  const blobs = new Map<string, { body: string; metadata: Record<string, string> }>()
  const listing = '<?xml version="1.0"?><EnumerationResults><Blobs /><NextMarker /></EnumerationResults>'

  function answer({ method, url, body, headers }: Asked, audience: unknown): Said {
    if (audience !== 'https://storage.azure.com') return { status: 401 }
    const part = url.searchParams.get('comp')
    const blob = blobs.get(url.pathname)
    const metadata = Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('x-ms-meta-')),
    )
    if (part === 'list') return { status: 200, body: listing, headers: { 'Content-Type': 'application/xml' } }
    if (part === 'lease') return lease(headers)
    if (part === 'metadata' && blob) {
      blob.metadata = metadata
      return { status: 200 }
    }
    if (method === 'PUT') {
      blobs.set(url.pathname, { body, metadata: { ...blob?.metadata, ...metadata } })
      return { status: 201 }
    }
    if (!blob) return { status: 404, headers: { 'x-ms-error-code': 'BlobNotFound' } }
    const length = String(Buffer.byteLength(blob.body))
    return {
      status: 200,
      ...(method === 'HEAD' ? {} : { body: blob.body }),
      headers: { ...blob.metadata, 'Content-Type': 'application/json', 'Content-Length': length },
    }
  }
  return { blobs, answer }
}

function lease(headers: Record<string, string>): Said {
  const id = headers['x-ms-lease-id'] ?? headers['x-ms-proposed-lease-id'] ?? ''
  return { status: headers['x-ms-lease-action'] === 'acquire' ? 201 : 200, headers: { 'x-ms-lease-id': id } }
}
