/** The three modes of `--identity`: a name, none for the selector, absent for the default; or switched off. */
import type { Writable } from 'node:stream'
import { AuthError } from '../shared/errors.ts'
import { isSwitchedOff } from '../shared/identity.ts'
import type { Daemon } from './daemon.ts'
import { type Here, isInteractive } from './here.ts'

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

/** The identity that the command line and ATMOS_IDENTITY mean; undefined leaves it to the configuration's default. */
export async function chosenIdentity(
  here: Here,
  daemon: Daemon,
  flag: string | undefined,
): Promise<{ identity?: string } | typeof SWITCHED_OFF> {
  const wanted = flag ?? (here.env.ATMOS_IDENTITY || undefined)
  if (wanted === SELECT) return { identity: await select(here, daemon) }
  if (wanted === undefined) return {}
  return isSwitchedOff(wanted) ? SWITCHED_OFF : { identity: wanted }
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
    const { code, details } = error as AuthError
    if (code !== 'IdentityRequired' || !isInteractive(here)) throw error
    return work({ identity: await choose(here, 'Which identity?', details?.candidates as string[]) })
  }
}

async function select(here: Here, daemon: Daemon): Promise<string> {
  if (!isInteractive(here)) {
    throw new AuthError('Usage', 'A bare --identity opens a selector, which needs a terminal.', {
      hint: 'Name one: --identity NAME.',
    })
  }
  const { identities } = await daemon.workspace()
  return choose(
    here,
    'Which identity?',
    identities.map(({ name }) => name),
  )
}

async function choose(here: Here, message: string, names: readonly string[]): Promise<string> {
  const { isCancel, select: ask } = await import('@clack/prompts')
  const output = here.promptStream() as Writable
  const options = [...names].sort().map((name) => ({ value: name, label: name }))
  const answer = await ask({ message, options, output })
  if (isCancel(answer)) throw new AuthError('LoginCancelled', 'Nothing was chosen.')
  return String(answer)
}
