/** What integrations come to where the client runs: entries in Docker's config.json, and what a person is told of them. */
import { AuthError, asAuthError, fromFailureBody } from '../../shared/errors.ts'
import type { Applied, ApplyReply } from '../../shared/integration-replies.ts'
import type { Daemon } from '../daemon.ts'
import { type Here, isInteractive } from '../here.ts'
import { signIn } from '../signin.ts'
import { configFile, editConfig } from './config-file.ts'
import { enterHelper, enterToken } from './entries.ts'
import { tellEntered, warn, warnOfPath } from './telling.ts'

export interface Wanted {
  identity?: string
  integration?: string
  registries: string[]
  static: boolean
  /** Replaces what another tool entered for the same host. */
  force: boolean
}

interface Manner {
  static: boolean
  force: boolean
  /** Whether nothing is said where nothing changed. */
  quiet: boolean
}

/** Applies at a sign-in what is to be applied then, and says so where it changed anything. Never throws. */
export async function applyQuietly(here: Here, daemon: Daemon, identity: string): Promise<void> {
  const file = configFile(here)
  try {
    const reply = await daemon.apply({ identity, auto: true, file })
    for (const { integration, failure } of reply.failed)
      warn(here, `${integration} was not applied: ${failure.message}`, again(integration, failure.hint))
    const failures = await enterAll(here, file, reply, { static: false, force: false, quiet: true })
    for (const { message, hint } of failures) warn(here, message, hint)
  } catch (error) {
    warn(here, `No integration was applied: ${asAuthError(error).message}`, again('', undefined))
  }
}

/** Applies what was asked for, signing in first where that is missing; throws the first failure once all is tried. */
export async function applyWanted(here: Here, daemon: Daemon, { force, ...request }: Wanted): Promise<void> {
  const file = configFile(here)
  const ask = () => daemon.apply({ ...request, file })
  let reply = await ask()
  const unsigned = reply.failed.find(({ failure }) => failure.code === 'LoginRequired')
  if (unsigned && isInteractive(here)) {
    await signIn(here, daemon, { identity: unsigned.identity }, { browser: true })
    reply = await ask()
  }
  const entered = await enterAll(here, file, reply, { static: request.static, force, quiet: false })
  const [first, ...others] = [...reply.failed.map(({ failure }) => fromFailureBody(failure)), ...entered]
  for (const { message, hint } of others) warn(here, message, hint)
  if (first) throw first
}

/** Enters each on its own; returns what went wrong. */
async function enterAll(here: Here, file: string, reply: ApplyReply, manner: Manner): Promise<AuthError[]> {
  const failures: AuthError[] = []
  let told = false
  for (const applied of reply.applied) {
    try {
      told = (await enter(here, file, applied, manner)) || told
    } catch (error) {
      failures.push(asAuthError(error))
    }
  }
  if (told && !manner.static) warnOfPath(here)
  return failures
}

/** Returns whether anything was said of it. */
async function enter(here: Here, file: string, applied: Applied, manner: Manner): Promise<boolean> {
  const { registries, username, secret, integration } = applied
  const refused: string[] = []
  let text = ''
  const changed = await editConfig(here, file, (before) => {
    text = before
    refused.length = 0
    for (const host of registries) {
      const entered = manner.static
        ? enterToken(text, host, `${username}:${secret}`, manner.force)
        : enterHelper(text, host, manner.force)
      if ('text' in entered) text = entered.text
      else refused.push(`${host} ${entered.inTheWay}`)
    }
    return text
  })
  const tells = refused.length < registries.length && (changed || !manner.quiet)
  if (tells) tellEntered(here, applied, text, manner.static)
  if (refused.length === 0) return tells
  throw new AuthError('Usage', `Not changed in ${file}: ${refused.join('; ')}.`, {
    hint: `To replace it: \`atmosctl ecr-login ${integration} --force\`.`,
  })
}

function again(integration: string, hint: string | undefined): string {
  const command = `Try again: \`${['atmosctl ecr-login', integration].join(' ').trim()}\`.`
  return hint === undefined ? command : `${hint}\n  ${command}`
}
