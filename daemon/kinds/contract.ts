/**
 * What a kind is. One file a kind; a kind knows its own configuration and its upstream, and nothing of the store,
 * the broker, other kinds or the configuration around it.
 */
import type * as z from 'zod'
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { CredentialOf, CredentialType, OidcToken, RegistryToken } from '../../shared/credential.ts'
import type { Application, ClusterFacts } from './application.ts'
import type { Context } from './context.ts'
import type { Provisions } from './provisions.ts'

/** One node of a chain, as much of it as another kind may know. */
export interface Link {
  name: string
  /** What its session is. */
  yields: CredentialType
  /** Whether its session is one of a role, so that a role assumed from it is chained. */
  isRole: boolean
}

/** Something that a schema cannot see, at a path within the entry. */
export interface Complaint {
  path: readonly (string | number)[]
  message: string
  hint?: string
  severity?: 'warning'
}

interface Kind<Config> {
  /** The kind's own fields. */
  config: z.ZodType<Config>
  /** What is wrong with a sound configuration at its place; `chain` leads from the root to the entry itself. */
  check?(config: Config, chain: readonly Link[]): readonly Complaint[]
  /** Variables that the kind reads of the client's environment. Their values belong to the session's key. */
  variables?: readonly string[] | ((config: Config) => readonly string[])
  /** Who decides how long a session lasts, where `session` is no field of the kind: a sentence. */
  lifetime?: string
  /** What the configuration says of where in the cloud its identities work. */
  facts?(config: Config): CloudFacts
}

/** The root of a chain: how a person or a workload proves itself. */
export interface Provider<Config, T extends CredentialType> extends Kind<Config> {
  role: 'provider'
  yields: T
  /** Whether `login` asks a human; such a login never happens in the background. */
  interactive: boolean
  /** `held` is what is left of an earlier session, expired or not. */
  login(config: Config, context: Context, held?: CredentialOf<T>): Promise<CredentialOf<T>>
  /** A new credential from an old one with no human; throws LoginRequired where that is over. */
  refresh?(config: Config, held: CredentialOf<T>, context: Context): Promise<CredentialOf<T>>
  /** Its tokens can have other scopes than the usual ones. */
  scoped?: true
  /** Another token from the session of a sign-in that asked a person, for `context.scopes`. */
  derive?(config: Config, session: CredentialOf<T>, context: Context): Promise<CredentialOf<T>>
  /** A token that tells `audience` who it is. */
  identify?(config: Config, audience: string, context: Context): Promise<OidcToken>
  /** Ends the session upstream. */
  logout?(config: Config, held: CredentialOf<T>, context: Pick<Context, 'signal' | 'endpoint'>): Promise<void>
  /** What alone identifies the session, where projects share it. Without this the whole configuration does. */
  sharedBy?(config: Config): readonly string[]
  provisions?: Provisions<Config, T>
}

/** A step that turns its parent's credential into another. With no `accepts` it stands alone, at the root. */
export interface Identity<Config, P extends CredentialType, T extends CredentialType> extends Kind<Config> {
  role: 'identity'
  accepts: readonly P[]
  yields: T
  /** Its session is one of a role. */
  isRole?: true
  /** `held`: at the root, with no human to ask, what is left of an earlier session, expired or not. */
  assume(
    config: Config,
    parent: CredentialOf<P>,
    context: Context,
    held?: CredentialOf<T>,
  ): Promise<CredentialOf<T>>
  /** Its session is its parent's own, so that what is wanted of it is wanted of its parent. */
  passesOn?: true
  /** Its tokens can have other scopes than the usual ones. */
  scoped?: true
  /** A token that tells `audience` who it is. */
  identify?(config: Config, parent: CredentialOf<P>, audience: string, context: Context): Promise<OidcToken>
  /** The principal as a person would name it, for listings. */
  principal?(config: Config): string
  /** Why the web console takes none of its sessions: a sentence. */
  noConsole?: string
  /** Whether an identity of this configuration lives on keys that a person entrusts to the keyring. */
  entrusts?(config: Config): boolean
}

/** What turns a session into another tool's configuration. */
export interface Integration<Config, P extends CredentialType> extends Kind<Config> {
  role: 'integration'
  accepts: readonly P[]
  /** Without this it cannot be applied in this version. */
  apply?(config: Config, facts: CloudFacts): Application
  /** Whether that secret is the identity's own token, which is renewed where it comes from. */
  passesOn?: true
  /** The secret that the tool is given on demand: a session of its own, with the identity's as its parent. */
  assume?(config: Config, parent: CredentialOf<P>, context: Context): Promise<RegistryToken>
  /** The cluster that is to be entered in kubeconfig. */
  describe?(
    config: Config,
    parent: CredentialOf<P>,
    context: Pick<Context, 'clock' | 'signal' | 'endpoint' | 'facts'>,
  ): Promise<ClusterFacts>
}

/** Kinds as the catalogue and the chain hold them: the configuration is checked by the kind's own schema first. */
export type AnyProvider = Provider<unknown, CredentialType>
export type AnyIdentity = Identity<unknown, CredentialType, CredentialType>
export type AnyIntegration = Integration<unknown, CredentialType>
export type AnyKind = AnyProvider | AnyIdentity | AnyIntegration

/** The variables that an entry of a kind reads; `config` is undefined where a problem stands against it. */
export function variablesOf({ variables = [] }: AnyKind, config: unknown): readonly string[] {
  if (typeof variables !== 'function') return variables
  return config === undefined ? [] : variables(config)
}

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

export function defineIntegration<Config, const P extends CredentialType>(
  kind: Omit<Integration<Config, P>, 'role'>,
): AnyIntegration {
  return { role: 'integration', ...kind } as unknown as AnyIntegration
}

export type { Belongings, Context } from './context.ts'
export type { Prompt } from './prompt.ts'
export type { Account, AssignmentSource, KeptAccounts, Page, Selecting } from './provisions.ts'
