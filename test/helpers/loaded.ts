/** A configuration of one file, loaded as for a client in its directory. */
import { load, type Workspace } from '../../daemon/config/load.ts'
import { parseYaml } from '../../daemon/config/yaml-file.ts'
import { catalog } from '../../daemon/kinds/catalog.ts'

export function loadText(
  text: string,
  environment: Record<string, string | null> = {},
  settings: Record<string, string> = {},
): Promise<Workspace> {
  const path = '/project/atmos.yaml'
  const file = parseYaml(path, text)
  const gathered = {
    layers: [file],
    main: path,
    repository: undefined,
    included: new Map(),
    unread: new Map(),
    faults: file.faults,
  }
  const client = { environment, settings, directory: '/project', home: '/home', mayRun: () => false }
  return load(gathered, { catalog, vault: '/state/vault.json', ...client })
}
