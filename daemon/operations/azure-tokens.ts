/** Where the tokens come from that tools ask for in the words of Azure's managed identities. */
import { AuthError } from '../../shared/errors.ts'
import type { Grant } from '../grants/grant.ts'
import type { BoundedWants } from '../grants/wants.ts'
import type { Chain } from '../graph/chain.ts'
import { factsOf } from '../graph/facts.ts'
import { wanting } from '../graph/wanting.ts'
import type { Session } from '../sessions/session.ts'
import type { House } from './house.ts'
import { lastingSession } from './lasting.ts'

const MINUTE_MS = 60_000
/** azurerm asks before each call for what ends within 20 minutes: none may be slow, nor any of them in vain. */
const lasting = { leastMs: 25 * MINUTE_MS, aheadMs: 30 * MINUTE_MS, renewalMs: 700 }

export interface AzureAnswer {
  session: Session
  /** The application's id, where the configuration says it. */
  client: string | undefined
}

/**
 * The token for a scope, of a grant's identity: one that lasts, where one can be had. Pending after `patienceMs`,
 * Forbidden where the grant has wanted too many.
 */
export function azureSource(parts: Pick<House, 'broker' | 'clock' | 'chains'> & { wants: BoundedWants }) {
  const { chains, wants, broker } = parts
  return async (grant: Grant, scope: string, patienceMs: number): Promise<AzureAnswer> => {
    const usual = await chains.of(grant)
    const chain = isUsual(usual, scope) ? usual : wantedOf(grant, usual, scope)
    const session = await lastingSession(parts, chain, patienceMs, lasting)
    return { session, client: factsOf(usual).client }
  }

  /** The usual token rests in the keyring: a daemon that begins anew has it before it has asked anybody. */
  function isUsual(chain: Chain, scope: string): boolean {
    const credential = broker.ready(chain)?.credential
    return credential?.type === 'azure-token' && credential.scope === scope
  }

  function wantedOf(grant: Grant, usual: Chain, scope: string): Chain {
    const chain = wanting(usual, { scopes: [scope] })
    if (wants.allows(grant, scope)) return chain
    throw new AuthError('Forbidden', 'One run of a tool may not ask for so many different resources.', {
      hint: 'Run the tool again under `atmosctl exec`.',
    })
  }
}
