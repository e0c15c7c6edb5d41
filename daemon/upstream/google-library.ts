/** What google-auth-library does for us: composing and signing what Google's token endpoint is asked. It sends nothing. */
import type { OAuth2ClientOptions } from 'google-auth-library'
import { AuthError } from '../../shared/errors.ts'
import type { KeyFile, UserFile } from './google-adc-file.ts'
import { type Asking, type Body, type Google, googleRequest } from './google-http.ts'

type Library = typeof import('google-auth-library')
type Transporter = NonNullable<OAuth2ClientOptions['transporter']>
type Composed = Pick<Asking, 'what' | 'hints'>

/** What the token endpoint gives for a person's refresh token; narrowed to `scopes`, which the library does not send. */
export function userTokenRequest(
  at: Google,
  { clientId, clientSecret, refreshToken }: UserFile,
  scopes: readonly string[] | undefined,
  asking: Composed,
): Promise<Body> {
  const ask = ({ UserRefreshClient }: Library, options: OAuth2ClientOptions) =>
    new UserRefreshClient({
      ...options,
      clientId,
      clientSecret: clientSecret.reveal(),
      refreshToken: refreshToken.reveal(),
    }).getAccessToken()
  return composed(at, asking, ask, scopes ? { scope: scopes.join(' ') } : {})
}

/** What it gives for an assertion that the key signs: an access token for `scopes`, or a token for an `audience`. */
export function keyTokenRequest(
  at: Google,
  { email, key }: KeyFile,
  wanted: { scopes: readonly string[] } | { audience: string },
  asking: Composed,
): Promise<Body> {
  return composed(at, asking, ({ JWT }, options) => {
    const scopes = 'scopes' in wanted ? { scopes: [...wanted.scopes] } : {}
    const client = new JWT({ ...options, email, key: key.reveal(), ...scopes })
    return 'audience' in wanted ? client.fetchIdToken(wanted.audience) : client.authorize()
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
  ask: (library: Library, options: OAuth2ClientOptions) => Promise<unknown>,
  more: Record<string, string> = {},
): Promise<Body> {
  let body: Body = {}
  const request = async ({ data }: { data: URLSearchParams }) => {
    const form = new URLSearchParams([...data, ...Object.entries(more)])
    body = await googleRequest(at, { ...asking, service: 'oauth2', path: '/token', form })
    return { data: { ...body } }
  }
  const transporter = { request } as unknown as Transporter
  const library = await import('google-auth-library')
  try {
    await ask(library, { transporter, useAuthRequestParameters: false })
  } catch (error) {
    if (error instanceof AuthError) throw error
    // It complains of an answer with no identity token in it, as does who reads the answer.
    if (Object.keys(body).length === 0) throw unsignable(error)
  }
  return body
}

/** What OpenSSL says of a key helps nobody. */
function unsignable(cause: unknown): AuthError {
  return new AuthError('ConfigInvalid', 'The private key of the service account cannot be used.', {
    hint: 'Download the key anew; its private_key has to be whole.',
    cause,
  })
}
