/** File systems of a test's own, with the configurations in them opened as a daemon would. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { KeptLists } from '../../daemon/config/provisioned.ts'
import { openTrust } from '../../daemon/config/trust.ts'
import { openWorkspaces } from '../../daemon/config/workspaces.ts'
import { catalog } from '../../daemon/kinds/catalog.ts'
import type { WorkspaceReference } from '../../shared/requests.ts'
import { standing } from './standing.ts'

/** `files` by path; a client stands in `project` unless it says otherwise. */
export async function configPlace(
  t: { teardown(end: () => void): void },
  files: Record<string, string>,
  lists?: KeptLists,
) {
  const base = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
  t.teardown(() => rmSync(base, { recursive: true, force: true }))
  const at = (path: string) => join(base, path)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text)
  }
  mkdirSync(at('project'), { recursive: true })
  for (const [path, text] of Object.entries(files)) write(path, text)
  const homes = { system: at('system'), home: at('home') }
  const trust = await openTrust(at('trust.json'))
  const workspaces = openWorkspaces({ catalog, vault: '/vault', homes, trust, ...(lists ? { lists } : {}) })
  const here = (more: Partial<WorkspaceReference> = {}): WorkspaceReference => ({
    ...standing(at('project')),
    ...more,
  })
  const open = (more?: Partial<WorkspaceReference>) => workspaces.open(here(more))
  return { base, at, write, trust, workspaces, here, open }
}
