/** What a SAML response says of its own life (SAML 2.0 core, sections 2.4.1.2 and 2.5). AWS checks the rest. Pure. */
import type { SamlAssertion } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { Secret } from '../../shared/secret.ts'

/** The longest that AssumeRoleWithSAML takes (STS API reference, SAMLAssertion). */
const MOST_CHARACTERS = 100_000
/** AWS takes an assertion within five minutes of its making. */
const LIFE_MS = 300_000

/** The assertion with its end: the earliest that it names, at most five minutes from now. UpstreamInvalid. */
export function processResponse(response: string, now: number): SamlAssertion {
  if (response.length > MOST_CHARACTERS) throw invalid('is longer than AWS takes', 'releases fewer groups')
  const xml = Buffer.from(response, 'base64').toString('utf8')
  if (!/<(?:[\w-]+:)?Response[\s>]/.test(xml)) throw invalid('is no SAML response', 'has AWS set up')
  const said = refusalIn(xml)
  if (said !== undefined) throw refused(said)
  if (/<(?:[\w-]+:)?EncryptedAssertion[\s>]/.test(xml))
    throw invalid('is encrypted, so its roles cannot be read', 'sends AWS assertions that are not encrypted')
  if (!/<(?:[\w-]+:)?Assertion[\s>]/.test(xml)) throw invalid('has no assertion', 'has AWS set up')
  return { type: 'saml-assertion', assertion: new Secret(response), expiresAt: endOf(xml, now) }
}

function endOf(xml: string, now: number): number {
  const elements = xml.matchAll(/<(?:[\w-]+:)?(?:Conditions|SubjectConfirmationData)\s([^<>]*)>/g)
  const ends = [...elements].flatMap(([, attributes = '']) => {
    const end = Date.parse(/\bNotOnOrAfter="([^"]*)"/.exec(attributes)?.[1] ?? '')
    return Number.isNaN(end) ? [] : [end]
  })
  return Math.min(now + LIFE_MS, ...ends)
}

/** What the provider says in place of an assertion (section 3.2.2); undefined where all is well. */
function refusalIn(xml: string): string | undefined {
  const codes = [...xml.matchAll(/<(?:[\w-]+:)?StatusCode\s[^<>]*?\bValue="([^"]*)"/g)]
  const last = codes.at(-1)?.[1]?.split(':').at(-1)
  if (last === undefined || last === 'Success') return undefined
  return /<(?:[\w-]+:)?StatusMessage[^<>]*>([^<]+)</.exec(xml)?.[1] ?? last
}

function refused(said: string): AuthError {
  return new AuthError('LoginRefused', `The identity provider refuses: ${printable(said, 200)}.`, {
    hint: 'Ask who runs it whether you are assigned the application.',
  })
}

function invalid(what: string, whether: string): AuthError {
  return new AuthError('UpstreamInvalid', `What the identity provider sends for AWS ${what}.`, {
    hint: `Ask who runs it whether it ${whether}.`,
  })
}
