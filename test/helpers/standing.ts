import type { WorkspaceReference } from '../../shared/requests.ts'

/** A client that stands in `directory`, with no options and no settings of its own. */
export function standing(
  directory: string,
  environment: WorkspaceReference['environment'] = {},
): WorkspaceReference {
  return { directory, config: [], configPath: [], profiles: [], settings: {}, environment }
}
