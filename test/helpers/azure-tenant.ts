/** A tenant of Entra ID as chains have it, with tokens that are signed, and an identity that hands them on. */
import * as z from 'zod'
import type { Chain } from '../../daemon/graph/chain.ts'
import type { IdentityNode, ProviderNode } from '../../daemon/graph/node.ts'
import { type AnyProvider, defineIdentity, defineProvider } from '../../daemon/kinds/contract.ts'
import type { AzureToken } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'
import { signedJwt } from '../cloud/jwt.ts'
import { devChain } from './chains.ts'

export const TENANT = '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
export const SUBSCRIPTION = '55555555-eeee-4eee-8eee-eeeeeeeeeeee'
export const CLIENT = '22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb'
export const OBJECT = '33333333-cccc-4ccc-8ccc-cccccccccccc'
export const MANAGEMENT = 'https://management.azure.com/.default'

export interface Tenant {
  token(scope: string): Promise<AzureToken>
  lifeMs: number
  /** What tokens say besides, or in place of what they would. */
  claims: Record<string, unknown>
}

const config = z.strictObject({})

export function tokenFor(scope: string, now: number, serial: number, { lifeMs, claims }: Tenant): AzureToken {
  const expiresAt = now + lifeMs
  const aud = scope.replace(/\/\.default$/, '')
  const about = { aud, tid: TENANT, oid: OBJECT, appid: CLIENT, iss: `https://sts.windows.net/${TENANT}/` }
  const times = { iat: Math.floor(now / 1000), exp: Math.floor(expiresAt / 1000), uti: String(serial) }
  return {
    type: 'azure-token',
    accessToken: new Secret(signedJwt({ ...about, ...times, ...claims })),
    scope,
    expiresAt,
    tenantId: TENANT,
  }
}

/** tenant → dev, which hands its tokens on. */
export function tenancy(token: (scope: string) => Promise<AzureToken>, client: string | undefined): Chain {
  const provider = defineProvider<object, 'azure-token'>({
    yields: 'azure-token',
    config,
    interactive: false,
    scoped: true,
    facts: () => ({ client, tenant: TENANT }),
    login: (_, { scopes = [MANAGEMENT] }) => token(scopes.join()),
  })
  const identity = defineIdentity<object, 'azure-token', 'azure-token'>({
    accepts: ['azure-token'],
    yields: 'azure-token',
    passesOn: true,
    config,
    assume: async (_, parent) => parent,
  })
  const made = devChain({})
  const [root, dev] = made.steps.map(({ node }) => node)
  return {
    ...made,
    steps: [
      { key: 'a'.repeat(64), node: { ...(root as ProviderNode), kind: provider as AnyProvider } },
      { key: 'b'.repeat(64), node: { ...(dev as IdentityNode), kind: identity as IdentityNode['kind'] } },
    ],
  }
}
