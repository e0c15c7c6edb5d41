/** Tokens of Application Default Credentials, each kind of them in its own way. */
import type { GcpToken, OidcToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { ActingFile, AdcFile, KeyFile, UserFile, WorkloadFile } from './google-adc-file.ts'
import { ADC_LOGIN } from './google-adc-place.ts'
import type { Google } from './google-http.ts'
import {
  accessTokenRequest,
  type Impersonation,
  idTokenRequest,
  processIdToken,
} from './google-iam-credentials.ts'
import { exchangeRequest } from './google-sts.ts'
import { soundJwt, subjectTokenOf, type TokenSource } from './google-subject-token.ts'
import { CLOUD_PLATFORM, EMAIL_SCOPE, mailOf, processToken } from './google-token.ts'

const library = () => import('./google-library.ts')
const PLATFORM = [CLOUD_PLATFORM]
const JWT_TYPES = /:(?:jwt|id_token)$/

/** An access token for `scopes`. LoginRequired where a person has to sign in to gcloud again. */
export async function adcToken(
  at: Google,
  file: AdcFile,
  scopes: readonly string[] = PLATFORM,
): Promise<GcpToken> {
  if (file.type === 'authorized_user') return userToken(at, file, scopes)
  if (file.type === 'service_account') return keyToken(at, file, scopes)
  if (file.type === 'external_account') return workloadToken(at, file, scopes)
  return accessTokenRequest(at, await actingFor(at, file), { scopes, seconds: file.seconds })
}

/** A token that tells `audience` whose credentials these are. BadRequest for those of a person. */
export async function adcIdToken(at: Google, file: AdcFile, audience: string): Promise<OidcToken> {
  if (file.type === 'service_account') {
    const what = `give an identity token of ${file.email}`
    const { keyTokenRequest } = await library()
    const body = await keyTokenRequest(at, file, { audience }, { what, hints: KEY_HINTS })
    return processIdToken(body.id_token, audience, what)
  }
  if (file.type === 'impersonated_service_account')
    return idTokenRequest(at, await actingFor(at, file), audience)
  const whose = file.type === 'authorized_user' ? 'a person’s sign-in' : 'a workload'
  throw new AuthError('BadRequest', `Google gives no identity token for an audience to ${whose}.`, {
    hint: 'Use an identity of kind gcp/service-account after it.',
  })
}

const KEY_HINTS = {
  CredentialRejected: 'The key may be deleted or disabled; look at the keys of the service account.',
}

async function keyToken(at: Google, file: KeyFile, scopes: readonly string[]): Promise<GcpToken> {
  const what = `give a token of ${file.email}`
  const { keyTokenRequest } = await library()
  const body = await keyTokenRequest(at, file, { scopes }, { what, hints: KEY_HINTS })
  return { ...processToken(body, at.clock.now(), what), principal: file.email }
}

/**
 * The sign-in decides its scopes, and may have had others than the usual one: only another wish narrows it, and so the
 * usual token still tells the person's mail address.
 */
async function userToken(at: Google, file: UserFile, scopes: readonly string[]): Promise<GcpToken> {
  const what = 'renew the sign-in of gcloud'
  const narrowed = isUsual(scopes) ? undefined : scopes
  const hints = { AccessDenied: `Run \`${ADC_LOGIN} --scopes=${scopes.join()}\`.` }
  const { userTokenRequest } = await library()
  const body = await userTokenRequest(at, file, narrowed, { what, hints }).catch(signInAgain)
  const token = processToken(body, at.clock.now(), what)
  const principal = file.account ?? (await mailOf(at, token))
  const { quotaProject } = file
  return { ...token, ...(principal ? { principal } : {}), ...(quotaProject ? { quotaProject } : {}) }
}

/** All of Google Cloud, with or without the mail address. */
function isUsual(scopes: readonly string[]): boolean {
  return (
    scopes.includes(CLOUD_PLATFORM) &&
    scopes.every((scope) => scope === CLOUD_PLATFORM || scope === EMAIL_SCOPE)
  )
}

/** A refresh token that is over, revoked, or wants the person to prove themselves again (invalid_rapt). */
function signInAgain(error: AuthError): never {
  if (error.code !== 'CredentialRejected') throw error
  throw new AuthError('LoginRequired', error.message, {
    hint: `Run \`${ADC_LOGIN}\`.`,
    details: { signInOf: 'gcloud' },
    cause: error,
  })
}

async function workloadToken(at: Google, file: WorkloadFile, scopes: readonly string[]): Promise<GcpToken> {
  const { audience, subjectType: type, source } = file
  const given = await subjectTokenOf(source, at)
  const token = JWT_TYPES.test(type) ? soundJwt(given, placeOf(source), at.clock.now()) : given
  return exchangeRequest(at, audience, { token, type }, scopes)
}

/** As much of where a token is as may be shown: an address may have secrets in its query. */
function placeOf(source: TokenSource): string {
  if ('file' in source) return source.file
  return 'url' in source ? (URL.parse(source.url)?.hostname ?? '') : 'the workload'
}

/** As whom the file says to act, and who does. */
async function actingFor(at: Google, file: ActingFile): Promise<Impersonation> {
  const { target: account, delegates, source, quotaProject } = file
  const parent = await adcToken(at, source, PLATFORM)
  return { account, delegates, parent: quotaProject === undefined ? parent : { ...parent, quotaProject } }
}
