/** Where a workload has the token of its own issuer: a variable, a file, or an address that gives it. */
import { isAbsolute } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { readPlainFile } from '../system/plain-file.ts'
import { expiryOf } from './jwt-claims.ts'
import { type Answer, httpRequest, isLoopback } from './plain-http.ts'

export type TokenSource =
  | { text: string }
  | { file: string; field?: string | undefined }
  | { url: string; headers: Readonly<Record<string, string>>; field?: string | undefined }

interface At {
  clock: Clock
  signal: AbortSignal
}

const MOST_BYTES = 65_536
/** Where clouds have the metadata of a machine; nothing off the machine is reached by it. */
const METADATA_HOST = '169.254.169.254'

/** The text of the token, read or asked for anew each time. A `field` is where in a JSON object it stands. */
export async function subjectTokenOf(source: TokenSource, at: At): Promise<Secret> {
  if ('text' in source) return new Secret(source.text.trim())
  if ('file' in source) return new Secret(textOf(await fileOf(source.file), source.field, source.file))
  const { url, headers, field } = source
  const host = safeHost(url)
  const what = 'give the token of this workload'
  return processSource(await httpRequest({ ...at, url, headers, whom: host, what }), host, field)
}

/** Its text may be anything, and is not passed on. */
export function processSource(answer: Answer, host: string, field: string | undefined): Secret {
  const { status, text } = answer
  if (status === 200) return new Secret(textOf(text, field, host))
  const refused = `${host} gave no token of this workload (${status})`
  if (status >= 300 && status < 400)
    throw new AuthError('UpstreamInvalid', `${refused}: it redirects, which is not followed.`)
  if (status === 401 || status === 403)
    throw new AuthError('CredentialRejected', `${refused}: it does not take what it is asked with.`, {
      hint: 'The job may have ended; begin again where one runs.',
    })
  if (status === 429) throw new AuthError('UpstreamThrottled', `${refused}: it was asked too often.`)
  throw new AuthError(status >= 500 ? 'UpstreamUnavailable' : 'UpstreamInvalid', `${refused}.`)
}

/** A token that Google would take for one: three parts, and not over. UpstreamInvalid, CredentialRejected. */
export function soundJwt(token: Secret, from: string, now: number): Secret {
  const text = token.reveal()
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text))
    throw new AuthError('UpstreamInvalid', `What ${from} has is no token that can be read.`, {
      hint: 'It has to be a JSON Web Token: three parts with dots between them.',
    })
  if ((expiryOf(text) ?? now + 1) > now) return token
  throw new AuthError('CredentialRejected', `The token of ${from} has ended.`, {
    hint: 'Whoever writes it has to write a new one.',
  })
}

async function fileOf(path: string): Promise<string> {
  if (!isAbsolute(path))
    throw new AuthError('ConfigInvalid', `The path ${path} of a token is relative.`, {
      hint: 'Give it from the root.',
    })
  const bytes = await readPlainFile(path, MOST_BYTES).catch((error: Error) => {
    throw new AuthError('ConfigInvalid', `The token in ${path} cannot be read: ${error.message}.`)
  })
  if (bytes) return bytes.toString('utf8')
  throw new AuthError('EnvironmentMissing', `There is no token in ${path}: the file is not there.`, {
    hint: 'Begin again where it is.',
  })
}

function textOf(text: string, field: string | undefined, from: string): string {
  const found = (field === undefined ? text : fieldIn(text, field)).trim()
  if (found !== '') return found
  const where = field === undefined ? '' : ` in "${field}"`
  throw new AuthError('UpstreamInvalid', `${from} has no token${where}.`)
}

function fieldIn(text: string, field: string): string {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[field]
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}

/** What the address is asked with is a secret, so it leaves the machine by https alone. */
function safeHost(address: string): string {
  const url = URL.parse(address)
  const near = url && (isLoopback(url) || url.hostname === METADATA_HOST)
  if (
    url &&
    !url.username &&
    !url.password &&
    (url.protocol === 'https:' || (near && url.protocol === 'http:'))
  )
    return url.hostname
  throw new AuthError('ConfigInvalid', 'The address that gives the token is no https address.', {
    hint: 'It has to be https, or on this machine.',
  })
}
