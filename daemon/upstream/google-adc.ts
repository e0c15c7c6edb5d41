/** Tokens of Application Default Credentials, each kind of them in its own way. */
import type { GcpToken, OidcToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { ActingFile, AdcFile, KeyFile, UserFile, WorkloadFile } from './google-adc-file.ts'
import { ADC_LOGIN } from './google-adc-place.ts'
import type { Google } from './google-http.ts'
import { accessTokenRequest, idTokenRequest, processIdToken } from './google-iam-credentials.ts'
import { exchangeRequest } from './google-sts.ts'
import { soundJwt, subjectTokenOf } from './google-subject-token.ts'
import { CLOUD_PLATFORM, mailOf, processToken } from './google-token.ts'

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
  const acting = await actingFor(at, file)
  if (acting) return accessTokenRequest(at, acting, { scopes, seconds: acting.seconds })
  return workloadToken(at, file as WorkloadFile, scopes)
}

/** A token that tells `audience` whose credentials these are. BadRequest for those of a person. */
export async function adcIdToken(at: Google, file: AdcFile, audience: string): Promise<OidcToken> {
  if (file.type === 'service_account') {
    const what = `give an identity token of ${file.email}`
    const { keyTokenRequest } = await library()
    const body = await keyTokenRequest(at, file, { audience }, { what, hints: KEY_HINTS })
    return processIdToken(body.id_token, audience, what)
  }
  const acting = file.type === 'authorized_user' ? undefined : await actingFor(at, file)
  if (acting) return idTokenRequest(at, acting, audience)
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
  const narrowed = scopes.every((scope) => scope === CLOUD_PLATFORM) ? undefined : scopes
  const hints = { AccessDenied: `Run \`${ADC_LOGIN} --scopes=${scopes.join()}\`.` }
  const { userTokenRequest } = await library()
  const body = await userTokenRequest(at, file, narrowed, { what, hints }).catch(signInAgain)
  const token = processToken(body, at.clock.now(), what)
  const principal = file.account ?? (await mailOf(at, token))
  const { quotaProject } = file
  return { ...token, ...(principal ? { principal } : {}), ...(quotaProject ? { quotaProject } : {}) }
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
  const from = 'url' in source ? source.url : 'file' in source ? source.file : 'the workload'
  const token = JWT_TYPES.test(type) ? soundJwt(given, from, at.clock.now()) : given
  return exchangeRequest(at, audience, { token, type }, scopes)
}

/** As whom the file says to act, with what it acts; undefined for a workload that acts as nobody. */
async function actingFor(at: Google, file: ActingFile | WorkloadFile) {
  if (file.target === undefined) return undefined
  const { target: account, quotaProject } = file
  const parent =
    file.type === 'external_account'
      ? await workloadToken(at, file, PLATFORM)
      : await adcToken(at, file.source, PLATFORM)
  return {
    account,
    delegates: file.type === 'external_account' ? [] : file.delegates,
    seconds: file.type === 'external_account' ? file.seconds : undefined,
    parent: quotaProject === undefined ? parent : { ...parent, quotaProject },
  }
}
