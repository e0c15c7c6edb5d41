/** What integrations come to where the client runs: entries in Docker's config.json, and what a person is told of them. */
import { dirname, join } from 'node:path'
import { formatDuration, formatInstant } from '../../shared/duration.ts'
import { AuthError, asAuthError, fromFailureBody } from '../../shared/errors.ts'
import type { Applied, ApplyReply } from '../../shared/integration-replies.ts'
import type { Daemon } from '../daemon.ts'
import type { Here } from '../here.ts'
import { find } from '../program.ts'
import { painter } from '../style.ts'
import { configFile, editConfig } from './config-file.ts'
import { askedInstead, type Entered, enterHelper, enterToken, HELPER } from './entries.ts'

export interface Wanted {
  identity?: string
  integration?: string
  registries: string[]
  static: boolean
  /** Replaces what another tool entered for the same host. */
  force: boolean
}

/** Applies at a sign-in what is to be applied then, and says so where it changed anything. */
export async function applyQuietly(here: Here, daemon: Daemon, identity: string): Promise<void> {
  const file = configFile(here)
  try {
    const reply = await daemon.apply({ identity, auto: true, file })
    for (const { integration, failure } of reply.failed)
      warn(here, `${integration} was not applied: ${failure.message}`, tryAgain(integration, failure.hint))
    for (const each of reply.applied)
      await enter(here, file, each, { static: false, force: false, quiet: true }).catch((error) =>
        warn(here, asAuthError(error).message, tryAgain(each.integration, asAuthError(error).hint)),
      )
  } catch (error) {
    warn(here, `No integration was applied: ${asAuthError(error).message}`, tryAgain('', undefined))
  }
}

/** Applies what was asked for; throws the first failure once all is done that could be. */
export async function applyWanted(
  here: Here,
  daemon: Daemon,
  { force, ...request }: Wanted,
): Promise<ApplyReply> {
  const file = configFile(here)
  const reply = await daemon.apply({ ...request, file })
  const failures = reply.failed.map(({ failure }) => fromFailureBody(failure))
  for (const each of reply.applied) {
    await enter(here, file, each, { static: request.static, force, quiet: false }).catch((error) =>
      failures.push(asAuthError(error)),
    )
  }
  const [first, ...others] = failures
  for (const { message, hint } of others) warn(here, message, hint)
  if (first) throw first
  return reply
}

interface Manner {
  static: boolean
  force: boolean
  /** Whether nothing is said where nothing changed. */
  quiet: boolean
}

async function enter(here: Here, file: string, applied: Applied, manner: Manner): Promise<void> {
  const { registries, username, secret } = applied
  const refused: string[] = []
  let text = ''
  const changed = await editConfig(here, file, (before) => {
    text = before
    for (const host of registries) {
      const entered: Entered = manner.static
        ? enterToken(text, host, `${username}:${secret}`, manner.force)
        : enterHelper(text, host, manner.force)
      if ('text' in entered) text = entered.text
      else refused.push(`${host} ${entered.inTheWay}`)
    }
    return text
  })
  if (refused.length < registries.length && (changed || !manner.quiet)) tell(here, applied, text, manner)
  if (refused.length > 0) throw taken(file, refused, applied)
}

function tell(here: Here, applied: Applied, text: string, manner: Manner): void {
  const { integration, registries, expiresAt } = applied
  const what = manner.static ? 'Docker has a token' : 'Docker gets its tokens from atmosd'
  const hosts = registries.map((host) => `    ${host}\n`).join('')
  here.err(`${painter(here.color)('green', '✓')} ${integration}: ${what}\n${hosts}`)
  if (manner.static) {
    const until = `${formatInstant(expiresAt)} (${formatDuration(expiresAt - here.now())})`
    warn(here, `The token in config.json is good until ${until}.`, 'Nothing renews it.')
    const instead = registries.map((host) => askedInstead(text, host)).find((helper) => helper !== undefined)
    if (instead) warn(here, `Docker itself asks ${instead} and not that entry.`, 'Other tools may read it.')
  } else if (typeof find(`docker-credential-${HELPER}`, here.env.PATH ?? '') === 'number') {
    const program = join(dirname(here.daemon[1] ?? ''), '..', 'client', 'bin', 'docker-credential-atmos.cjs')
    warn(
      here,
      'docker-credential-atmos is not on the PATH, where Docker looks for it.',
      `Link to it from a directory that is, under that name:\n  ${program}`,
    )
  }
}

function taken(file: string, refused: readonly string[], { integration }: Applied): AuthError {
  return new AuthError('Usage', `Not changed in ${file}: ${refused.join('; ')}.`, {
    hint: `To replace it: \`atmosctl ecr-login ${integration} --force\`.`,
  })
}

function tryAgain(integration: string, hint: string | undefined): string {
  const command = `Try again: \`${['atmosctl ecr-login', integration].join(' ').trim()}\`.`
  return hint === undefined ? command : `${hint} ${command}`
}

function warn({ err }: Here, message: string, hint: string | undefined): void {
  err(`atmosctl: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
}
