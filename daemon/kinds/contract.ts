/**
 * What a kind is. One file a kind; a kind knows its own configuration and its upstream, and nothing of the store,
 * the broker, other kinds or the configuration around it.
 */
import type * as z from 'zod'
import type { Credential, CredentialOf, CredentialType } from '../../shared/credential.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'

/** Asks the human. In the background there is none: every member then throws LoginRequired. */
export interface Prompt {
  /** Shows an address and a code to be confirmed there. */
  deviceCode(shown: { userCode: string; verificationUri: string; address: string; expiresAt: number }): void
  /** Sends the human's browser to an address. */
  browser(shown: { address: string; expiresAt: number }): void
  /** Asks for one line. */
  ask(question: { label: string; secret: boolean }): Promise<string>
}

export interface Context {
  clock: Clock
  random: Random
  /** Aborted when nobody waits for the result any more. */
  signal: AbortSignal
  prompt: Prompt
  /** Region of the chain, for upstreams that have regions. */
  region: string
  /** The address of a service where the chain's configuration moves it: the nearest setting towards the root. */
  endpoint(service: string): string | undefined
  /** What a person entrusted to the keyring for this identity, as JSON. LoginRequired where there is nothing. */
  entrusted(): Promise<Secret>
}

/** The root of a chain: how a person or a workload proves itself. */
export interface Provider<Config, T extends CredentialType> {
  role: 'provider'
  yields: T
  config: z.ZodType<Config>
  /** Whether `login` asks a human; such a login never happens in the background. */
  interactive: boolean
  /** `held` is what is left of an earlier session, expired or not. */
  login(config: Config, context: Context, held?: CredentialOf<T>): Promise<CredentialOf<T>>
  /** A new credential from an old one with no human; throws LoginRequired where that is over. */
  refresh?(config: Config, held: CredentialOf<T>, context: Context): Promise<CredentialOf<T>>
  /** Ends the session upstream. */
  logout?(config: Config, held: CredentialOf<T>, context: Pick<Context, 'signal' | 'endpoint'>): Promise<void>
  /** What alone identifies the session, where projects share it. Without this the whole configuration does. */
  sharedBy?(config: Config): readonly string[]
}

/** A step that turns its parent's credential into another. With no `accepts` it stands alone, at the root. */
export interface Identity<Config, P extends CredentialType, T extends CredentialType> {
  role: 'identity'
  accepts: readonly P[]
  yields: T
  config: z.ZodType<Config>
  assume(config: Config, parent: CredentialOf<P>, context: Context): Promise<CredentialOf<T>>
  /** The principal as a person would name it, for listings. */
  principal?(config: Config): string
  /** Whether an identity of this configuration lives on keys that a person entrusts to the keyring. */
  entrusts?(config: Config): boolean
}

/** Kinds as the catalogue and the chain hold them: the configuration is checked by the kind's own schema first. */
export type AnyProvider = Provider<unknown, CredentialType>
export type AnyIdentity = Identity<unknown, CredentialType, CredentialType>
export type AnyKind = AnyProvider | AnyIdentity

export function defineProvider<Config, const T extends CredentialType>(
  kind: Omit<Provider<Config, T>, 'role'>,
): AnyProvider {
  return { role: 'provider', ...kind } as unknown as AnyProvider
}

export function defineIdentity<Config, const P extends CredentialType, const T extends CredentialType>(
  kind: Omit<Identity<Config, P, T>, 'role'>,
): AnyIdentity {
  return { role: 'identity', ...kind } as unknown as AnyIdentity
}

export type { Credential }
