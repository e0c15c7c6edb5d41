/** One step of a chain made anew: a provider renewed or signed in to, an identity assumed from its parent. */
import type { Credential } from '../../shared/credential.ts'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { Keyring } from '../../shared/keyring.ts'
import type { Secret } from '../../shared/secret.ts'
import { type Chain, endpointOf, lastStep, parentChain, type Step } from '../graph/chain.ts'
import { factsOf } from '../graph/facts.ts'
import type { IdentityNode, IntegrationNode, ProviderNode } from '../graph/node.ts'
import type { AnyIdentity, Belongings, Context, KeptAccounts, Prompt } from '../kinds/contract.ts'
import type { Entrusted } from '../sessions/entrusted.ts'
import type { Session } from '../sessions/session.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import type { Passing, Using } from './using.ts'

/** What minting needs of the broker around it. */
export interface Minting {
  clock: Clock
  random: Random
  entrusted: Entrusted
  belongings: { of(keyring: Keyring, key: string): Belongings }
  /** The accounts of the portal that a chain begins with, as they were seen last. */
  accounts?: ((chain: Chain) => KeptAccounts) | undefined
  /** What is left of the last session of this step. */
  held: Session | undefined
  /** As the broker's. */
  using: Using
  passing: Passing
}

/** Where a human can be asked; without one, a step that needs a human throws LoginRequired. */
export interface Asking {
  prompt: Prompt
  interactive: boolean
}

/** A new credential of the last step of `chain`. Every failure is an AuthError. */
export async function mint(
  chain: Chain,
  minting: Minting,
  asking: Asking,
  signal: AbortSignal,
): Promise<Credential> {
  const { node, key, wanted } = lastStep(chain)
  const { clock, random } = minting
  const endpoint = (service: string) => endpointOf(chain, service)
  const context: Context = {
    clock,
    random,
    signal,
    prompt: asking.prompt,
    region: chain.region,
    facts: factsOf(chain),
    endpoint,
    entrusted: () => entrustedTo(chain, minting),
    belongings: minting.belongings.of(chain.keyring, key),
    ...(minting.accounts ? { accounts: minting.accounts(chain) } : {}),
    variable: (name) => node.given[name]?.reveal(),
    ...(wanted && 'scopes' in wanted.want ? { scopes: wanted.want.scopes } : {}),
  }
  try {
    return node.role === 'provider'
      ? await prove(node, chain, minting, asking, context)
      : await assume(node, chain, minting, asking, context)
  } catch (error) {
    throw signal.aborted
      ? new AuthError('LoginCancelled', 'The sign-in was cancelled.', { cause: error })
      : asAuthError(error)
  }
}

async function entrustedTo(chain: Chain, { entrusted }: Minting): Promise<Secret> {
  const { name } = lastStep(chain).node
  const keys = await entrusted.get(chain.keyring, { realm: chain.realm, identity: name })
  if (keys) return keys
  throw new AuthError('LoginRequired', `The identity "${name}" has no keys yet.`, {
    hint: `Run \`atmosctl user configure -i ${name}\`.`,
    details: { keysOf: name }, // which no sign-in would cure
  })
}

async function prove(
  node: ProviderNode,
  chain: Chain,
  { held, using }: Minting,
  { interactive }: Asking,
  context: Context,
): Promise<Credential> {
  const { kind, config, name } = node
  const { derive, identify } = kind
  const want = lastStep(chain).wanted?.want
  const above = parentChain(chain)
  if (want && 'audience' in want && identify) return identify(config, want.audience, context)
  if (want && above && derive) return using(above, (session) => derive(config, session, context))
  if (interactive || !kind.interactive) return kind.login(config, context, held?.credential)
  if (!held) throw new AuthError('LoginRequired', `Nobody is signed in to "${name}".`)
  if (!kind.refresh) throw new AuthError('LoginRequired', `The sign-in to "${name}" has ended.`)
  return kind.refresh(config, held.credential, context)
}

async function assume(
  node: IdentityNode | IntegrationNode,
  chain: Chain,
  minting: Minting,
  { interactive }: Asking,
  context: Context,
): Promise<Credential> {
  const { config, kind, kindName } = node
  const { assume }: Partial<Pick<AnyIdentity, 'assume'>> = kind
  if (!assume) throw new AuthError('KindUnsupported', `${kindName} gives nothing on demand.`)
  const above = parentChain(chain)
  // A kind that accepts nothing stands at the root and looks at no parent.
  if (!above)
    return assume(config, undefined as never, context, interactive ? undefined : minting.held?.credential)
  if (kind.passesOn) {
    const parent = await minting.passing(above, minting.held)
    return lastStep(chain).wanted ? parent : assume(config, parent, context)
  }
  const wanted = kind.role === 'identity' ? wantedOf(kind, lastStep(chain), context) : undefined
  return minting.using(above, (parent) => wanted?.(parent) ?? assume(config, parent, context))
}

/** How an identity makes what is wanted of it, where that is none of its usual sessions. */
function wantedOf({ identify }: AnyIdentity, { node, wanted }: Step, context: Context) {
  if (!wanted) return undefined
  const { want } = wanted
  if (!('audience' in want) || !identify) return undefined
  return (parent: Credential) => identify(node.config, parent, want.audience, context)
}
