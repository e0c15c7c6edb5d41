/** A token of Entra ID as a credential of ours: whose it is, it says itself. Pure. */
import type { AzureToken } from '../../shared/credential.ts'
import { printable } from '../../shared/printable.ts'
import { Secret } from '../../shared/secret.ts'
import type { Entra } from './entra.ts'
import { claimsOf } from './jwt-claims.ts'

/** Names of a person before those of an application (Entra ID's access tokens, versions 1 and 2). */
const NAMES = ['upn', 'preferred_username', 'unique_name', 'email']
const APPLICATION = ['app_displayname', 'appid', 'azp']

/** `session` is what gets other tokens with nobody asked; `username` names whom a token does not. */
export function azureToken(
  { token, expiresAt }: { token: string; expiresAt: number },
  { tenant, scopes }: Pick<Entra, 'tenant' | 'scopes'>,
  { session, username }: { session?: string; username?: string | undefined } = {},
): AzureToken {
  const claims = claimsOf(token)
  const principal = first(claims, NAMES) ?? username ?? first(claims, APPLICATION)
  return {
    type: 'azure-token',
    accessToken: new Secret(token),
    scope: scopes.join(' '),
    expiresAt,
    tenantId: first(claims, ['tid']) ?? tenant,
    ...(principal ? { principal } : {}),
    ...(session === undefined ? {} : { session: new Secret(session) }),
  }
}

function first(claims: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  const found = names.map((name) => claims[name]).find((value) => typeof value === 'string' && value !== '')
  return found === undefined ? undefined : printable(String(found), 200)
}
