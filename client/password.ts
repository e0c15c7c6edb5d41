import type { Writable } from 'node:stream'
import { AuthError } from '../shared/errors.ts'
import type { UnlockRequest } from '../shared/requests.ts'
import { routes } from '../shared/routes.ts'
import { json } from './answer.ts'
import { type Here, isInteractive } from './here.ts'
import { exchange } from './socket.ts'

/** What the daemon says of a keyring file that is locked. */
interface Locked {
  vault?: unknown
  /** The variable in which the configuration keeps its password. */
  variable?: unknown
}

/** Opens a keyring file in the daemon, with the password of its variable or else one typed now. */
export async function unlock(here: Here, { vault: path, variable }: Locked): Promise<void> {
  const vault = String(path)
  const name = String(variable ?? 'ATMOS_KEYRING_PASSWORD')
  const password = here.env[name] || (await typed(here, vault, name))
  const body: UnlockRequest = { vault, password }
  json(await exchange(here, { method: 'POST', path: routes.unlock, body }))
}

async function typed(here: Here, vault: string, variable: string): Promise<string> {
  if (!isInteractive(here)) {
    throw new AuthError('PasswordRequired', `The keyring file ${vault} is locked.`, {
      hint: `Set ${variable}, or run the command in a terminal.`,
    })
  }
  const { isCancel, password } = await import('@clack/prompts')
  const output = here.promptStream() as Writable
  const answer = await password({ message: `Password of the keyring file ${vault}`, output })
  if (isCancel(answer)) throw new AuthError('LoginCancelled', 'Cancelled.')
  return answer
}
