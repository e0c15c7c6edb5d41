/** The claims of a JSON Web Token (RFC 7519), unchecked: whoever takes the token checks its signature. */

/** Undefined where the text is no such token. */
export function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** The end of a token, epoch milliseconds. Undefined where it says none. */
export function endOf(token: string): number | undefined {
  const exp = claimsOf(token)?.exp
  return typeof exp === 'number' ? exp * 1000 : undefined
}
