/** Sign-in at a SAML identity provider by one of four drivers, and again by what the last one left. */
import { AuthError, asAuthError, isTransient } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { type Browser, browserFor, type Wanted } from './browsers.ts'
import { oktaLogin } from './okta-login.ts'
import { type AccountPrompt, accountAt } from './saml-account.ts'
import { browserLogin, type Caught, silentLogin } from './saml-browser.ts'
import { adfs, googleApps } from './saml-dialects.ts'
import { formsLogin } from './saml-forms.ts'
import { type KeptSignIn, keptSignIn, keptText } from './saml-kept.ts'
import { openWeb } from './web-session.ts'

export type Driver = 'Browser' | 'GoogleApps' | 'Okta' | 'ADFS'

export interface SamlSignIn extends Wanted {
  /** Of the application at the identity provider. */
  address: URL
  driver?: Driver | undefined
  download_browser_driver?: boolean | undefined
  username?: string | undefined
  password?: Secret | undefined
  headless: boolean
}

interface Surroundings {
  clock: Clock
  signal: AbortSignal
  prompt: AccountPrompt
  belongings: {
    kept(): Promise<Secret | undefined>
    keep(secret: Secret): Promise<void>
    directory(): Promise<string>
  }
}

/** The response of the identity provider in base64, asking a person for what it takes. */
export async function samlLogin(wanted: SamlSignIn, around: Surroundings): Promise<string> {
  if (driverFor(wanted) !== 'Browser') return byForms(wanted, around)
  const { headless } = wanted
  return caught(around, await browserLogin({ ...(await placeOf(wanted, around)), headless }))
}

/** The same with nobody there. LoginRequired at once where the last time wanted a person. */
export async function samlRefresh(wanted: SamlSignIn, around: Surroundings): Promise<string> {
  const { unattended } = await keptBy(around)
  if (!unattended) throw over(wanted)
  try {
    if (driverFor(wanted) !== 'Browser') return await byForms(wanted, around)
    return await caught(around, await silentLogin(await placeOf(wanted, around)))
  } catch (error) {
    const failure = asAuthError(error)
    if (around.signal.aborted || isTransient(failure)) throw failure
    await keep(around, { ...(await keptBy(around)), unattended: false })
    throw over(wanted, failure)
  }
}

async function placeOf(wanted: SamlSignIn, around: Surroundings) {
  const browser = browserOf(wanted)
  const profile = await around.belongings.directory()
  const { cookies = [] } = await keptBy(around)
  return { ...around, address: wanted.address, browser, profile, cookies }
}

async function caught(around: Surroundings, { response, cookies }: Caught): Promise<string> {
  await keep(around, { cookies, unattended: true })
  return response
}

async function byForms(wanted: SamlSignIn, around: Surroundings): Promise<string> {
  const { address } = wanted
  const kept = await keptBy(around)
  const account = accountAt(address.host, wanted, kept, around.prompt)
  const web = openWeb(around)
  const driver = driverFor(wanted)
  try {
    const response =
      driver === 'Okta'
        ? await oktaLogin({ ...around, web, origin: address.origin, account }, address)
        : await formsLogin(web, driver === 'ADFS' ? adfs : googleApps, account, address)
    await keep(around, account.toKeep(true))
    return response
  } catch (error) {
    const isOver = !around.signal.aborted && !isTransient(asAuthError(error))
    if (isOver && kept.password !== undefined) await keep(around, account.toKeep(false))
    throw error
  }
}

function keep({ belongings }: Surroundings, record: KeptSignIn): Promise<void> {
  return belongings.keep(keptText(record))
}

async function keptBy({ belongings }: Surroundings): Promise<KeptSignIn> {
  return keptSignIn(await belongings.kept())
}

/** Named, or a browser where the machine has one, or what the address tells; as Atmos does. */
export function driverFor(wanted: SamlSignIn, isThere?: (path: string) => boolean): Driver {
  const { driver, address, download_browser_driver: downloads } = wanted
  if (driver) return driver
  if (downloads || browserFor(wanted, isThere)) return 'Browser'
  return MAKES.find(([pattern]) => pattern.test(address.host + address.pathname))?.[1] ?? 'Browser'
}

const MAKES: readonly [RegExp, Driver][] = [
  [/^accounts\.google\.com\//, 'GoogleApps'],
  [/^[^/]*\bokta(?:preview)?\.com\//, 'Okta'],
  [/adfs/i, 'ADFS'],
]

function browserOf(wanted: Wanted): Browser {
  const browser = browserFor(wanted)
  if (browser) return browser
  throw new AuthError('LoginRefused', 'This machine has no browser that a sign-in could be shown in.', {
    hint: 'Install Chrome, Chromium, Edge or Firefox, or name a file in browser_executable_path.',
  })
}

function over({ address }: SamlSignIn, cause?: AuthError): AuthError {
  return new AuthError('LoginRequired', `The sign-in at ${address.host} has ended.`, { cause })
}
