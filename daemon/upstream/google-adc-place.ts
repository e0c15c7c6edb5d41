/** Where a shell has its Application Default Credentials. Never a metadata server: there may be one of this daemon's own. */
import { isAbsolute, join } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import { readPlainFile } from '../system/plain-file.ts'
import { type AdcFile, processAdc } from './google-adc-file.ts'

type Variable = (name: string) => string | undefined

/** Every variable that is looked at. */
export const ADC_VARIABLES = ['GOOGLE_APPLICATION_CREDENTIALS', 'CLOUDSDK_CONFIG', 'HOME']
export const ADC_LOGIN = 'gcloud auth application-default login'

const NAME = 'application_default_credentials.json'
const MOST_BYTES = 65_536

/**
 * The file of GOOGLE_APPLICATION_CREDENTIALS, else of gcloud's directory, read anew each time. In a shell of ours both
 * variables are ours, and what is behind them is in the home directory. LoginRequired where there is no file.
 */
export async function adcOf(variable: Variable): Promise<AdcFile> {
  const [named, directory, home] = ADC_VARIABLES.map(variable)
  const chosen = named === undefined ? undefined : await adcAt(named, 'GOOGLE_APPLICATION_CREDENTIALS')
  if (chosen) return chosen
  const usual = home === undefined ? undefined : join(home, '.config', 'gcloud')
  const place = named === undefined ? (directory ?? usual) : usual
  const path = place === undefined ? undefined : join(place, NAME)
  const found = path === undefined ? undefined : await adcAt(path)
  if (found) return found
  throw new AuthError('LoginRequired', `There are no Application Default Credentials${at(path)}.`, {
    hint: `Run \`${ADC_LOGIN}\`, or set GOOGLE_APPLICATION_CREDENTIALS.`,
    details: { signInOf: 'gcloud' },
  })
}

function at(path: string | undefined): string {
  return path === undefined ? '' : ` at ${path}`
}

/** Undefined where there are none, or those of this daemon. A file that a variable names has to be there. */
async function adcAt(path: string, variable?: string): Promise<AdcFile | undefined> {
  // The daemon stands elsewhere than the shell, so a relative path would be another one.
  if (!isAbsolute(path))
    throw new AuthError(
      'ConfigInvalid',
      `The path ${path} of ${variable ?? 'CLOUDSDK_CONFIG'} is relative.`,
      {
        hint: 'Give it from the root.',
      },
    )
  const bytes = await readPlainFile(path, MOST_BYTES).catch((error: Error) => {
    throw new AuthError(
      'ConfigInvalid',
      `The Google credentials in ${path} cannot be read: ${error.message}.`,
    )
  })
  if (bytes) return processAdc(bytes.toString('utf8'), path)
  if (variable === undefined) return undefined
  throw new AuthError('EnvironmentMissing', `There is no file ${path}, which ${variable} names.`, {
    hint: `Unset ${variable}, or begin again where the file is.`,
  })
}
