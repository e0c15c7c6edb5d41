/** IAM Service Account Credentials: a service account's tokens, for whoever may create them, along its delegates. */
import { identityToken } from './google.ts'
import { type AccessToken, bearerOf, CLOUD_PLATFORM, issueAccessToken } from './google-state.ts'
import type { State } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

export const IAM_CALL = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):(generateAccessToken|generateIdToken)$/
const NAME = /^projects\/-\/serviceAccounts\/([^/]+)$/
const HOUR = 3_600
const MOST = 43_200

interface Body {
  scope?: string[]
  lifetime?: string
  delegates?: string[]
  audience?: string
  includeEmail?: boolean
}

export function generateAccessToken(state: State, asked: Asked): Reply {
  const { email, body } = called(state, asked, 'iam.serviceAccounts.getAccessToken')
  const { scope = [], lifetime = `${HOUR}s` } = body
  if (scope.length === 0) throw invalid('scope is required.')
  const wanted = Number(/^(\d+)s$/.exec(lifetime)?.[1])
  const most = state.google.accounts.get(email)?.mayLast ? MOST : HOUR
  if (!(wanted > 0)) throw invalid(`Invalid value at 'lifetime': ${lifetime}`)
  if (wanted > most)
    throw invalid(
      `The access token lifetime cannot exceed ${most} seconds. See constraints/iam.allowServiceAccountCredentialLifetimeExtension.`,
    )
  const seconds = state.lifetimes.impersonatedSeconds ?? wanted
  const accessToken = issueAccessToken(state, { principal: email, scopes: scope }, seconds)
  return jsonReply({ accessToken, expireTime: new Date(state.now() + seconds * 1000).toISOString() })
}

export async function generateIdToken(state: State, asked: Asked): Promise<Reply> {
  const { email, body } = called(state, asked, 'iam.serviceAccounts.getOpenIdToken')
  if (!body.audience) throw invalid('audience is required.')
  if (!body.includeEmail) throw invalid('The sandbox wants the mail address to be included.')
  return jsonReply({ token: await identityToken(state, email, body.audience) })
}

/** Whom the call means and what it says, if the bearer may make it. */
function called(state: State, { path, headers, body: text }: Asked, permission: string) {
  const [, email = ''] = IAM_CALL.exec(decodeURIComponent(path)) ?? []
  const caller = bearerOf(state, headers.authorization)
  if (!caller) throw new Refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
  permit(caller, headers['x-goog-user-project'])
  const body = JSON.parse(text) as Body
  const between = (body.delegates ?? []).map((name) => NAME.exec(name)?.[1])
  if (between.includes(undefined)) throw invalid('A delegate is no full resource name.')
  const line = [...(between as string[]), email]
  line.forEach((target, index) => {
    const by = index === 0 ? caller.principal : (line[index - 1] as string)
    const account = state.google.accounts.get(target)
    if (!account) throw new Refused(404, 'NOT_FOUND', `Not found; Gaia id not found for email ${target}`)
    if (!account.creators.has(by))
      throw new Refused(
        403,
        'PERMISSION_DENIED',
        `Permission '${permission}' denied on resource (or it may not exist).`,
      )
  })
  return { email, body }
}

/** IAM wants the scope for the whole platform, and of a person's token a project whose quota counts. */
function permit({ scopes, isPerson }: AccessToken, project: string | undefined): void {
  if (!scopes.includes(CLOUD_PLATFORM))
    throw new Refused(403, 'PERMISSION_DENIED', 'Request had insufficient authentication scopes.')
  if (isPerson && project === undefined)
    throw new Refused(403, 'PERMISSION_DENIED', 'The API requires a quota project, which is not set.')
}

function invalid(message: string): Refused {
  return new Refused(400, 'INVALID_ARGUMENT', message)
}
