/** How what a portal assigns to a person becomes identities, and what is known of its accounts. */
import type { CredentialOf, CredentialType } from '../../shared/credential.ts'

export interface Account {
  id: string
  name: string
}

export interface KeptAccounts {
  /** Undefined where nobody has asked for them lately. */
  get(): Promise<readonly Account[] | undefined>
  keep(accounts: readonly Account[]): void
}

/** One page of a listing, with what asks for the next where there is one. */
export interface Page<T> {
  items: T[]
  next: string | undefined
}

/** What a person is assigned, to be asked for page by page. Throws UpstreamThrottled where that is too fast. */
export interface AssignmentSource {
  accounts(from: string | undefined): Promise<Page<Account>>
  /** Names of the roles in one account. */
  roles(accountId: string, from: string | undefined): Promise<Page<string>>
  close(): void
}

/** Globs on `account/role`. */
export interface Selecting {
  include: readonly string[]
  exclude: readonly string[]
}

/** How a provider's assignments become identities. */
export interface Provisions<Config, T extends CredentialType> {
  /** Which of them; undefined where the configuration does not ask for any. */
  selecting(config: Config): Selecting | undefined
  source(
    config: Config,
    held: CredentialOf<T>,
    context: { signal: AbortSignal; endpoint(service: string): string | undefined },
  ): AssignmentSource
  /** The kind of the identities, and their own fields. */
  kind: string
  entry(accountId: string, role: string): Record<string, unknown>
}
