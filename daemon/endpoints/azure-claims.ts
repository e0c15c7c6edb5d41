/** What an access token of Microsoft Entra ID says of itself, where it can be read. Pure. */
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { azureRefusal, type Known, type Question } from './azure-question.ts'

/** Claims of access tokens, as far as they are looked at. */
interface Claims {
  aud?: unknown
  appid?: unknown
  azp?: unknown
  oid?: unknown
  xms_mirid?: unknown
}

/** Whose a token is. UpstreamInvalid where it is for another resource, BadRequest where another identity was meant. */
export function ownerOf(token: string, question: Question, client: string | undefined): Known {
  const claims = claimsOf(token)
  if (!fits(claims.aud, question.resource)) throw forAnother(claims.aud)
  const owner: Known = {
    client: client ?? text(claims.appid) ?? text(claims.azp),
    object: text(claims.oid),
    resource: text(claims.xms_mirid),
  }
  const { meant } = question
  if (!meant || owner[meant.as]?.toLowerCase() === meant.value.toLowerCase()) return owner
  throw azureRefusal('invalid_request', 'Identity not found.', {
    hint: 'There is one here, the one that atmosctl was given; leave out its id.',
  })
}

/** The resource itself, a slash at the end or not, or the id of its application, which newer tokens have instead. */
function fits(audience: unknown, resource: string): boolean {
  if (typeof audience !== 'string' || !audience.includes(':')) return true
  const bare = (address: string) => address.replace(/\/$/, '').toLowerCase()
  return bare(audience) === bare(resource) || !resource.includes(':')
}

function forAnother(audience: unknown): AuthError {
  return new AuthError('UpstreamInvalid', `The token that came is for ${printable(String(audience), 60)}.`, {
    hint: 'Ask for that resource.',
  })
}

/** Tokens of some resources cannot be read by anybody else. */
function claimsOf(token: string): Claims {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    return {}
  }
}

function text(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim : undefined
}
