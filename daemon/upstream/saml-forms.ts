/** Sign-in through the HTML forms of an identity provider: page by page, to the one that posts the assertion to AWS. */
import { AuthError } from '../../shared/errors.ts'
import { type Form, formsIn, typedFields } from './html-forms.ts'
import type { Account } from './saml-account.ts'
import { isAwsSignIn } from './saml-signin.ts'
import type { Page, WebSession } from './web-session.ts'

/** What the pages of one make of identity provider look like. */
export interface Dialect {
  /** As `driver:` names it. */
  driver: string
  /** Names of fields, in full. */
  user: RegExp
  password: RegExp
  code: RegExp
  /** What a page says of an account that a person can do nothing about here. */
  locked: RegExp
}

/** More than any sign-in has, hops between servers included. */
const MOST_PAGES = 15
const CAPTCHA = /captcha/i
const WEBAUTHN = /navigator\.credentials|webauthn|security key/i

/** The response of the identity provider, in base64. LoginRefused, or UpstreamInvalid where only a browser can go on. */
export async function formsLogin(
  web: WebSession,
  dialect: Dialect,
  account: Account,
  address: URL,
): Promise<string> {
  let page = await web.open(address)
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    assertAnswered(page)
    const forms = formsIn(page.html, page.url)
    const response = postedToAws(forms)
    if (response !== undefined) return response
    const { form, values } = await nextStep(forms, page, dialect, account, address)
    page = await web.submit(form, values)
  }
  throw onlyInABrowser(address.host, dialect.driver, 'goes on from page to page without an end')
}

/** The response in a form that a browser would post to AWS; undefined where no form is one. */
export function postedToAws(forms: readonly Form[]): string | undefined {
  const form = forms.find(({ action }) => isAwsSignIn(action))
  return form?.fields.find(({ name }) => name === 'SAMLResponse')?.value.replace(/\s/g, '') || undefined
}

/** That a page is one: neither an outage nor a complaint about the pace. */
export function assertAnswered({ status, url }: Page): void {
  if (status === 429)
    throw new AuthError('UpstreamThrottled', `${url.host} was asked too often.`, { hint: 'Wait a minute.' })
  if (status >= 500) throw new AuthError('UpstreamUnavailable', `${url.host} has an outage (${status}).`)
  if (status === 404 || status === 410)
    throw new AuthError('UpstreamInvalid', `${url.host} has no page at the address of the configuration.`, {
      hint: 'Compare `url` with the address that the application has at the identity provider.',
    })
}

/** Where a form cannot do what is asked for. */
export function onlyInABrowser(host: string, driver: string, what: string): AuthError {
  return new AuthError('UpstreamInvalid', `The sign-in at ${host} ${what}, which ${driver} cannot do.`, {
    hint: 'Use `driver: Browser` for this provider.',
  })
}

interface Step {
  form: Form
  values: Record<string, string>
}

async function nextStep(
  forms: readonly Form[],
  page: Page,
  dialect: Dialect,
  account: Account,
  address: URL,
): Promise<Step> {
  const text = page.html
  if (dialect.locked.test(text))
    throw new AuthError('LoginRefused', `${account.host} has locked the account, or closed it.`, {
      hint: 'Wait, or ask who runs it.',
    })
  const form =
    forms.find((one) => asksPassword(one, dialect)) ?? forms.find(({ method }) => method === 'POST')
  const unknown = (what: string) => onlyInABrowser(page.url.host, dialect.driver, what)
  if (CAPTCHA.test(form ? names(form) : text)) throw unknown('asks for a captcha')
  if (!form) throw unknown(WEBAUTHN.test(text) ? 'asks for a security key' : 'shows a page without a form')
  const values = await answers(form, dialect, account)
  if (!values) throw unknown('shows a form that is not known')
  const own = form.action.host === address.host
  if (own || Object.keys(values).length === 0) return { form, values }
  throw unknown(`wants what was entered to go to ${form.action.host}`)
}

/** What a person gives to a form; undefined where it asks for something else. Nothing for one that only leads on. */
async function answers(form: Form, dialect: Dialect, account: Account) {
  const values: Record<string, string> = {}
  for (const { name, type } of typedFields(form)) {
    if (dialect.code.test(name)) values[name] = await account.code(`Code for ${account.host}`)
    else if (type === 'password' || dialect.password.test(name))
      values[name] = (await account.password()).reveal()
    else if (dialect.user.test(name)) values[name] = await account.user()
    else return undefined
  }
  return values
}

function asksPassword(form: Form, { password }: Dialect): boolean {
  return typedFields(form).some(({ name, type }) => type === 'password' || password.test(name))
}

/** A captcha's field may be hidden, and its script fills it. */
function names({ fields, id }: Form): string {
  return [id, ...fields.map(({ name, value }) => (value === '' ? name : ''))].join(' ')
}
