/** What the commands that apply integrations have in common: which is meant, and for whom. */
import { AuthError } from '../../shared/errors.ts'
import { daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF, saySwitchedOff, withIdentity } from '../identity.ts'
import type { Given } from '../option.ts'
import type { Wanted } from './apply.ts'

/** Applies the integration that is named, else those of the identity. Resolves to the exit code. */
export async function applyNamed(
  here: Here,
  { words, text }: Given,
  command: string,
  wanted: Omit<Wanted, 'identity' | 'integration'>,
): Promise<number> {
  const [integration, ...more] = words
  if (more.length > 0) throw new AuthError('Usage', `${command} takes one integration.`)
  const daemon = daemonOf(here)
  const flag = text('identity')
  const named = integration === undefined ? {} : { integration }
  // An integration says itself whose it is; ATMOS_IDENTITY says who tools are.
  const chosen =
    integration !== undefined && flag === undefined ? {} : await chosenIdentity(here, daemon, flag)
  if (chosen === SWITCHED_OFF) return saySwitchedOff(here)
  const { applyWanted } = await import('./apply.ts')
  await withIdentity(here, chosen, (now) => applyWanted(here, daemon, { ...now, ...named, ...wanted }))
  return 0
}
