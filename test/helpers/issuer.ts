/** A real OpenID issuer on loopback, whose client `runner` gets signed tokens for one audience. */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const SECRET = 'a-secret-of-the-runner'

export interface OpenIssuer {
  url: string
  jwks: string
  token(): Promise<string>
}

export async function openIssuer(
  t: { teardown(work: () => unknown): void },
  audience: string,
): Promise<OpenIssuer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { default: Provider } = await import('oidc-provider')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'runner-key' }
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'runner',
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [key] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          audience,
          scope: '',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  server.on('request', provider.callback())
  return {
    url,
    jwks: `${url}/jwks`,
    async token() {
      const form = { grant_type: 'client_credentials', resource: audience }
      const authorization = `Basic ${Buffer.from(`runner:${SECRET}`).toString('base64')}`
      const body = new URLSearchParams(form)
      const answer = await fetch(`${url}/token`, { method: 'POST', headers: { authorization }, body })
      const { access_token } = (await answer.json()) as { access_token?: string }
      if (!access_token) throw new Error(`the issuer answered ${answer.status}`)
      return access_token
    },
  }
}
