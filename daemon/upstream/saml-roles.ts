/** The roles that a SAML assertion offers (IAM User Guide, "Configure SAML assertions for the response"). Pure. */
import { AuthError } from '../../shared/errors.ts'
import type { Secret } from '../../shared/secret.ts'

interface SamlRole {
  role: string
  /** The SAML provider in IAM that the role trusts. */
  principal: string
}

const VALUE = /<(?:[\w-]+:)?AttributeValue\b[^>]*>([^<]*)<\/(?:[\w-]+:)?AttributeValue\s*>/g
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/
const PRINCIPAL = /^arn:aws[a-z-]*:iam::\d{12}:saml-provider\/\S+$/

/** The role of that ARN, never one that is like it. AccessDenied with those that there are. */
export function roleOffered(assertion: Secret, wanted: string): SamlRole {
  const roles = rolesOffered(assertion)
  const found = roles.find(({ role }) => role === wanted)
  if (found) return found
  const names = roles.map(({ role }) => role).join(', ')
  throw new AuthError('AccessDenied', `The identity provider does not offer you ${wanted}.`, {
    hint: names ? `It offers ${names}.` : 'It offers no role of AWS; ask who runs it.',
  })
}

/**
 * Each value of the Role attribute is the ARNs of a role and of a provider, in either order. AWS checks the assertion;
 * here it is only looked at, and a wrong look can do no more than be refused.
 */
function rolesOffered(assertion: Secret): SamlRole[] {
  const xml = Buffer.from(assertion.reveal(), 'base64').toString('utf8')
  return [...xml.matchAll(VALUE)].flatMap(([, value = '']) => {
    const arns = value.split(',').map((arn) => arn.trim())
    const [role, principal] = [arns.find((arn) => ROLE.test(arn)), arns.find((arn) => PRINCIPAL.test(arn))]
    return role && principal ? [{ role, principal }] : []
  })
}
