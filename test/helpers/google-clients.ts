/** Real programs with Google's libraries, which answer a JSON line for each line that they are sent. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { applied, type Before } from '../../client/environment/change.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { writeFiles } from '../../client/environment/files.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { talk as talkTo } from './talk.ts'
import { onPath, skipUnless } from './tools.ts'

const PROGRAMS = join(import.meta.dirname, '..', 'clients', 'programs')
/** Where `.ci/run` puts what it compiles. */
const BUILT = process.env.ATMOSD_TEST_PROGRAMS ?? ''
const built = (...path: string[]) => join(BUILT, ...path)

const python = onPath('python3').find((file) => spawnSync(file, ['-c', 'import google.auth']).status === 0)

export interface Client {
  name: string
  /** What to tell tap. */
  skip: string | false
  command: readonly string[]
}

export const node: Client = {
  name: 'the library for JavaScript',
  skip: false,
  command: [process.execPath, join(PROGRAMS, 'google-auth.ts')],
}
export const google: Client = {
  name: 'google-auth for Python',
  skip: skipUnless(python !== undefined, 'google-auth'),
  command: [python ?? 'python3', join(PROGRAMS, 'google_auth.py')],
}
export const go: Client = {
  name: 'the library for Go',
  skip: skipUnless(existsSync(built('google-go')), 'the program in Go, which .ci/run compiles,'),
  command: [built('google-go')],
}
export const java: Client = {
  name: 'the library for Java',
  skip: skipUnless(
    existsSync(built('google-java', 'GoogleToken.class')),
    'the program in Java, which .ci/run compiles,',
  ),
  command: ['java', '-cp', `${built('google-java')}:${built('google-java', 'lib')}/*`, 'GoogleToken'],
}

/** Programs that no registry of packages has, so that CI may be without them too. */
export const gcloud = onPath('gcloud')[0]
export const terraform = onPath('terraform')[0]
export const skipWithout = (file: string | undefined, name: string) =>
  file === undefined && `${name} is not installed`

export interface Said {
  token?: string
  identity?: string
  project?: string
  kind?: string
  onGCE?: boolean
  error?: string
}

/** The environment of a tool of a grant, in a home where nobody has been, with what would win over it. */
export function environment(reply: GrantReply, home: string, program: string, more: Before = {}) {
  const before: Before = {
    PATH: process.env.PATH,
    HOME: home,
    HTTP_PROXY: 'http://127.0.0.1:1',
    http_proxy: 'http://127.0.0.1:1',
    GOOGLE_APPLICATION_CREDENTIALS: '/nonexistent.json',
    CLOUDSDK_CORE_ACCOUNT: 'somebody@else.example',
    NO_GCE_CHECK: 'true',
    ...more,
  }
  const change = environmentOf(reply, before, program)
  writeFiles(change)
  return applied(before, change)
}

/** The same for tools that are to ask the metadata server. */
export function withoutFile(env: Record<string, string>): Record<string, string> {
  const { GOOGLE_APPLICATION_CREDENTIALS, ...rest } = env
  return rest
}

/** Starts a program; `ask` sends it a line, with the audience of an identity token or with nothing. */
export function talk({ command }: Client, env: Record<string, string>) {
  const { ask, end } = talkTo(command, env)
  return { ask: async (audience = ''): Promise<Said> => ask(audience), end }
}
