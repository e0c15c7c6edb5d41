/** The configurations in use, each loaded once for the same bytes and values. */

import { AuthError } from '../../shared/errors.ts'
import type { Problem } from '../../shared/replies.ts'
import type { WorkspaceReference } from '../../shared/requests.ts'
import type { Catalog } from '../kinds/catalog.ts'
import { discover } from './discover.ts'
import { load, type Workspace } from './load.ts'

export interface Workspaces {
  /** The configuration of a place with all its problems. ConfigNotFound, or EnvironmentNeeded with the names to send. */
  open(reference: WorkspaceReference): Promise<Workspace>
  /** The same, but ConfigInvalid where there are problems. */
  sound(reference: WorkspaceReference): Promise<Workspace>
}

const KEPT = 64

export function openWorkspaces(options: { catalog: Catalog; vault: string }): Workspaces {
  const loaded = new Map<string, { text: string; workspace: Workspace }>()
  /** Which variables each file reads, so that a client that does not know them yet is answered at once. */
  const read = new Map<string, { text: string; names: readonly string[] }>()

  async function open({ directory, settings, environment }: WorkspaceReference): Promise<Workspace> {
    const file = await discover(directory)
    const asked = read.get(file.path)
    if (asked?.text === file.text) askFor(asked.names, environment)
    const key = JSON.stringify([
      file.path,
      Object.entries(settings).sort(),
      Object.entries(environment).sort(),
    ])
    const held = loaded.get(key)
    if (held?.text === file.text) return held.workspace
    const workspace = await load(file, { ...options, settings, environment })
    remember(read, file.path, { text: file.text, names: workspace.names })
    askFor(workspace.names, environment)
    remember(loaded, key, { text: file.text, workspace })
    return workspace
  }

  return {
    open,
    async sound(reference) {
      const workspace = await open(reference)
      const errors = workspace.problems.filter(({ severity }) => severity === 'error')
      if (errors.length > 0) throw invalid(workspace.file, errors)
      return workspace
    },
  }
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
