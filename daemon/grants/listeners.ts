/** The ports of grants that have one of their own: open for as long as the grant lives, and no longer. */
import { asAuthError } from '../../shared/errors.ts'
import type { Log } from '../system/log.ts'
import type { Grant } from './grant.ts'

/** An open port. */
export interface Listener {
  port: number
  close(): Promise<void>
}

export interface Listeners {
  /** Opens a port for a grant: the wanted one, or any. Resolves to the port. PortTaken. */
  open(grant: Grant, wanted: number | undefined): Promise<number>
  /** Opens the ports of grants that should have one open and have not; one that is taken is told, and left. */
  reopen(grants: readonly Grant[]): Promise<void>
  close(id: string): Promise<void>
  closeAll(): Promise<void>
  /** Why a grant that should have a port open has none. */
  problemOf(id: string): string | undefined
}

export type Listen = (grant: Grant, wanted: number | undefined) => Promise<Listener>

export function openListeners(listen: Listen, log: Log): Listeners {
  const listeners = new Map<string, Listener>()
  const problems = new Map<string, string>()

  async function open(grant: Grant, wanted: number | undefined): Promise<number> {
    const listener = await listen(grant, wanted)
    listeners.set(grant.id, listener)
    problems.delete(grant.id)
    return listener.port
  }

  async function close(id: string): Promise<void> {
    const listener = listeners.get(id)
    listeners.delete(id)
    problems.delete(id)
    await listener?.close()
  }

  return {
    open,
    async reopen(grants) {
      for (const grant of grants) {
        if (grant.port === undefined || listeners.has(grant.id)) continue
        await open(grant, grant.port).catch((error) => {
          const { message } = asAuthError(error)
          const { id, port } = grant
          if (problems.get(id) !== message)
            log.warn({ id, port, message }, 'a port could not be opened again')
          problems.set(id, message)
        })
      }
    },
    close,
    closeAll: async () => void (await Promise.all([...listeners.keys()].map(close))),
    problemOf: (id) => problems.get(id),
  }
}
