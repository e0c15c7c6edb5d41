/**
 * An identity provider as a real server of this machine: a login page for browsers, Okta's API, and the forms of AD FS
 * and of Google. Its assertions are signed by samlify. Each make has an address of its own on one port.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { adfs } from './idp-adfs.ts'
import { google } from './idp-google.ts'
import { okta } from './idp-okta.ts'
import { portal } from './idp-portal.ts'
import { type IdpKnobs, type IdpState, PERSON, page, usualKnobs } from './idp-state.ts'
import { issueSecret } from './state.ts'
import type { Asked, Reply } from './wire.ts'
import { signedResponse } from './xml-signing.ts'

export interface TestIdp {
  url: string
  knobs: IdpKnobs
  calls(what: string): number
  secrets(): string[]
  /** Ends all sessions. */
  signOut(): void
  close(): Promise<void>
}

const makes = {
  '/app': portal,
  '/okta': okta,
  '/api': okta,
  '/login': okta,
  '/adfs': adfs,
  '/google': google,
}

/** Starts one on 127.0.0.1. */
export async function startIdp(now: () => number = Date.now): Promise<TestIdp> {
  const counts = new Map<string, number>()
  const issued = new Set<string>()
  const state: IdpState = {
    url: '',
    knobs: usualKnobs(),
    sessions: new Set(),
    count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    secret: () => issueSecret({ issued }),
    now,
    async postPage() {
      const { roles, lifeSeconds, to } = state.knobs
      const signing = { person: PERSON.name, roles, to, now: now(), notOnOrAfter: now() + lifeSeconds * 1000 }
      const response = await signedResponse(signing)
      issued.add(response)
      state.count('assertion')
      return page(
        `<body onload="document.forms[0].submit()"><form method="post" action="${to}"><input type="hidden" name="SAMLResponse" value="${response}"/><input type="hidden" name="RelayState" value=""/><noscript><input type="submit" value="Continue"/></noscript></form></body>`,
      )
    },
  }
  const server = createServer((request, response) => {
    void answered(state, request).then(({ status, headers, body }) =>
      response.writeHead(status, headers).end(body),
    )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  state.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  return {
    url: state.url,
    knobs: state.knobs,
    calls: (what) => counts.get(what) ?? 0,
    secrets: () => [...issued, PERSON.password],
    signOut: () => state.sessions.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answered(state: IdpState, request: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const target = request.url ?? '/'
  const [path = '/', query = ''] = target.split('?', 2)
  const asked: Asked = {
    method: request.method ?? 'GET',
    target,
    path,
    query: new URLSearchParams(query),
    headers: request.headers as Asked['headers'],
    body: Buffer.concat(chunks).toString('utf8'),
  }
  if (state.knobs.down) return { status: 503, body: 'Down' }
  const make = Object.entries(makes).find(([prefix]) => path.startsWith(prefix))?.[1]
  return make ? make(state, asked) : { status: 404, body: 'Not found' }
}
