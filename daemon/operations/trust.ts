/** The commands that a configuration wants to run, and allowing them. */
import type * as z from 'zod'
import type { TrustReply } from '../../shared/replies.ts'
import type { TrustRequest } from '../../shared/requests.ts'
import { callsIn, yamlOf } from '../config/gather.ts'
import { digestOf } from '../config/trust.ts'
import type { YamlFile } from '../config/yaml-file.ts'
import type { House } from './house.ts'

/** What there is to allow; `allow` names what the person has read, and counts for those bytes alone. */
export async function trustCommands(
  { workspaces, trust }: House,
  { workspace, allow }: z.output<typeof TrustRequest>,
): Promise<TrustReply> {
  const yaml = yamlOf(await workspaces.gather(workspace))
  const wanting = yaml.filter((file) => commandsOf(file).length > 0)
  const read = wanting.map(({ path, text }) => ({ path, digest: digestOf(text) }))
  const allowed = read.filter(({ path, digest }) =>
    allow.some((entry) => entry.path === path && entry.digest === digest),
  )
  if (allowed.length > 0) await trust.add(allowed)
  return {
    files: wanting.map((file) => ({
      path: file.path,
      digest: digestOf(file.text),
      trusted: trust.trusts(file.path, file.text),
      commands: commandsOf(file),
    })),
  }
}

function commandsOf({ root }: YamlFile): string[] {
  const calls = callsIn(root).filter(({ tag }) => tag === '!exec')
  return calls.map(({ argument }) => argument.trim())
}
