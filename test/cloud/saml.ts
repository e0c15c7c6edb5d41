/**
 * A SAML identity provider's assertions as STS sees them. Those that are made here have a signature over the bytes of
 * the assertion, since what a test needs is that a changed one is refused; those of an identity provider have XML-DSig.
 */
import { sign, verify } from 'node:crypto'
import { issuerKeys } from './jwt.ts'
import { escaped } from './wire.ts'
import { verifiedXml } from './xml-signing.ts'

export const AUDIENCE = 'https://signin.aws.amazon.com/saml'
/** The SAML provider in IAM. */
export const IDP = 'arn:aws:iam::111111111111:saml-provider/Okta'
const ATTRIBUTES = 'https://aws.amazon.com/SAML/Attributes'

export interface Said {
  person: string
  /** `ROLE,PROVIDER`, as AWS documents the order. */
  roles: string[]
  audience: string
  /** Epoch milliseconds. */
  notOnOrAfter: number
}

/** The response as a browser posts it, in base64. */
export function samlResponse({ person, roles, audience, notOnOrAfter }: Said): string {
  const value = (text: string) =>
    `<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema">${escaped(text)}</saml2:AttributeValue>`
  const attribute = (name: string, values: readonly string[]) =>
    `<saml2:Attribute Name="${ATTRIBUTES}/${name}">${values.map(value).join('')}</saml2:Attribute>`
  const assertion = [
    '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">',
    `<saml2:Conditions NotOnOrAfter="${new Date(notOnOrAfter).toISOString()}"><saml2:AudienceRestriction><saml2:Audience>${audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>`,
    `<saml2:AttributeStatement>${attribute('RoleSessionName', [person])}${attribute('Role', roles)}</saml2:AttributeStatement>`,
    '</saml2:Assertion>',
  ].join('')
  const signature = sign('sha256', Buffer.from(assertion), issuerKeys().privateKey).toString('base64')
  const response = `<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"><Signature>${signature}</Signature>${assertion}</saml2p:Response>`
  return Buffer.from(response).toString('base64')
}

/** What an assertion with a good signature says; undefined for anything else. */
export function verifiedAssertion(response: string): Said | undefined {
  const xml = Buffer.from(response, 'base64').toString('utf8')
  const assertion = xml.includes('<ds:Signature') ? verifiedXml(xml) : verifiedBytes(xml)
  if (assertion === undefined) return undefined
  return {
    person: valuesOf(assertion, 'RoleSessionName')[0] ?? '',
    roles: valuesOf(assertion, 'Role'),
    audience: /<saml2?:Audience>([^<]*)</.exec(assertion)?.[1] ?? '',
    notOnOrAfter: Date.parse(/NotOnOrAfter="([^"]*)"/.exec(assertion)?.[1] ?? ''),
  }
}

function verifiedBytes(xml: string): string | undefined {
  const [, signature = '', assertion = ''] =
    /<Signature>([^<]*)<\/Signature>(<saml2:Assertion.*<\/saml2:Assertion>)/s.exec(xml) ?? []
  const bytes = Buffer.from(signature, 'base64')
  return verify('sha256', Buffer.from(assertion), issuerKeys().publicKey, bytes) ? assertion : undefined
}

function valuesOf(assertion: string, name: string): string[] {
  const pattern = new RegExp(`<saml2?:Attribute Name="${ATTRIBUTES}/${name}">(.*?)</saml2?:Attribute>`, 's')
  const inner = pattern.exec(assertion)?.[1] ?? ''
  return [...inner.matchAll(/<saml2?:AttributeValue[^>]*>([^<]*)</g)].map(([, text = '']) => text)
}
