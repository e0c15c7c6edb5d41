/** The three modes of `--identity`: a name, none for the selector, absent for the default; or switched off. */
import { AuthError } from '../shared/errors.ts'
import { isSwitchedOff } from '../shared/identity.ts'
import type { Daemon } from './daemon.ts'
import type { Here } from './here.ts'

export const SWITCHED_OFF = Symbol('switched off')
/** What a bare `--identity` is turned into before the arguments are parsed. */
export const SELECT = ''

/**
 * Turns a bare `-i` or `--identity` into one with an empty value, since an option's value cannot be left out
 * elsewhere. What follows counts as the name unless it begins with a dash.
 */
export function normalizeIdentity(argv: readonly string[]): string[] {
  return argv.flatMap((argument, index) => {
    if (argument !== '-i' && argument !== '--identity') return [argument]
    const next = argv[index + 1]
    return next === undefined || next.startsWith('-') ? [`--identity=${SELECT}`] : [argument]
  })
}

/**
 * The identity that the command line and ATMOS_IDENTITY mean; undefined leaves it to the configuration's default.
 * A selector is opened where several have the tags of `--tags`, or where `--identity` has no name.
 */
export async function chosenIdentity(
  here: Here,
  daemon: Daemon,
  flag: string | undefined,
): Promise<{ identity?: string } | typeof SWITCHED_OFF> {
  const tags = here.tags ?? []
  if (tags.length > 0 && flag) throw new AuthError('Usage', '--identity and --tags exclude each other.')
  const wanted = flag ?? (here.env.ATMOS_IDENTITY || undefined)
  if (tags.length > 0 || wanted === SELECT) {
    const { selectIdentity } = await import('./selector.ts')
    return { identity: await selectIdentity(here, daemon, tags) }
  }
  if (wanted === undefined) return {}
  return isSwitchedOff(wanted) ? SWITCHED_OFF : { identity: wanted }
}

/** What a command comes to that would have done something for an identity. */
export function saySwitchedOff(here: Here): number {
  here.err('atmosd is switched off for this command; nothing was done.\n')
  return 0
}

/** Runs `work`; where the configuration has no one default, asks the human and runs it again with the choice. */
export async function withIdentity<T>(
  here: Here,
  chosen: { identity?: string },
  work: (chosen: { identity?: string }) => Promise<T>,
): Promise<T> {
  try {
    return await work(chosen)
  } catch (error) {
    if ((error as AuthError).code !== 'IdentityRequired') throw error
    const { selectCandidate } = await import('./selector.ts')
    return work({ identity: await selectCandidate(here, error as AuthError) })
  }
}
