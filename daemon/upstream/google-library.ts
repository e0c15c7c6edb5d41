/**
 * What google-auth-library does for us: composing and signing what Google's token endpoint is asked. It sends nothing.
 * It takes twenty megabytes, so whoever needs this file loads it then.
 */
import { JWT, type OAuth2ClientOptions, UserRefreshClient } from 'google-auth-library'
import { AuthError } from '../../shared/errors.ts'
import type { KeyFile, UserFile } from './google-adc-file.ts'
import { type Asking, type Body, type Google, googleRequest } from './google-http.ts'

type Transporter = NonNullable<OAuth2ClientOptions['transporter']>
type Composed = Pick<Asking, 'what' | 'hints'>

/** What the token endpoint gives for a person's refresh token; narrowed to `scopes`, which the library does not send. */
export function userTokenRequest(
  at: Google,
  { clientId, clientSecret, refreshToken }: UserFile,
  scopes: readonly string[] | undefined,
  asking: Composed,
): Promise<Body> {
  const person = {
    clientId,
    clientSecret: clientSecret.reveal(),
    refreshToken: refreshToken.reveal(),
  }
  const ask = (options: OAuth2ClientOptions) =>
    new UserRefreshClient({ ...options, ...person }).getAccessToken()
  return composed(at, asking, ask, scopes ? { scope: scopes.join(' ') } : {})
}

/** What it gives for an assertion that the key signs: an access token for `scopes`, or a token for an `audience`. */
export function keyTokenRequest(
  at: Google,
  { email, key }: KeyFile,
  wanted: { scopes: readonly string[] } | { audience: string },
  asking: Composed,
): Promise<Body> {
  return composed(at, asking, async (options) => {
    const scopes = 'scopes' in wanted ? { scopes: [...wanted.scopes] } : {}
    const client = new JWT({ ...options, email, key: key.reveal(), ...scopes })
    await ('audience' in wanted ? client.fetchIdToken(wanted.audience) : client.authorize())
  }).catch((error: unknown) => {
    throw error instanceof AuthError ? error : unsignable(error)
  })
}

/**
 * The library is given a transport that sends what it composes to the token endpoint, with our bounds in place of its
 * retries and the proxy of this process's environment. The answer is taken here, since the library would date a token's
 * end by a clock of its own.
 */
async function composed(
  at: Google,
  asking: Composed,
  ask: (options: OAuth2ClientOptions) => Promise<unknown>,
  more: Record<string, string> = {},
): Promise<Body> {
  let body: Body | undefined
  const request = async ({ data }: { data: URLSearchParams }) => {
    const form = new URLSearchParams([...data, ...Object.entries(more)])
    body = await googleRequest(at, { ...asking, service: 'oauth2', path: '/token', form })
    return { data: { ...body } }
  }
  const transporter = { request } as unknown as Transporter
  // It complains of an answer without what it looks for, as does whoever reads the answer.
  await ask({ transporter, useAuthRequestParameters: false }).catch((error: unknown) => {
    if (!body) throw error
  })
  return body ?? {}
}

/** Nothing was sent, since nothing could be signed. What OpenSSL says of a key helps nobody. */
function unsignable(cause: unknown): AuthError {
  return new AuthError('ConfigInvalid', 'The private key of the service account cannot be used.', {
    hint: 'Download the key anew; its private_key has to be whole.',
    cause,
  })
}
