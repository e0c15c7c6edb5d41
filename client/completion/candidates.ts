/** The names that a value can be completed to, from a daemon that runs already and from the file system. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { WorkspaceReply } from '../../shared/replies.ts'
import { daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import type { Completes, NameSource } from '../option.ts'

/** A name and what to say beside it. */
export type Candidate = readonly [name: string, meaning: string]

/** A person who has pressed a key waits no longer for names. */
const PATIENCE_MS = 300

type Named = Exclude<NameSource, 'file' | 'directory' | 'profile'>

const named: Record<Named, (reply: WorkspaceReply) => Candidate[]> = {
  identity: ({ identities }) =>
    identities.map(({ name, kind, via, ...more }) => {
      const origin = via && ('provider' in via ? via.provider : via.identity)
      return [name, `${more.default ? 'default, ' : ''}${kind}${origin ? ` via ${origin}` : ''}`]
    }),
  provider: ({ providers }) => providers.map(({ name, kind }) => [name, kind]),
  integration: ({ integrations = [] }) => integrations.map(({ name, kind }) => [name, kind]),
  tag: ({ identities }) => [...new Set(identities.flatMap(({ tags = [] }) => tags))].map((tag) => [tag, '']),
}

/** Never starts a daemon, asks nobody, fails at nothing: what cannot be known at once is left out. */
export async function candidatesOf(here: Here, completes: Completes): Promise<Candidate[]> {
  if (typeof completes !== 'string') return completes.map((name) => [name, ''])
  if (completes === 'file' || completes === 'directory') return [] // the shell knows those better
  if (completes === 'profile') return profiles(here)
  const quiet: Here = { ...here, interactive: false, err: () => {} }
  const reply = await inTime(here, daemonOf(quiet, { start: false }).workspace())
  return reply ? named[completes](reply) : []
}

function inTime<T>(here: Here, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const end = here.every(PATIENCE_MS, () => settle(undefined))
    const settle = (value: T | undefined) => {
      end()
      resolve(value)
    }
    work.then(settle, () => settle(undefined))
  })
}

/** Folders where the configuration looks for profiles unless it says otherwise (`profiles.base_path`). */
function profiles({ cwd, home, env, globals }: Here): Candidate[] {
  const above: string[] = []
  for (let directory = cwd; !above.includes(directory); directory = dirname(directory)) above.push(directory)
  const settings = env.ATMOS_XDG_CONFIG_HOME || env.XDG_CONFIG_HOME || join(home, '.config')
  const roots = [...globals.configPath, ...globals.config.map((file) => dirname(file)), ...above]
  const folders = [
    ...roots.flatMap((root) => [join(root, '.atmos', 'profiles'), join(root, 'profiles')]),
    join(settings, 'atmos', 'profiles'),
  ]
  return [...new Set(folders.flatMap(foldersIn))].map((name) => [name, ''])
}

function foldersIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return [] // it is not there
  }
}
