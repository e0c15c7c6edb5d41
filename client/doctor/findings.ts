/** What a tool that is started in this shell would use in place of atmosd's credentials, and why. Pure. */
import { isLoopbackAddress } from '../../shared/loopback.ts'
import type { Before } from '../environment/change.ts'
import { type CloudSources, type FileSource, sources } from './sources.ts'

export interface Finding {
  /** `problem`: it keeps a tool from credentials that it should have. */
  level: 'ok' | 'note' | 'problem'
  /** The cloud, or `Daemon`. */
  about: string
  message: string
  remedy?: string
}

/** The text of a file below the home directory; undefined where there is none. */
export type ReadHome = (path: string) => string | undefined

/** For each cloud whether this shell leads its tools to atmosd, and what would win there; `directories` is where grants have theirs. */
export function shellFindings(env: Before, directories: readonly string[], read: ReadHome): Finding[] {
  return sources.flatMap((source) => cloudFindings(source, env, directories, read))
}

function cloudFindings(
  source: CloudSources,
  env: Before,
  directories: readonly string[],
  read: ReadHome,
): Finding[] {
  const { cloud: about, endpoint, winners, pointers, files } = source
  const address = env[endpoint]
  const leads = isLoopbackAddress(address)
  const level = leads ? 'problem' : 'note'
  const head: Finding = leads
    ? { level: 'ok', about, message: `This shell leads its tools to atmosd, at ${hostOf(address)}.` }
    : { level: 'note', about, message: 'This shell does not lead its tools to atmosd; `exec` does.' }
  const isOurs = (path: string) => directories.some((directory) => path.startsWith(`${directory}/`))
  const strays = pointers.filter((name) => env[name] && !isOurs(env[name]))
  const variables = [...winners.filter((name) => env[name]), ...strays].map(
    (name): Finding => ({ level, about, ...variableWins(name, leads) }),
  )
  const found = files
    .filter((file) => isUsed(file, env, read))
    .map((file): Finding => ({ level: leadsPast(file) ? level : 'note', about, ...fileWins(file, leads) }))
  return [head, ...variables, ...found]
}

function variableWins(name: string, leads: boolean): Pick<Finding, 'message' | 'remedy'> {
  return leads
    ? { message: `${name} is set, and wins over it.`, remedy: `unset ${name}` }
    : { message: `${name} is set; \`exec\`, \`shell\` and \`env\` set it aside.` }
}

function fileWins({ path, users }: FileSource, leads: boolean): Pick<Finding, 'message' | 'remedy'> {
  const message = `~/${path} is there, for ${users}.`
  return leads
    ? { message, remedy: '`atmosctl exec` sets it aside; `eval "$(atmosctl env)"` does too.' }
    : { message }
}

/** A file that no variable moves is met whatever the shell's variables say. */
function leadsPast({ movedBy }: FileSource): boolean {
  return movedBy !== undefined
}

/** Whether tools read the file where it usually is, and find in it what counts. */
function isUsed({ path, movedBy, holds }: FileSource, env: Before, read: ReadHome): boolean {
  if (movedBy && env[movedBy]) return false
  const text = read(path)
  return text !== undefined && (holds === undefined || holds.test(text))
}

function hostOf(address = ''): string {
  return URL.parse(address.includes('://') ? address : `http://${address}`)?.host ?? address
}
