/** STS in its query protocol: AssumeRole, AssumeRoot, GetSessionToken, GetCallerIdentity, all of them signed. */
import { verifySignature } from './sigv4.ts'
import { issueKeys, type Key, type State } from './state.ts'
import { type Asked, escaped, Refused, type Reply } from './wire.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const MFA_CODE = '123456'
const EXTERNAL_ID = 'let-me-in'

export function assumeRole(state: State, asked: Asked): Reply {
  const { key } = verifySignature(state, asked, 'sts')
  const form = new URLSearchParams(asked.body)
  const roleArn = form.get('RoleArn') ?? ''
  const session = form.get('RoleSessionName') ?? ''
  const [, account, role] =
    /^arn:aws:iam::(\d{12}):role\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]+)$/.exec(roleArn) ?? []
  if (!account || !role) throw invalid(`${roleArn} is invalid`)
  if (!/^[\w+=,.@-]{2,64}$/.test(session))
    throw invalid('Value at roleSessionName failed to satisfy constraint')
  const seconds = durationOf(form, 3_600, 43_200)
  if (key.chained && seconds > 3_600) {
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  }
  const known = state.accounts.some(({ id }) => id === account)
  const trusted =
    !role.startsWith('Denied') && (!role.startsWith('External') || form.get('ExternalId') === EXTERNAL_ID)
  if (!known || !trusted) {
    throw new Refused(
      403,
      'AccessDenied',
      `User: ${key.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    )
  }
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${session}`
  const owner = { account, arn, chained: true, byRole: key.arn.includes(':assumed-role/') }
  const keys = issueKeys(state, owner, state.lifetimes.assumeRoleSeconds ?? seconds)
  const user = `<AssumedRoleUser><Arn>${escaped(arn)}</Arn><AssumedRoleId>AROASANDBOX:${escaped(session)}</AssumedRoleId></AssumedRoleUser>`
  return answer('AssumeRole', `${credentials(keys)}${user}`)
}

const ROOT_TASK =
  /^arn:aws:iam::aws:policy\/root-task\/(?:IAMAuditRootUserCredentials|IAMCreateRootUserPassword|IAMDeleteRootUserCredentials|S3UnlockBucketPolicy|SQSUnlockQueuePolicy)$/

/** To roles of the management account alone, and a quarter of an hour at most. */
export function assumeRoot(state: State, asked: Asked): Reply {
  const { key } = verifySignature(state, asked, 'sts')
  const form = new URLSearchParams(asked.body)
  const target = form.get('TargetPrincipal') ?? ''
  const seconds = Number(form.get('DurationSeconds') ?? 900)
  if (!/^\d{12}$/.test(target)) throw invalid(`${target} is invalid`)
  if (!ROOT_TASK.test(form.get('TaskPolicyArn.arn') ?? '')) throw invalid('TaskPolicyArn is invalid')
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 900)
    throw invalid(`Value '${seconds}' at 'durationSeconds' failed to satisfy constraint`)
  const isRole = key.arn.includes(':assumed-role/')
  if (!isRole || key.account !== '111111111111' || !state.accounts.some(({ id }) => id === target)) {
    throw new Refused(
      403,
      'AccessDenied',
      `User: ${key.arn} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::${target}:root`,
    )
  }
  const owner = { account: target, arn: `arn:aws:sts::${target}:assumed-root`, chained: true }
  return answer('AssumeRoot', credentials(issueKeys(state, owner, seconds)))
}

export function getSessionToken(state: State, asked: Asked): Reply {
  const { key } = verifySignature(state, asked, 'sts')
  const form = new URLSearchParams(asked.body)
  if (key.session)
    throw new Refused(403, 'AccessDenied', 'Cannot call GetSessionToken with session credentials')
  const serial = form.get('SerialNumber')
  if (serial !== null && form.get('TokenCode') !== MFA_CODE) {
    throw new Refused(
      403,
      'AccessDenied',
      'MultiFactorAuthentication failed with invalid MFA one time pass code.',
    )
  }
  const seconds = durationOf(form, 43_200, 129_600)
  const owner = { account: key.account, arn: key.arn, chained: false }
  return answer(
    'GetSessionToken',
    credentials(issueKeys(state, owner, state.lifetimes.sessionTokenSeconds ?? seconds)),
  )
}

export function getCallerIdentity(state: State, asked: Asked): Reply {
  const { id, key } = verifySignature(state, asked, 'sts')
  const owner: Key = key
  return answer(
    'GetCallerIdentity',
    `<Arn>${escaped(owner.arn)}</Arn><UserId>${id}</UserId><Account>${owner.account}</Account>`,
  )
}

export function durationOf(form: URLSearchParams, usual: number, most: number): number {
  const seconds = Number(form.get('DurationSeconds') ?? usual)
  if (Number.isInteger(seconds) && seconds >= 900 && seconds <= most) return seconds
  throw invalid(`Value '${form.get('DurationSeconds')}' at 'durationSeconds' failed to satisfy constraint`)
}

export function credentials(keys: ReturnType<typeof issueKeys>): string {
  const expiration = `${new Date(keys.expiresAt).toISOString().slice(0, 19)}Z`
  return `<Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${escaped(keys.secretAccessKey)}</SecretAccessKey><SessionToken>${keys.sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials>`
}

export function answer(action: string, result: string): Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'text/xml' },
    body: `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>sandbox</RequestId></ResponseMetadata></${action}Response>`,
  }
}

export function invalid(message: string): Refused {
  return new Refused(400, 'ValidationError', message)
}
