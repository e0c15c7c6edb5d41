/** Second factors at Okta: which of them is used, and how it is verified ("Authentication API", Verify factor). */
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { authnRequest, type Factor, type OktaSignIn, type Transaction } from './okta-authn.ts'
import { onlyInABrowser } from './saml-forms.ts'

/** In this order: what asks for the least first. Those with a code that is sent have to be asked to send it. */
const WAYS: readonly [type: string, way: 'push' | 'code' | 'sent', what: string][] = [
  ['push', 'push', 'the phone'],
  ['token:software:totp', 'code', 'the authenticator'],
  ['token:hardware', 'code', 'the token'],
  ['token:hotp', 'code', 'the token'],
  ['token', 'code', 'the token'],
  ['sms', 'sent', 'the text message'],
  ['call', 'sent', 'the call'],
  ['email', 'sent', 'the mail'],
]
/** Okta gives a push five minutes, and asks for some seconds between looks. */
const PUSH_MS = 300_000
const LOOK_MS = 4_000

/** The first factor that a terminal can serve; undefined where all need a browser. */
export function factorOf(factors: readonly Factor[]) {
  for (const [type, way, what] of WAYS) {
    const factor = factors.find(({ factorType }) => factorType === type)
    if (factor?.id && /^[\w-]{1,64}$/.test(factor.id)) return { id: factor.id, way, what }
  }
  return undefined
}

/** What comes of a transaction once its factor is verified; itself where it wants none. */
export async function verified(at: OktaSignIn, before: Transaction): Promise<Transaction> {
  if (before.status !== 'MFA_REQUIRED') return before
  const factor = factorOf(before._embedded?.factors ?? [])
  if (!factor) throw onlyInABrowser(at.account.host, 'Okta', 'asks for a security key or the like')
  const { stateToken } = before
  const verify = (more: object = {}) =>
    authnRequest(at, `/factors/${factor.id}/verify`, { stateToken, ...more })
  if (factor.way === 'push') return pushed(at, verify)
  if (factor.way === 'sent') {
    at.account.attended()
    askPerson(at, 'Wait for the code', PUSH_MS) // in the background nothing is sent to anybody
    await verify()
  }
  for (;;) {
    const passCode = await at.account.code(`Code of ${factor.what} for ${at.account.host}`)
    const answer = await verify({ passCode })
    if (answer !== 'refused') return answer
  }
}

function askPerson({ account, clock }: OktaSignIn, what: string, ms: number): void {
  account.prompt.wait({ what, expiresAt: clock.now() + ms })
}

/** Looks until the person has decided on the phone. In the background nobody's phone rings: the prompt refuses. */
async function pushed(at: OktaSignIn, look: () => Promise<Transaction | 'refused'>): Promise<Transaction> {
  const { account, clock, signal } = at
  account.attended()
  askPerson(at, `Confirm the sign-in on your phone`, PUSH_MS)
  let shown: number | undefined
  for (const end = clock.now() + PUSH_MS; clock.now() < end && !signal.aborted; ) {
    const answer = await look()
    if (answer === 'refused') throw rejected(account.host)
    if (answer.status !== 'MFA_CHALLENGE') return answer
    assertWaiting(account.host, answer.factorResult)
    const number = answer._embedded?.factor?._embedded?.challenge?.correctAnswer
    if (number !== undefined && number !== shown)
      askPerson(at, `Choose ${printable(String(number), 4)} on your phone`, end - clock.now())
    shown = number
    await clock.sleep(LOOK_MS, signal)
  }
  throw late(account.host)
}

function assertWaiting(host: string, result: string | undefined): void {
  if (result === 'REJECTED' || result === 'CANCELLED') throw rejected(host)
  if (result === 'TIMEOUT') throw late(host)
}

function rejected(host: string): AuthError {
  return new AuthError('LoginRefused', `The sign-in at ${host} was rejected on the phone.`, {
    hint: 'If that was not you, tell who runs it.',
  })
}

function late(host: string): AuthError {
  return new AuthError('LoginExpired', `Nobody confirmed the sign-in at ${host} on the phone in time.`, {
    hint: 'Sign in again, with the phone at hand.',
  })
}
