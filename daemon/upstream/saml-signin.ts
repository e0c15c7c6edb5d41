/**
 * Where AWS takes assertions: the address that an identity provider posts them to (IAM User Guide, "AssertionConsumer-
 * Service"). What is posted there is caught and exchanged for a role, and never sent. Pure.
 */

/** Each partition's sign-in, whatever the region in front of it. */
const HOST =
  /^(?:[a-z\d-]+\.)?signin\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com|amazonaws-eusc\.eu)$/
/** With an id behind it where a SAML provider takes encrypted assertions. */
const PATH = /^\/saml(?:\/|$)/i

export function isAwsSignIn(url: URL): boolean {
  return url.protocol === 'https:' && HOST.test(url.hostname) && PATH.test(url.pathname)
}

/** The response in a form that a browser posts there; undefined where it has none. */
export function responseIn(posted: string): string | undefined {
  return new URLSearchParams(posted).get('SAMLResponse')?.replace(/\s/g, '') || undefined
}
