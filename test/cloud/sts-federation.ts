/** STS for those without AWS credentials: AssumeRoleWithWebIdentity and AssumeRoleWithSAML. Neither is signed. */
import { ISSUER } from './github.ts'
import { verifiedJwt } from './jwt.ts'
import { AUDIENCE, IDP, verifiedAssertion } from './saml.ts'
import { issueKeys, type State } from './state.ts'
import { answer, credentials, durationOf, invalid } from './sts.ts'
import { type Asked, escaped, Refused, type Reply } from './wire.ts'

/** What the OIDC provider in IAM lists. */
const AUDIENCES = new Set(['sts.amazonaws.com'])

export function assumeRoleWithWebIdentity(state: State, asked: Asked): Reply {
  const form = unsigned(asked)
  const claims = verifiedJwt(form.get('WebIdentityToken') ?? '')
  if (!claims || claims.iss !== ISSUER)
    throw badToken("Couldn't retrieve verification key from your identity provider")
  if (!AUDIENCES.has(String(claims.aud))) throw badToken('Incorrect token audience')
  if (Number(claims.exp) * 1000 <= state.now())
    throw new Refused(
      400,
      'ExpiredTokenException',
      `Token expired: current date/time must be before the expiration date/time ${claims.exp}`,
    )
  const { account, role } = roleOf(form)
  const session = form.get('RoleSessionName') ?? ''
  if (!/^[\w+=,.@-]{2,64}$/.test(session))
    throw invalid('Value at roleSessionName failed to satisfy constraint')
  const trusted = !role.startsWith('Denied') && String(claims.sub).startsWith('repo:acme/infra:')
  if (!trusted) throw denied('AssumeRoleWithWebIdentity')
  return assumed(state, form, { account, role, session, action: 'AssumeRoleWithWebIdentity' })
}

export function assumeRoleWithSaml(state: State, asked: Asked): Reply {
  const form = unsigned(asked)
  const said = verifiedAssertion(form.get('SAMLAssertion') ?? '')
  if (!said) throw badToken('Response signature invalid')
  if (said.audience !== AUDIENCE) throw badToken('Audience is invalid')
  if (said.notOnOrAfter <= state.now())
    throw new Refused(400, 'ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance')
  const { account, role, arn } = roleOf(form)
  const principal = form.get('PrincipalArn')
  if (principal !== IDP || !said.roles.includes(`${arn},${principal}`) || role.startsWith('Denied'))
    throw denied('AssumeRoleWithSAML')
  return assumed(state, form, { account, role, session: said.person, action: 'AssumeRoleWithSAML' })
}

/** Whoever signs such a request has looked for credentials that it must not need. */
function unsigned({ headers, body }: Asked): URLSearchParams {
  if (headers.authorization !== undefined)
    throw new Refused(400, 'IncompleteSignature', 'The sandbox takes this request unsigned alone.')
  return new URLSearchParams(body)
}

function roleOf(form: URLSearchParams): { account: string; role: string; arn: string } {
  const arn = form.get('RoleArn') ?? ''
  const [, account, role] = /^arn:aws:iam::(\d{12}):role\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]+)$/.exec(arn) ?? []
  if (!account || !role) throw invalid(`${arn} is invalid`)
  return { account, role, arn }
}

function assumed(
  state: State,
  form: URLSearchParams,
  { account, role, session, action }: { account: string; role: string; session: string; action: string },
): Reply {
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${session}`
  const seconds = state.lifetimes.assumeRoleSeconds ?? durationOf(form, 3_600, 43_200)
  const keys = issueKeys(state, { account, arn, chained: true }, seconds)
  const user = `<AssumedRoleUser><Arn>${escaped(arn)}</Arn><AssumedRoleId>AROASANDBOX:${escaped(session)}</AssumedRoleId></AssumedRoleUser>`
  return answer(action, `${credentials(keys)}${user}`)
}

function badToken(message: string): Refused {
  return new Refused(400, 'InvalidIdentityToken', message)
}

function denied(action: string): Refused {
  return new Refused(403, 'AccessDenied', `Not authorized to perform sts:${action}`)
}
