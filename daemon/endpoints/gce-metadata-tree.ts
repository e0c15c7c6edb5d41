/** What the metadata of a grant consists of, as directories and values below `/`. */
import { hash } from 'node:crypto'
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { Grant } from '../grants/grant.ts'
import { CLOUD_PLATFORM } from './google-scopes.ts'

/** A text, a number that JSON has no quotes around, or one text a line. */
export type Value = string | bigint | readonly string[]
/** There for who asks for it by its path, and in no recursion: a token is made for who asks. */
export const ASKED = Symbol('asked')
/** Gives its children, or at least the one of that name: what nobody wants to know is not waited for. */
export type Directory = (name?: string) => Promise<Entries>
export interface Entries {
  readonly [name: string]: Directory | Value | typeof ASKED | undefined
}

export interface View {
  grant: Pick<Grant, 'id' | 'identity'>
  facts(): Promise<CloudFacts>
  /** The account's mail address. */
  email(): Promise<string>
}

export function metadataTree({ grant, facts, email }: View): Directory {
  const account: Directory = async (name = 'email') => ({
    aliases: ['default'],
    email: name === 'email' ? await email() : undefined,
    identity: ASKED,
    scopes: [CLOUD_PLATFORM],
    token: ASKED,
  })
  const accounts: Directory = async (name) =>
    name === 'default' ? { default: account } : { default: account, [await email()]: account }
  return entries({
    computeMetadata: entries({
      v1: entries({
        instance: async () => ({
          id: BigInt(digitsOf(grant.id)),
          'service-accounts': accounts,
          zone: zoneOf(grant, await facts()),
        }),
        project: async () => {
          const known = await facts()
          return { 'numeric-project-id': BigInt(projectNumber(grant, known)), 'project-id': known.project }
        },
        universe: entries({ 'universe-domain': 'googleapis.com' }),
      }),
    }),
  })
}

function entries(of: Entries): Directory {
  return async () => of
}

/** Where there is none there is no guessing one: not every region has an `-a`. */
function zoneOf(grant: View['grant'], known: CloudFacts): string | undefined {
  return known.zone && `projects/${projectNumber(grant, known)}/zones/${known.zone}`
}

/**
 * gcloud takes a machine for one of Google's if this is digits and nothing else. Where the configuration has no more than
 * the project's id, a number of 18 digits stands for it: always the same, and no project's own, which have 13 at most.
 */
function projectNumber({ identity }: View['grant'], { projectNumber: own, project }: CloudFacts): string {
  return own ?? digitsOf(project ?? identity)
}

/** Eighteen digits that stand for a text, so that they fit into 64 bits with a sign. */
function digitsOf(text: string): string {
  const least = 10n ** 17n
  return String(least + (BigInt(`0x${hash('sha256', text).slice(0, 16)}`) % (9n * least)))
}

/** What stands at a path of names; undefined where there is nothing. */
export async function entryAt(root: Directory, path: readonly string[]): Promise<Entries[string]> {
  const [name, ...rest] = path
  if (name === undefined) return root
  const children = await root(name)
  const entry = Object.hasOwn(children, name) ? children[name] : undefined
  if (rest.length === 0) return entry
  return typeof entry === 'function' ? entryAt(entry, rest) : undefined
}
