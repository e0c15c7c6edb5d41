/**
 * The protocol of Docker's credential helpers: one word as argument, standard input, and everything, failures too, on
 * standard output (docker-credential-helpers, credentials/credentials.go). Nobody is ever asked anything.
 */
import { readFileSync } from 'node:fs'
import { type AuthError, asAuthError } from '../../shared/errors.ts'
import type { RegistriesReply, RegistryReply } from '../../shared/integration-replies.ts'
import { registryHost } from '../../shared/registry-host.ts'
import { routes } from '../../shared/routes.ts'
import { VERSION } from '../../shared/version.ts'
import { json } from '../answer.ts'
import type { Here } from '../here.ts'
import { type Answer, type Exchange, exchange } from '../socket.ts'

const NAME = 'docker-credential-atmos'
/** Docker goes on with no sign-in at these words, and stops at any others. */
const NOT_FOUND = 'credentials not found in native keychain'
const NO_SERVER = 'no credentials server URL'
const NO_USER = 'no credentials username'

/** What is printed, and whether that is a failure. */
type Said = string | { failed: string }
type Action = (here: Here, input: string) => Promise<Said> | Said

const actions: Readonly<Record<string, Action>> = {
  get,
  store,
  erase: (_, input) => (input.trim() === '' ? { failed: NO_SERVER } : ''),
  list,
  version: () => `${NAME} ${VERSION}`,
}

/** Runs one action of the protocol; resolves to the exit code. */
export async function dockerCredential(here: Here, words: readonly string[]): Promise<number> {
  const [word = '', ...more] = words
  const action = Object.hasOwn(actions, word) && more.length === 0 ? actions[word] : undefined
  const said = action
    ? await perform({ ...here, interactive: false }, action, word)
    : { failed: `Usage: ${NAME} <${Object.keys(actions).join('|')}>` }
  const text = typeof said === 'string' ? said : said.failed
  if (text !== '') here.out(`${text}\n`)
  return typeof said === 'string' ? 0 : 1
}

async function perform(here: Here, action: Action, word: string): Promise<Said> {
  try {
    return await action(here, word === 'version' || word === 'list' ? '' : readFileSync(0, 'utf8'))
  } catch (error) {
    const { message, hint } = asAuthError(error)
    return { failed: `atmosd: ${message}${hint === undefined ? '' : ` ${hint}`}` }
  }
}

async function get(here: Here, input: string): Promise<Said> {
  const server = input.trim()
  if (server === '') return { failed: NO_SERVER }
  const host = registryHost(server)
  if (host === '') return { failed: NOT_FOUND }
  const body = { host }
  const { username, secret } = json<RegistryReply>(
    await unlocked(here, { method: 'POST', path: routes.registryCredential, body }),
  )
  if (username === undefined) return { failed: NOT_FOUND }
  return JSON.stringify({ ServerURL: server, Username: username, Secret: secret })
}

/** Docker stores what it was given by `get`, or by a person for a host of ours: it is atmosd that knows better. */
async function store(here: Here, input: string): Promise<Said> {
  const { ServerURL, Username } = toStore(input)
  if (!ServerURL) return { failed: NO_SERVER }
  if (!Username) return { failed: NO_USER }
  const host = registryHost(ServerURL)
  const { registries } = json<RegistriesReply>(await asked(here, { method: 'GET', path: routes.registries }))
  const ours = registries.some((registry) => registry.host === host)
  return ours
    ? ''
    : { failed: `atmosd keeps no credentials of others, and ${host} is no registry of its own.` }
}

function toStore(input: string): { ServerURL?: string; Username?: string } {
  try {
    return JSON.parse(input || '{}') ?? {}
  } catch {
    return {} // the parser's message would show a part of a secret
  }
}

/** Compose and buildx list every helper there is: where no daemon runs, none is started for that. */
async function list(here: Here): Promise<Said> {
  try {
    const answer = await exchange(here, { method: 'GET', path: routes.registries })
    const { registries } = json<RegistriesReply>(answer)
    return JSON.stringify(Object.fromEntries(registries.map(({ host }) => [`https://${host}`, 'AWS'])))
  } catch (error) {
    if ((error as AuthError).code !== 'DaemonUnreachable') throw error
    return '{}'
  }
}

/** With the keyring's password, where a variable of Docker's own environment has it. */
async function unlocked(here: Here, request: Exchange): Promise<Answer> {
  const answer = await asked(here, request)
  if (answer.status === 200) return answer
  const { code, details } = JSON.parse(answer.body) as AuthError
  if (code !== 'PasswordRequired') return answer
  const { unlock } = await import('../password.ts')
  await unlock(here, details ?? {})
  return exchange(here, request)
}

/** A pull works after a reboot too: a daemon is started where none runs. */
async function asked(here: Here, request: Exchange): Promise<Answer> {
  try {
    return await exchange(here, request)
  } catch (error) {
    if ((error as AuthError).code !== 'DaemonUnreachable') throw error
    const { startDaemon } = await import('../start.ts')
    await startDaemon(here)
    return exchange(here, request)
  }
}
