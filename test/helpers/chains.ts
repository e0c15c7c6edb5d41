/** Chains of made-up kinds, whose upstream is a function of the test's. */
import * as z from 'zod'
import { type Chain, chainTo } from '../../daemon/graph/chain.ts'
import type { Graph, IdentityNode, ProviderNode } from '../../daemon/graph/node.ts'
import { type Context, defineIdentity, defineProvider } from '../../daemon/kinds/contract.ts'
import type { AwsCredential, AwsSsoToken } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'

export interface Upstream {
  login?: (context: Context) => Promise<AwsSsoToken>
  refresh?: (held: AwsSsoToken) => Promise<AwsSsoToken>
  assume?: (parent: AwsSsoToken, context: Context) => Promise<AwsCredential>
}

const config = z.strictObject({})
const common = {
  config: {},
  region: undefined,
  endpoints: { each: {} },
  missing: [],
  given: {},
  tags: [],
}

/** portal → dev, both of them what `upstream` says. */
export function devChain(upstream: Upstream): Chain {
  const never = () => Promise.reject(new Error('not in this test'))
  const portal = defineProvider<object, 'aws-sso-token'>({
    yields: 'aws-sso-token',
    config,
    interactive: true,
    login: (_, context) => (upstream.login ?? never)(context),
    refresh: (_, held) => (upstream.refresh ?? never)(held),
  })
  const set = defineIdentity<object, 'aws-sso-token', 'aws'>({
    accepts: ['aws-sso-token'],
    yields: 'aws',
    config,
    assume: (_, parent, context) => (upstream.assume ?? never)(parent, context),
  })
  const provider: ProviderNode = {
    role: 'provider',
    name: 'portal',
    kindName: 'test/portal',
    kind: portal,
    startUrl: undefined,
    consoleSeconds: undefined,
    default: false,
    ...common,
  } as ProviderNode
  const identity: IdentityNode = {
    role: 'identity',
    name: 'dev',
    kindName: 'test/set',
    kind: set,
    via: { provider: 'portal' },
    default: true,
    alias: undefined,
    variables: {},
    ...common,
  } as IdentityNode
  const graph: Graph = {
    realm: 'test',
    keyring: { type: 'memory' },
    providers: new Map([['portal', provider]]),
    identities: new Map([['dev', identity]]),
    integrations: new Map(),
    unknown: new Set(),
  }
  return chainTo(graph, 'dev')
}

let serial = 0

export function aws(expiresAt: number): AwsCredential {
  serial += 1
  return {
    type: 'aws',
    accessKeyId: `ASIA${serial}`,
    secretAccessKey: new Secret(`secret-${serial}`),
    sessionToken: new Secret(`session-${serial}`),
    expiresAt,
  }
}

export function ssoToken(expiresAt: number): AwsSsoToken {
  serial += 1
  return {
    type: 'aws-sso-token',
    accessToken: new Secret(`access-${serial}`),
    expiresAt,
    refreshToken: new Secret(`refresh-${serial}`),
    client: { clientId: 'client', clientSecret: new Secret('client-secret'), expiresAt: expiresAt + 1e9 },
    region: 'us-east-1',
  }
}
