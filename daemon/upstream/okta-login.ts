/**
 * Sign-in at Okta: a password, then what verifies it, to a session token that is good once; and with that to the page
 * of the application.
 */
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { Secret } from '../../shared/secret.ts'
import { formsIn } from './html-forms.ts'
import { authnRequest, type OktaSignIn, type Transaction } from './okta-authn.ts'
import { verified } from './okta-factors.ts'
import { assertAnswered, onlyInABrowser, postedToAws } from './saml-forms.ts'

/** The states that a person has to leave somewhere else, each with what to do. */
const ENDS: Readonly<Record<string, [message: string, hint: string]>> = {
  LOCKED_OUT: ['has locked the account', 'Wait until it opens again, or ask who runs it.'],
  PASSWORD_EXPIRED: ['says that the password has expired', 'Choose a new one there in a browser.'],
  PASSWORD_RESET: ['wants a new password', 'Choose one there in a browser.'],
  MFA_ENROLL: ['wants a second factor to be set up', 'Sign in there in a browser once and set it up.'],
  MFA_ENROLL_ACTIVATE: ['has a second factor that is half set up', 'Finish that there in a browser.'],
}

/** The response that the application posts to AWS, in base64. LoginRefused, LoginExpired, or UpstreamInvalid. */
export async function oktaLogin(at: OktaSignIn, address: URL): Promise<string> {
  const token = await sessionToken(at)
  // The token is good once, and what it is exchanged for is a cookie ("Session cookies").
  const redirect = new URL('/login/sessionCookieRedirect', at.origin)
  redirect.search = new URLSearchParams({ token: token.reveal(), redirectUrl: address.href }).toString()
  const page = await at.web.open(redirect)
  assertAnswered(page)
  const response = postedToAws(formsIn(page.html, page.url))
  if (response !== undefined) return response
  throw onlyInABrowser(page.url.host, 'Okta', 'goes on after the password')
}

async function sessionToken(at: OktaSignIn): Promise<Secret> {
  for (;;) {
    const username = await at.account.user()
    const password = (await at.account.password()).reveal()
    const answer = await authnRequest(at, '', { username, password, options: OPTIONS })
    if (answer !== 'refused') return concluded(at, await verified(at, answer))
  }
}

const OPTIONS = { warnBeforePasswordExpired: false, multiOptionalFactorEnroll: false }

function concluded({ account: { host } }: OktaSignIn, { status = '', sessionToken }: Transaction): Secret {
  if (status === 'SUCCESS' && typeof sessionToken === 'string') return new Secret(sessionToken)
  const [message, hint] = ENDS[status] ?? []
  if (message) throw new AuthError('LoginRefused', `${host} ${message}.`, { hint })
  throw onlyInABrowser(host, 'Okta', `is in a state called ${printable(status, 40)}`)
}
