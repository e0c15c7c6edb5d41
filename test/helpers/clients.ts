/** Real programs with the SDK of each language, to be talked to. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { python, skipUnless } from './tools.ts'

const PROGRAMS = join(import.meta.dirname, '..', 'clients', 'programs')
/** Where `.ci/run` puts what it compiles. */
const built = process.env.ATMOSD_TEST_PROGRAMS ?? ''
const at = (...path: string[]) => join(built, ...path)

export interface Client {
  name: string
  /** What to tell tap. */
  skip: string | false
  command: string[]
}

const compiled = (name: string, file: string, command: string[]): Client => ({
  name,
  skip: skipUnless(built !== '' && existsSync(file), `${name}, which .ci/run compiles,`),
  command,
})

/** Those whose clock a test can put forward. */
export const turnable: Client[] = [
  { name: 'JavaScript', skip: false, command: [process.execPath, join(PROGRAMS, 'sdk.ts')] },
  {
    name: 'boto3',
    skip: skipUnless(python !== undefined, 'boto3'),
    command: [python ?? 'python3', join(PROGRAMS, 'boto.py')],
  },
]

export const go = compiled('Go', at('go'), [at('go')])
export const rust = compiled('Rust', at('rust'), [at('rust')])
export const java = compiled('Java', at('java', 'Credentials.class'), [
  'java',
  '-cp',
  `${at('java')}:${at('java', 'lib')}/*`,
  'Credentials',
])
/** client-go, which kubectl, helm and k9s are made of. */
export const cluster = compiled('client-go', at('cluster'), [at('cluster')])

export const clients: Client[] = [...turnable, go, rust, java]
