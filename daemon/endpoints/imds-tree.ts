/** What the instance metadata of a grant consists of, as paths below `/`, and what each answers. */
import { formatInstant } from '../../shared/duration.ts'
import { type AuthError, asAuthError, isTransient } from '../../shared/errors.ts'
import type { Session } from '../sessions/session.ts'
import { containerBody } from './container-credentials.ts'
import { sentence } from './failures.ts'

export interface View {
  /** Name of the one role. */
  role: string
  region(): Promise<string>
  session(): Promise<Session>
  /** Whether SDKs would use these credentials beyond their end, whatever is done about it. */
  tooShort(session: Session): boolean
  /** Whether they would unless told the end in fractions of a second. */
  nearEnd(session: Session): boolean
  now(): number
}

/** A leaf answers with its text, or undefined where there is no such thing. */
type Leaf = (view: View) => Promise<string | undefined>

const ROLES = 'latest/meta-data/iam/security-credentials'
const AZ = 'latest/meta-data/placement/availability-zone'

const leaves: Readonly<Record<string, Leaf>> = {
  [AZ]: async (view) => `${await view.region()}a`,
  'latest/meta-data/placement/region': (view) => view.region(),
  'latest/dynamic/instance-identity/document': identityDocument,
}

/** The text at a path; undefined where there is nothing. Throws what will pass by itself. */
export async function metadataAt(path: string, view: View): Promise<string | undefined> {
  if (path === ROLES) return roleList(view)
  if (path === `${ROLES}/${view.role}`) return credentials(view)
  const leaf = Object.hasOwn(leaves, path) ? leaves[path] : undefined
  return leaf ? leaf(view) : listing(path)
}

/** The children of a directory, one a line and none after the last: botocore takes the text as it is. */
function listing(path: string): string | undefined {
  const inside = path === '' ? '' : `${path}/`
  const below = [...Object.keys(leaves), `${ROLES}/`]
    .filter((known) => known.startsWith(inside))
    .map((known) => known.slice(inside.length))
  const children = below.map((rest) => (rest.includes('/') ? rest.slice(0, rest.indexOf('/') + 1) : rest))
  return below.length > 0 ? [...new Set(children)].sort().join('\n') : undefined
}

/**
 * The role, unless its credentials live so briefly that SDKs would believe them beyond their end (botocore,
 * `_evaluate_expiration`). Why there are none at all is said where they are asked for.
 */
async function roleList(view: View): Promise<string | undefined> {
  try {
    return view.tooShort(await view.session()) ? undefined : view.role
  } catch (error) {
    if (isTransient(asAuthError(error))) throw error
    return view.role
  }
}

async function credentials(view: View): Promise<string | undefined> {
  try {
    const session = await view.session()
    return view.tooShort(session) ? undefined : success(session, view)
  } catch (error) {
    const failure = asAuthError(error)
    if (isTransient(failure)) throw failure
    return denial(failure, view.now())
  }
}

function success(session: Session, view: View): string | undefined {
  if (session.credential.type !== 'aws') return undefined
  const { Expiration, ...keys } = containerBody(session.credential)
  return JSON.stringify({
    Code: 'Success',
    LastUpdated: formatInstant(session.issuedAt),
    Type: 'AWS-HMAC',
    ...keys,
    // botocore stretches the life of what ends within 15 minutes, but not where the end has a fraction.
    Expiration: view.nearEnd(session) ? Expiration.replace('Z', '.000Z') : Expiration,
  })
}

/** The real service's form of a role that cannot be assumed: status 200, which SDKs read for its message. */
function denial(failure: AuthError, now: number): string {
  return JSON.stringify({
    Code: 'AssumeRoleUnauthorizedAccess',
    Message: sentence(failure),
    LastUpdated: formatInstant(now),
  })
}

/** As far as SDKs read it: for the region. */
async function identityDocument(view: View): Promise<string> {
  const region = await view.region()
  const account = await view.session().then(
    ({ credential }) => (credential.type === 'aws' ? credential.accountId : undefined),
    () => undefined,
  )
  const known = { version: '2017-09-30', region, availabilityZone: `${region}a` }
  return JSON.stringify({ ...known, ...(account === undefined ? {} : { accountId: account }) })
}
