/** IAM Service Account Credentials: tokens of a service account for whoever may act as it. */
import type { GcpToken, OidcToken } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'
import { unusable } from './google-faults.ts'
import { type Asking, type Google, googleRequest } from './google-http.ts'
import { expiryOf } from './jwt-claims.ts'

export interface Impersonation {
  /** Mail address of the service account. */
  account: string
  /** Accounts in between, the nearest first. */
  delegates?: readonly string[] | undefined
  /** Who acts as it. */
  parent: GcpToken
}

/** What an access token lasts at most, unless a policy of the organisation lets it last longer. */
const HOUR_SECONDS = 3_600
/** https://cloud.google.com/iam/docs/create-short-lived-credentials-direct#sa-credentials-oauth */
const LONGER = 'constraints/iam.allowServiceAccountCredentialLifetimeExtension'

/** generateAccessToken. AccessDenied with the role that is missing. */
export async function accessTokenRequest(
  at: Google,
  acting: Impersonation,
  { scopes, seconds = HOUR_SECONDS }: { scopes: readonly string[]; seconds?: number | undefined },
): Promise<GcpToken> {
  const what = `give a token of ${acting.account}`
  const json = { scope: scopes, lifetime: `${seconds}s`, delegates: namesOf(acting) }
  const longer =
    seconds > HOUR_SECONDS
      ? { UpstreamInvalid: `Ask for 1h or less, or list the account in the policy ${LONGER}.` }
      : {}
  const asking = askingFor(acting, 'generateAccessToken', what)
  const body = await googleRequest(at, { ...asking, json, hints: { ...asking.hints, ...longer } })
  const { accessToken, expireTime } = body
  const expiresAt = Date.parse(String(expireTime))
  if (typeof accessToken !== 'string' || accessToken === '' || Number.isNaN(expiresAt)) throw unusable(what)
  return { type: 'gcp-token', accessToken: new Secret(accessToken), expiresAt, principal: acting.account }
}

/** generateIdToken: a token that tells `audience` who the service account is, with its mail address. */
export async function idTokenRequest(
  at: Google,
  acting: Impersonation,
  audience: string,
): Promise<OidcToken> {
  const what = `give an identity token of ${acting.account}`
  const json = { audience, includeEmail: true, delegates: namesOf(acting) }
  const body = await googleRequest(at, { ...askingFor(acting, 'generateIdToken', what), json })
  return processIdToken(body.token, audience, what)
}

/** A token for an audience as Google gives it. UpstreamUnavailable where it is none. */
export function processIdToken(token: unknown, audience: string, what: string): OidcToken {
  const expiresAt = typeof token === 'string' ? expiryOf(token) : undefined
  if (typeof token !== 'string' || expiresAt === undefined) throw unusable(what)
  return { type: 'oidc-token', token: new Secret(token), audience, expiresAt }
}

function askingFor({ account, parent }: Impersonation, method: string, what: string) {
  return {
    service: 'iamcredentials',
    path: `/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:${method}`,
    bearer: parent.accessToken,
    quotaProject: parent.quotaProject,
    what,
    hints: {
      AccessDenied: `Grant ${parent.principal ?? 'the parent'} roles/iam.serviceAccountTokenCreator on ${account}.`,
      UpstreamInvalid: `Look whether there is a service account ${account}.`,
    },
  } satisfies Asking
}

function namesOf({ delegates = [] }: Impersonation): string[] {
  return delegates.map((account) => `projects/-/serviceAccounts/${account}`)
}
