/** What a workload has to say who it is: a token in a file, as pods have it, or that of a job of GitHub Actions. */
import { isAbsolute } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { readPlainFile } from '../system/plain-file.ts'
import type { Random } from '../system/random.ts'
import { idTokenRequest, PERMISSION } from './github-oidc.ts'

const FILE_NAME = 'AZURE_FEDERATED_TOKEN_FILE'
const URL_NAME = 'ACTIONS_ID_TOKEN_REQUEST_URL'
const TOKEN_NAME = 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'
/** The client's variables that it may be found by. */
export const WORKLOAD_NAMES = [FILE_NAME, 'GITHUB_ACTIONS', URL_NAME, TOKEN_NAME]

/** Tokens go in headers elsewhere, so none is larger. */
const MOST_BYTES = 65_536

export interface Workload {
  audience: string
  /** The file that the configuration names. */
  file: string | undefined
  variable(name: string): string | undefined
  clock: Clock
  random: Random
  signal: AbortSignal
}

/** The token as it is now. EnvironmentMissing where the workload has none. */
export async function workloadToken(workload: Workload): Promise<Secret> {
  const { file, variable } = workload
  const path = file ?? variable(FILE_NAME)
  if (path !== undefined) return fileToken(path, file === undefined ? FILE_NAME : 'token_file_path')
  const [url, requestToken] = [variable(URL_NAME), variable(TOKEN_NAME)]
  if (url !== undefined && requestToken !== undefined)
    return (await idTokenRequest({ ...workload, url, requestToken })).token
  if (variable('GITHUB_ACTIONS') !== 'true') throw none()
  throw new AuthError(
    'EnvironmentMissing',
    `No token for this job: ${url === undefined ? URL_NAME : TOKEN_NAME} is not set.`,
    {
      hint: PERMISSION,
    },
  )
}

async function fileToken(path: string, named: string): Promise<Secret> {
  if (!isAbsolute(path)) {
    throw new AuthError(
      'ConfigInvalid',
      `The file with the token of the workload is no whole path: ${path}.`,
      {
        hint: `Give ${named} from the root on: the daemon stands in no directory of yours.`,
      },
    )
  }
  const bytes = await readPlainFile(path, MOST_BYTES).catch((cause: Error) => {
    throw unreadable(path, cause.message, cause)
  })
  const token = bytes?.toString('utf8').trim()
  if (token === undefined) throw unreadable(path, 'there is none')
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw unreadable(path, 'it holds no such token')
  return new Secret(token)
}

function unreadable(path: string, why: string, cause?: unknown): AuthError {
  const message = `The file with the token of the workload, ${path}, cannot be used: ${why}.`
  return new AuthError('EnvironmentMissing', message, {
    hint: `Whoever runs the workload writes it; look at token_file_path and ${FILE_NAME}.`,
    cause,
  })
}

function none(): AuthError {
  return new AuthError('EnvironmentMissing', 'There is no token that says which workload this is.', {
    hint: `Set ${FILE_NAME} or token_file_path, run in GitHub Actions, or use an identity that a person can sign in to.`,
  })
}
