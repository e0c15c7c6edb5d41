/** Which identity: asked on a terminal; elsewhere an error that names the candidates. Loaded when it comes to that. */
import type { Writable } from 'node:stream'
import { AuthError, type FailureCode } from '../shared/errors.ts'
import type { ListedIdentity } from '../shared/replies.ts'
import { type Daemon, daemonOf } from './daemon.ts'
import { type Here, isInteractive } from './here.ts'
import { choices, matches, named } from './render/choices.ts'
import { canRedraw } from './style.ts'

/** One of all identities, or of those with any of the tags, which is taken unasked where it is the only one. */
export async function selectIdentity(here: Here, daemon: Daemon, tags: readonly string[]): Promise<string> {
  const identities = await listed(daemon)
  if (tags.length === 0) {
    const why = 'A bare --identity opens a selector, which needs a terminal.'
    return choose(here, identities, { code: 'Usage', why })
  }
  const tagged = identities.filter((identity) => identity.tags?.some((tag) => tags.includes(tag)))
  const [first, ...more] = tagged
  if (first === undefined) throw noneTagged(tags, identities)
  if (more.length === 0) return first.name
  const why = `${tagged.length} identities have ${tagWords(tags)}.`
  return choose(here, tagged, { code: 'IdentityRequired', why })
}

/** One of the identities that the daemon named when it could not decide. */
export async function selectCandidate(here: Here, { message, details }: AuthError): Promise<string> {
  const names = (details?.candidates ?? []) as string[]
  const candidates = new Set(names)
  const wanted = { code: 'IdentityRequired', why: message } as const
  if (!canAsk(here)) throw undecided(names, wanted)
  const identities = await listed(daemonOf(here))
  return choose(
    here,
    identities.filter(({ name }) => candidates.has(name)),
    wanted,
  )
}

async function listed(daemon: Daemon): Promise<ListedIdentity[]> {
  const { file, problems, identities } = await daemon.workspace()
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    const count = errors.length === 1 ? 'a problem' : `${errors.length} problems`
    throw new AuthError('ConfigInvalid', `${file} has ${count}.`, { details: { problems: errors } })
  }
  if (identities.length > 0) return identities
  throw new AuthError('IdentityUnknown', 'The configuration has no identities.', {
    hint: 'Add one under auth.identities.',
  })
}

interface Undecided {
  code: FailureCode
  /** What keeps the client from deciding by itself. */
  why: string
}

async function choose(here: Here, identities: readonly ListedIdentity[], wanted: Undecided): Promise<string> {
  if (!canAsk(here)) {
    throw undecided(
      identities.map(({ name }) => name),
      wanted,
    )
  }
  const { autocomplete, isCancel } = await import('@clack/prompts')
  const answer = await autocomplete({
    message: 'Which identity?',
    options: choices(identities, here.terminal.columns),
    filter: (search, { value }) => matches(search, identities, value),
    validate: (value) => (value === undefined ? 'No identity matches.' : undefined),
    output: here.promptStream() as Writable,
  })
  if (isCancel(answer)) throw new AuthError('LoginCancelled', 'Nothing was chosen.')
  return answer
}

function canAsk(here: Here): boolean {
  return isInteractive(here) && canRedraw(here.env)
}

function undecided(names: readonly string[], { code, why }: Undecided): AuthError {
  return new AuthError(code, why, { hint: named('Name one with -i: ', names) })
}

function noneTagged(tags: readonly string[], identities: readonly ListedIdentity[]): AuthError {
  const known = [...new Set(identities.flatMap(({ tags = [] }) => tags))]
  return new AuthError('IdentityUnknown', `No identity has ${tagWords(tags)}.`, {
    hint: known.length > 0 ? named('Tags there are: ', known) : 'No identity has any tags.',
  })
}

function tagWords(tags: readonly string[]): string {
  const quoted = tags.map((tag) => `"${tag}"`)
  return tags.length === 1 ? `the tag ${quoted[0]}` : `one of the tags ${quoted.join(', ')}`
}
