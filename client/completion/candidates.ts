/** The names that a value can be completed to, from a daemon that runs already and from the file system. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { WorkspaceReply } from '../../shared/replies.ts'
import type { Here } from '../here.ts'
import type { Completes, NameSource } from '../option.ts'
import { workspaceNow } from './workspace.ts'

/** A name and what to say beside it. */
export type Candidate = readonly [name: string, meaning: string]

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
  const reply = await workspaceNow(here)
  return reply ? named[completes](reply) : []
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
