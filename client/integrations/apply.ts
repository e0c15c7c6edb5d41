/** What integrations come to where the client runs, in the files of other tools, and what a person is told of them. */
import { type AuthError, asAuthError, fromFailureBody } from '../../shared/errors.ts'
import { commandFor } from '../../shared/integration-command.ts'
import type { Applied, ApplyReply } from '../../shared/integration-replies.ts'
import type { ApplyRequest } from '../../shared/requests.ts'
import type { Daemon } from '../daemon.ts'
import { configFile } from '../docker/config-file.ts'
import { enterInDocker } from '../docker/enter.ts'
import { warn, warnOfPath } from '../docker/telling.ts'
import { type Here, isInteractive } from '../here.ts'
import { kubeconfigs } from '../kube/places.ts'
import { signIn } from '../signin.ts'

export interface Wanted extends Pick<ApplyRequest, 'cluster' | 'entry' | 'dryRun'> {
  type: Applied['type']
  identity?: string
  integration?: string
  registries?: string[]
  /** Writes the token itself. */
  static?: boolean
  /** Replaces what another tool entered for the same host or by the same name. */
  force: boolean
  /** Makes the context the one that kubectl uses. */
  use?: boolean
}

interface Manner {
  static: boolean
  force: boolean
  use: boolean
  /** Whether nothing is said where nothing changed. */
  quiet: boolean
  /** Whether the cluster is none of the configuration's. */
  unwritten?: boolean
  /** What files would hold, by their paths: nothing is written then. */
  drafts?: Map<string, string>
}

/** Applies at a sign-in what is to be applied then, and says so where it changed anything. Never throws. */
export async function applyQuietly(here: Here, daemon: Daemon, identity: string): Promise<void> {
  try {
    const reply = await daemon.apply({ identity, auto: true, ...places(here) })
    for (const { integration, type, kind, failure } of reply.failed)
      warn(
        here,
        `${integration} was not applied: ${failure.message}`,
        again(`${commandFor(type, kind)} ${integration}`, failure.hint),
      )
    const failures = await enterAll(here, reply, { static: false, force: false, use: false, quiet: true })
    for (const { message, hint } of failures) warn(here, message, hint)
  } catch (error) {
    const { message, hint } = asAuthError(error)
    warn(here, `No integration was applied: ${message}`, again('login', hint))
  }
}

/** Applies what was asked for, signing in first where that is missing; throws the first failure once all is tried. */
export async function applyWanted(here: Here, daemon: Daemon, wanted: Wanted): Promise<void> {
  const { force, use = false, ...request } = wanted
  const ask = () => daemon.apply({ ...request, ...places(here) })
  let reply = await ask()
  let signedIn = false
  const unsigned = reply.failed.find(({ failure }) => failure.code === 'LoginRequired')
  if (unsigned && isInteractive(here)) {
    await signIn(here, daemon, { identity: unsigned.identity }, { browser: true })
    reply = await ask()
    signedIn = true
  }
  const drafts = request.dryRun ? { drafts: new Map<string, string>() } : {}
  const unwritten = request.cluster !== undefined
  const manner = { static: request.static ?? false, force, use, quiet: false, unwritten, ...drafts }
  const entered = await enterAll(here, reply, manner)
  if (entered.length === 0) for (const text of manner.drafts?.values() ?? []) here.out(text)
  if (signedIn && unsigned && !request.dryRun) await applyQuietly(here, daemon, unsigned.identity) // what every sign-in applies
  const [first, ...others] = [...reply.failed.map(({ failure }) => fromFailureBody(failure)), ...entered]
  for (const { message, hint } of others) warn(here, message, hint)
  if (first) throw first
}

/** Where tools look for their files. */
function places(here: Here) {
  return { file: configFile(here), kubeconfigs: kubeconfigs(here), home: here.home }
}

/** Enters each on its own; returns what went wrong. */
async function enterAll(here: Here, reply: ApplyReply, manner: Manner): Promise<AuthError[]> {
  const failures: AuthError[] = []
  let told = false
  for (const applied of reply.applied) {
    try {
      told = (await enter(here, applied, manner)) || told
    } catch (error) {
      failures.push(asAuthError(error))
    }
  }
  if (told && !manner.static) warnOfPath(here)
  return failures
}

/** Returns whether anything was said of Docker. */
async function enter(here: Here, applied: Applied, manner: Manner): Promise<boolean> {
  if (applied.type === 'docker') return enterInDocker(here, configFile(here), applied, manner)
  const { enterInKubeconfig } = await import('../kube/enter.ts') // it brings YAML with it
  await enterInKubeconfig(here, applied, manner)
  return false
}

function again(command: string, hint: string | undefined): string {
  const retry = `Try again: \`atmosctl ${command}\`.`
  return hint === undefined ? retry : `${hint}\n  ${retry}`
}
