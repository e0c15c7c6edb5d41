/** A selection for programs. Every field is named here, so that nothing is shown that was not meant to be. */
import { formatInstant } from '../../shared/duration.ts'
import type { ListedIdentity, ListedIntegration, ListedProvider } from '../../shared/replies.ts'
import type { Held } from './life.ts'
import type { Selection } from './selection.ts'

/**
 * The same keys in the same order, whatever the values: snake_case as in atmos.yaml, instants as RFC 3339.
 * A section that was not asked for is absent, as is a field without a value.
 */
export function listingRecord({ whole, providers, identities, integrations }: Selection): object {
  return defined({
    file: whole.file,
    files: whole.files ?? [whole.file],
    realm: whole.realm,
    providers: providers?.map(providerRecord),
    identities: identities?.map(identityRecord),
    integrations: integrations?.map(integrationRecord),
  })
}

function providerRecord(node: ListedProvider): object {
  const { name, kind, region, startUrl } = node
  const marks = { default: node.default ?? false, tags: node.tags ?? [] }
  return defined({ name, kind, region, start_url: startUrl, ...marks, ...held(node) })
}

function identityRecord(node: ListedIdentity): object {
  const { name, kind, principal, alias } = node
  const marks = { default: node.default, tags: node.tags ?? [] }
  const { provisioned } = node
  return defined({ name, kind, via: viaRecord(node), principal, alias, provisioned, ...marks, ...held(node) })
}

function integrationRecord(node: ListedIntegration): object {
  return defined({ name: node.name, kind: node.kind, via: viaRecord(node) })
}

function viaRecord({ via }: ListedIdentity | ListedIntegration): object | undefined {
  return via && ('provider' in via ? { provider: via.provider } : { identity: via.identity })
}

function held({ state, expiresAt }: Held): object {
  return { state, expiration: expiresAt === undefined ? undefined : formatInstant(expiresAt) }
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
