/** SAML responses signed as identity providers do it (XML-DSig over the assertion), by samlify. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Constants, IdentityProvider, SamlLib, ServiceProvider, setSchemaValidator } from 'samlify'
import { escaped } from './wire.ts'

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'saml')
const pem = (name: string) => readFileSync(join(FOLDER, `${name}.pem`), 'utf8')
const Binding = Constants.namespace.binding.post
const ALGORITHM = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const ATTRIBUTES = 'https://aws.amazon.com/SAML/Attributes'

// What it would check is checked below, by the one who is given the response.
setSchemaValidator({ validate: async () => 'not checked' })

const at = (path: string) => [{ Binding, Location: `http://127.0.0.1${path}` }]
const idp = IdentityProvider({
  entityID: 'https://idp.sandbox.example/metadata',
  signingCert: pem('certificate'),
  privateKey: pem('key'),
  requestSignatureAlgorithm: ALGORITHM,
  singleSignOnService: at('/sso'),
  singleLogoutService: at('/slo'),
})

export interface Signing {
  person: string
  /** `ROLE,PROVIDER`. */
  roles: readonly string[]
  /** Where it is posted, which is its audience too. */
  to: string
  /** Epoch milliseconds. */
  now: number
  notOnOrAfter: number
}

/** The response as a browser posts it, in base64. */
export async function signedResponse(signing: Signing): Promise<string> {
  const sp = ServiceProvider({
    entityID: 'urn:amazon:webservices',
    wantAssertionsSigned: true,
    assertionConsumerService: [{ Binding, Location: signing.to }],
  })
  const fill = (template: string) => ({ id: '_response', context: filled(template, signing) })
  const made = await idp.createLoginResponse(sp, { extract: {} }, 'post', {}, fill)
  return (made as { context: string }).context
}

/** The assertion that the signature of a response is over; undefined where it is not good. */
export function verifiedXml(xml: string): string | undefined {
  try {
    const [good, assertion] = SamlLib.verifySignature(xml, {
      metadata: idp.entityMeta,
      signatureAlgorithm: ALGORITHM,
    })
    return good && assertion ? assertion : undefined
  } catch {
    return undefined
  }
}

function filled(template: string, { person, roles, to, now, notOnOrAfter }: Signing): string {
  const [begin, end] = [new Date(now).toISOString(), new Date(notOnOrAfter).toISOString()]
  const values: Record<string, string> = {
    ID: '_response',
    AssertionID: '_assertion',
    Issuer: 'https://idp.sandbox.example/metadata',
    IssueInstant: begin,
    Destination: to,
    SubjectRecipient: to,
    Audience: 'https://signin.aws.amazon.com/saml',
    StatusCode: Constants.StatusCode.Success,
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    NameID: person,
    ConditionsNotBefore: begin,
    ConditionsNotOnOrAfter: end,
    SubjectConfirmationDataNotOnOrAfter: end,
    InResponseTo: '',
  }
  return template
    .replace('{AuthnStatement}', '')
    .replace('{AttributeStatement}', statement(person, roles))
    .replace(/\{(\w+)\}/g, (_, name: string) => escaped(values[name] ?? ''))
}

function statement(person: string, roles: readonly string[]): string {
  const value = (text: string) => `<saml:AttributeValue>${escaped(text)}</saml:AttributeValue>`
  const attribute = (name: string, values: readonly string[]) =>
    `<saml:Attribute Name="${ATTRIBUTES}/${name}">${values.map(value).join('')}</saml:Attribute>`
  const both = attribute('RoleSessionName', [person]) + attribute('Role', roles)
  return `<saml:AttributeStatement>${both}</saml:AttributeStatement>`
}
