/** Every file that makes up one configuration, read: layers, their imports, profiles and includes. */
import { AuthError } from '../../shared/errors.ts'
import type { Standing } from '../../shared/requests.ts'
import { readPlainFile } from '../system/plain-file.ts'
import { discover, type Homes, ofEveryProject } from './discover.ts'
import { includeTarget } from './functions.ts'
import { type Collecting, collect, collectPlace } from './imports.ts'
import { profileFiles } from './profiles.ts'
import { partAt, type Tree } from './tree.ts'
import { type PlacedFault, parseYaml, type YamlFile } from './yaml-file.ts'

export interface Gathered {
  /** The weakest first. */
  layers: YamlFile[]
  /** The main file that counts most, profiles aside: it stands for the configuration. */
  main: string
  repository: string | undefined
  /** By absolute path; text where it is no YAML. */
  included: Map<string, YamlFile | string>
  /** Why others that are to be included could not be read, by absolute path. */
  unread: Map<string, string>
  faults: PlacedFault[]
}

/** Reads what `standing` means. ConfigNotFound, ProfileUnknown, or ConfigInvalid where a file cannot be read. */
export type Gather = (standing: Standing) => Promise<Gathered>

const KEPT = 1_024
/** Nobody's configuration is as large as this. */
const MOST_BYTES = 4 * 1_048_576

/** Files are parsed once for the same text. */
export function gatherFrom(homes: Homes): Gather {
  const parsed = new Map<string, YamlFile>()

  function parse(path: string, text: string): YamlFile {
    const known = parsed.get(path)
    if (known?.text === text) return known
    const file = parseYaml(path, text)
    if (parsed.size >= KEPT) parsed.clear()
    parsed.set(path, file)
    return file
  }

  async function read(path: string): Promise<YamlFile> {
    return parse(path, (await textAt(path).catch((cause) => unreadable(path, cause))) ?? '')
  }

  return async (standing) => {
    const { found, repository } = await discover(standing, homes)
    const collecting: Collecting = { read, files: new Map(), faults: [] }
    for (const place of found)
      await collectPlace(place, ofEveryProject(place, homes) ? undefined : repository, collecting)
    const base = [...collecting.files.values()]
    const directories = found.map(({ directory }) => directory)
    for (const path of await profileFiles(standing, homes, base, directories)) await collect(path, collecting)
    const layers = [...collecting.files.values()]
    const { included, unread } = await includedBy(layers, parse)
    return {
      layers,
      main: found.at(-1)?.main ?? base.at(-1)?.path ?? directories.at(-1) ?? '',
      repository,
      included,
      unread,
      faults: [...yamlOf({ layers, included }).flatMap(({ faults }) => faults), ...collecting.faults],
    }
  }
}

/** All files that are YAML, each once: one may be a layer and included, too. */
export function yamlOf({ layers, included }: Pick<Gathered, 'layers' | 'included'>): YamlFile[] {
  const files = [...layers, ...included.values()].filter((file) => typeof file !== 'string')
  return [...new Map(files.map((file) => [file.path, file])).values()]
}

/** Reads the files that `!include` and `!include.raw` name under `auth:`, and those that these include. */
async function includedBy(layers: readonly YamlFile[], parse: (path: string, text: string) => YamlFile) {
  const included: Gathered['included'] = new Map()
  const unread: Gathered['unread'] = new Map()
  const waiting = layers.flatMap(({ root }) => callsIn(partAt(root, ['auth'])))
  for (let call = waiting.pop(); call; call = waiting.pop()) {
    if (!call.tag.startsWith('!include')) continue
    const { path } = includeTarget(call)
    if (included.has(path) || unread.has(path)) continue
    try {
      const text = await textAt(path)
      if (text === undefined) throw new Error('it is not there')
      const file = /\.(?:ya?ml|json)$/.test(path) ? parse(path, text) : text
      included.set(path, file)
      if (typeof file !== 'string') waiting.push(...callsIn(file.root))
    } catch (error) {
      unread.set(path, (error as Error).message)
    }
  }
  return { included, unread }
}

async function textAt(path: string): Promise<string | undefined> {
  return (await readPlainFile(path, MOST_BYTES))?.toString('utf8')
}

/** Every call below a tree. */
export function callsIn(tree: Tree | undefined): Extract<Tree, { type: 'call' }>[] {
  if (tree?.type === 'call') return [tree]
  if (tree?.type === 'list') return tree.items.flatMap(callsIn)
  return tree?.type === 'map' ? [...tree.entries.values()].flatMap(({ value }) => callsIn(value)) : []
}

function unreadable(path: string, cause: Error): never {
  throw new AuthError('ConfigInvalid', `${path} cannot be read: ${cause.message}.`, {
    hint: 'It has to be a file that you may read.',
    cause,
  })
}
