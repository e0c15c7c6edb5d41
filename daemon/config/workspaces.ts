/** The configurations in use, each loaded once for the same bytes and values. */
import type { Problem, WorkspaceReference } from '../../shared/api.ts'
import { AuthError } from '../../shared/errors.ts'
import type { Catalog } from '../kinds/catalog.ts'
import { type ConfigFile, discover } from './discover.ts'
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

  async function open(reference: WorkspaceReference): Promise<Workspace> {
    const file = await discover(reference.directory)
    const { environment } = reference
    const key = JSON.stringify([file.path, Object.entries(environment).sort()])
    const held = loaded.get(key)
    if (held?.text === file.text) return held.workspace
    const workspace = await load(file, { ...options, environment })
    askFor(workspace, environment)
    remember(key, file, workspace)
    return workspace
  }

  function remember(key: string, { text }: ConfigFile, workspace: Workspace) {
    loaded.delete(key)
    loaded.set(key, { text, workspace })
    const oldest = loaded.keys().next().value
    if (loaded.size > KEPT && oldest !== undefined) loaded.delete(oldest)
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

function askFor({ names }: Workspace, environment: WorkspaceReference['environment']): void {
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
