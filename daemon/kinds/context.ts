/** What a kind is given for one sign-in or one renewal, and nothing else reaches it. */
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import type { Prompt } from './prompt.ts'
import type { KeptAccounts } from './provisions.ts'

export interface Context {
  clock: Clock
  random: Random
  /** Aborted when nobody waits for the result any more. */
  signal: AbortSignal
  prompt: Prompt
  /** Region of the chain, for upstreams that have regions. */
  region: string
  /** What the chain's configuration says of where it works. */
  facts: CloudFacts
  /** The address of a service where the chain's configuration moves it: the nearest setting towards the root. */
  endpoint(service: string): string | undefined
  /** What a person entrusted to the keyring for this identity, as JSON. LoginRequired where there is nothing. */
  entrusted(): Promise<Secret>
  /** What this step keeps for itself, beside its session. */
  belongings: Belongings
  /** The client's value of a variable that the kind names; undefined where it has none. Never the daemon's own. */
  variable(name: string): string | undefined
  /** The scopes that are wanted in place of the usual ones; for a kind that is `scoped` alone. */
  scopes?: readonly string[]
  /** The accounts of the portal at the chain's root as they were seen last, so that not every renewal asks for them. */
  accounts?: KeptAccounts
}

/**
 * What belongs to one step under exactly this configuration, until it is signed out of: a password that a person gave
 * for one address never meets another.
 */
export interface Belongings {
  /** What `keep` was given last. */
  kept(): Promise<Secret | undefined>
  /** Keeps a secret in the keyring. */
  keep(secret: Secret): Promise<void>
  /** A directory of the daemon's for files, mode 0700; made where it is missing. */
  directory(): Promise<string>
}
