import type { AuthError } from '../../shared/errors.ts'
import type { WorkspaceReply } from '../../shared/replies.ts'
import { routes } from '../../shared/routes.ts'
import { json } from '../answer.ts'
import type { Here } from '../here.ts'
import { exchange } from '../socket.ts'
import { standingOf } from '../standing.ts'

/** A person who has pressed a key waits no longer for names. */
const PATIENCE_MS = 300
/** Each file of a configuration may ask for variables that the one before it did not know of. */
const ROUNDS = 4

/**
 * The workspace, as a daemon that runs already knows it; undefined where it does not answer at once. Unlike a command's
 * this request opens no keyring and runs no `!exec`: a key that was pressed allows neither.
 */
export async function workspaceNow(here: Here): Promise<WorkspaceReply | undefined> {
  const late = new AbortController()
  const end = here.every(PATIENCE_MS, () => late.abort())
  try {
    return await ask(here, late.signal)
  } catch {
    return undefined
  } finally {
    end()
  }
}

async function ask(here: Here, signal: AbortSignal): Promise<WorkspaceReply> {
  const environment: Record<string, string | null> = {}
  for (let round = 1; ; round++) {
    const body = { workspace: { ...standingOf(here), environment } }
    try {
      return json(await exchange(here, { method: 'POST', path: routes.workspace, body, signal }))
    } catch (error) {
      const { code, details } = error as AuthError
      if (code !== 'EnvironmentNeeded' || round === ROUNDS) throw error
      const names = (details?.names ?? []) as string[]
      for (const name of names) environment[name] = here.env[name] ?? null
    }
  }
}
