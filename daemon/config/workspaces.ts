/** The configurations in use, each loaded once for the same bytes and values. */
import { createHash } from 'node:crypto'
import { AuthError } from '../../shared/errors.ts'
import type { Problem } from '../../shared/replies.ts'
import type { WorkspaceReference } from '../../shared/requests.ts'
import type { Catalog } from '../kinds/catalog.ts'
import type { Homes } from './discover.ts'
import { type Gathered, gatherFrom } from './gather.ts'
import { load, type Workspace } from './load.ts'
import type { KeptLists } from './provisioned.ts'
import type { Trust } from './trust.ts'
import { isSettled } from './withheld.ts'

export interface Workspaces {
  /** The configuration of a place with all its problems. ConfigNotFound, or EnvironmentNeeded with the names to send. */
  open(reference: WorkspaceReference): Promise<Workspace>
  /** The same, but ConfigInvalid where there are problems. */
  sound(reference: WorkspaceReference): Promise<Workspace>
  /** The files that make it up, as they are. */
  gather(reference: WorkspaceReference): Promise<Gathered>
}

export interface WorkspacesOptions {
  catalog: Catalog
  vault: string
  homes: Homes
  trust: Trust
  lists?: KeptLists
}

const KEPT = 64

export function openWorkspaces({ catalog, vault, homes, trust, lists }: WorkspacesOptions): Workspaces {
  const loaded = new Map<string, Workspace>()
  /** What each set of files asks for, so that a client that does not know it yet is answered at once. */
  const asked = new Map<string, readonly string[]>()
  const gather = gatherFrom(homes)

  async function open(reference: WorkspaceReference): Promise<Workspace> {
    const { environment, directory, settings } = reference
    const gathered = await gather(reference)
    const allowed = new Set(
      filesOf(gathered)
        .filter(({ path, text }) => trust.trusts(path, text))
        .map(({ path }) => path),
    )
    const { main, repository, unread } = gathered
    const read = [main, repository, filesOf(gathered), [...unread]]
    const files = digestOf([directory, settings, [...allowed], read])
    askFor(asked.get(files) ?? [], environment)
    const key = digestOf([files, Object.entries(environment).sort(), lists?.version()])
    const known = loaded.get(key)
    if (known) return known
    const mayRun = (path: string) => allowed.has(path)
    const workspace = await load(gathered, {
      catalog,
      vault,
      home: homes.home,
      environment,
      directory,
      settings,
      mayRun,
      lists,
    })
    remember(asked, files, workspace.names)
    askFor(workspace.names, environment)
    // What a locked keyring hides is there once it is open, and nothing else tells.
    if (isWhole(workspace)) remember(loaded, key, workspace)
    return workspace
  }

  return {
    open,
    gather,
    async sound(reference) {
      const workspace = await open(reference)
      const errors = workspace.problems.filter(({ severity }) => severity === 'error')
      if (errors.length > 0) throw invalid(workspace.file, errors)
      return workspace
    },
  }
}

function isWhole({ graph: { withheld } }: Workspace): boolean {
  return withheld === undefined || isSettled(withheld)
}

function filesOf({ layers, included }: Gathered): { path: string; text: string }[] {
  const others = [...included].map(([path, file]) => ({
    path,
    text: typeof file === 'string' ? file : file.text,
  }))
  return [...layers.map(({ path, text }) => ({ path, text })), ...others]
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

/** Keeps the entries that were added last. */
function remember<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key)
  entries.set(key, value)
  const oldest = entries.keys().next().value
  if (entries.size > KEPT && oldest !== undefined) entries.delete(oldest)
}

function askFor(names: readonly string[], environment: WorkspaceReference['environment']): void {
  const unasked = names.filter((name) => !Object.hasOwn(environment, name))
  if (unasked.length === 0) return
  throw new AuthError('EnvironmentNeeded', `The configuration reads ${unasked.join(', ')}.`, {
    details: { names: unasked },
  })
}

function invalid(file: string, problems: Problem[]): AuthError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  return new AuthError('ConfigInvalid', `${file} has ${count}.`, {
    hint: 'Correct them; `atmosctl validate` checks again.',
    details: { problems },
  })
}
