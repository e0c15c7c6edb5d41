/** Real programs with Azure's SDK of each language, which answer a JSON line for each scope that they are sent. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pythonWith, skipUnless } from './tools.ts'

const PROGRAMS = join(import.meta.dirname, '..', 'clients', 'programs')
/** Where `.ci/run` puts what it compiles. */
const BUILT = process.env.ATMOSD_TEST_PROGRAMS ?? ''
const goProgram = join(BUILT, 'azure-go')
const javaProgram = join(BUILT, 'azure-java')
const python = pythonWith('azure.identity')

const compiled = (file: string, language: string) =>
  skipUnless(existsSync(file), `the program in ${language}, which .ci/run compiles,`)

export interface AzureClient {
  name: string
  /** What to tell tap. */
  skip: string | false
  /** To which the name of a credential is added. */
  command: string[]
}

export const javascript: AzureClient = {
  name: 'JavaScript',
  skip: false,
  command: [process.execPath, join(PROGRAMS, 'managed-identity.ts')],
}
export const py: AzureClient = {
  name: 'Python',
  skip: skipUnless(python !== undefined, 'azure-identity for Python'),
  command: [python ?? 'python3', join(PROGRAMS, 'managed_identity.py')],
}
export const go: AzureClient = { name: 'Go', skip: compiled(goProgram, 'Go'), command: [goProgram] }
export const java: AzureClient = {
  name: 'Java',
  skip: compiled(join(javaProgram, 'AzureToken.class'), 'Java'),
  command: ['java', '-cp', `${javaProgram}:${join(javaProgram, 'lib')}/*`, 'AzureToken'],
}
export const sdks = [javascript, py, go, java]
