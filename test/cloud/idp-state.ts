/** What an identity provider of the tests remembers, what a test can turn, and what its pages are made of. */
import { IDP } from './saml.ts'
import type { Asked, Reply } from './wire.ts'

export const PERSON = { name: 'jo@example.com', password: 'prälat horse battery', code: '314159' }
export const AWS = 'https://signin.aws.amazon.com/saml'
export const DEPLOY = 'arn:aws:iam::222222222222:role/Deploy'
export const READ = 'arn:aws:iam::222222222222:role/Read'

/** What a test can turn. */
export interface IdpKnobs {
  roles: string[]
  /** What verifies further, after the password. */
  factor: 'none' | 'totp' | 'push' | 'sms' | 'webauthn'
  /** What comes of a push: how many looks it takes, and what it ends with. */
  push: { looks: number; result: 'SUCCESS' | 'REJECTED' | 'TIMEOUT'; number?: number }
  locked: boolean
  /** Every answer is 503. */
  down: boolean
  /** The page is not the one that everybody knows. */
  changed: 'no' | 'form' | 'script' | 'captcha' | 'elsewhere' | 'circle'
  /** Okta's state after the password. */
  status?: string
  /** Whether the login page fills itself in and sends itself, as a person would. */
  presses: boolean
  /** Whether its cookie outlives the browser. */
  persistent: boolean
  lifeSeconds: number
  to: string
}

export interface IdpState {
  url: string
  knobs: IdpKnobs
  /** Cookies and tokens of sign-ins that are under way or done. */
  sessions: Set<string>
  /** How often each thing happened. */
  count(what: string): void
  secret(): string
  /** The page that posts a new assertion to AWS by itself. */
  postPage(): Promise<Reply>
  now(): number
}

export function usualKnobs(): IdpKnobs {
  return {
    roles: [`${DEPLOY},${IDP}`, `${READ},${IDP}`],
    factor: 'none',
    push: { looks: 2, result: 'SUCCESS' },
    locked: false,
    down: false,
    changed: 'no',
    presses: true,
    persistent: true,
    lifeSeconds: 300,
    to: AWS,
  }
}

export function page(body: string, headers: Record<string, string> = {}): Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers },
    body: `<!DOCTYPE html><html><head><title>Sign in</title><script>if (1 < 2) { "<form>" }</script></head>${body}</html>`,
  }
}

export function redirect(to: string, headers: Record<string, string> = {}): Reply {
  return { status: 302, headers: { Location: to, ...headers }, body: '' }
}

/** The value of a cookie that came along. */
export function cookie({ headers }: Asked, name: string): string {
  const pairs = (headers.cookie ?? '').split('; ').map((pair) => pair.split('='))
  return pairs.find(([key]) => key === name)?.[1] ?? ''
}
