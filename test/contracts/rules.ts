/** The rules of the house as data and one pure function: who may import whom, and what may be named where. */
import { dirname, join } from 'node:path'

/** A file's path from the root, and its text. */
export type Source = readonly [path: string, text: string]

interface Room {
  rooms: readonly string[]
  packages?: readonly string[]
}

const oneKind: Room = {
  rooms: [
    'daemon/kinds/contract.ts',
    'daemon/kinds/fields.ts',
    'daemon/kinds/fields/',
    'daemon/upstream/',
    'daemon/system/',
    'shared/',
  ],
  packages: ['zod'],
}

/**
 * Rooms, each with what it may import beside itself and packages of its own. A room is the longest prefix of a path.
 * Nothing is allowed that is not here.
 */
const rooms: Readonly<Record<string, Room>> = {
  'shared/': { rooms: [], packages: ['zod'] },
  'daemon/system/': { rooms: ['shared/'], packages: ['pino'] },
  'daemon/upstream/': {
    rooms: ['daemon/system/', 'shared/'],
    packages: ['@aws-sdk/', '@azure/identity', 'google-auth-library', 'playwright-core', 'yaml'],
  },
  'daemon/kinds/provisions.ts': { rooms: ['shared/'] },
  'daemon/kinds/contract.ts': {
    rooms: [
      'daemon/kinds/application.ts',
      'daemon/kinds/context.ts',
      'daemon/kinds/prompt.ts',
      'daemon/kinds/provisions.ts',
      'daemon/system/',
      'shared/',
    ],
    packages: ['zod'],
  },
  'daemon/kinds/context.ts': {
    rooms: ['daemon/kinds/prompt.ts', 'daemon/kinds/provisions.ts', 'daemon/system/', 'shared/'],
  },
  'daemon/kinds/application.ts': { rooms: [] },
  'daemon/kinds/prompt.ts': { rooms: [] },
  'daemon/kinds/foreign.ts': { rooms: ['daemon/kinds/contract.ts', 'shared/'], packages: ['zod'] },
  'daemon/kinds/catalog.ts': { rooms: ['daemon/kinds/'] },
  'daemon/kinds/fields.ts': { rooms: ['shared/'], packages: ['zod'] },
  'daemon/kinds/fields/': { rooms: ['daemon/kinds/fields.ts', 'shared/'], packages: ['zod'] },
  'daemon/kinds/providers/': oneKind,
  'daemon/kinds/identities/': oneKind,
  'daemon/kinds/integrations/': oneKind,
  'daemon/graph/': { rooms: ['daemon/kinds/application.ts', 'daemon/kinds/contract.ts', 'shared/'] },
  'daemon/config/': {
    rooms: [
      'daemon/kinds/contract.ts',
      'daemon/kinds/catalog.ts',
      'daemon/kinds/fields.ts',
      'daemon/kinds/foreign.ts',
      'daemon/graph/',
      'daemon/provisioning/',
      'daemon/system/',
      'shared/',
    ],
    packages: ['zod', 'yaml'],
  },
  'daemon/sessions/': { rooms: ['daemon/system/', 'shared/'], packages: ['zod'] },
  'daemon/broker/': {
    rooms: ['daemon/kinds/contract.ts', 'daemon/graph/', 'daemon/sessions/', 'daemon/system/', 'shared/'],
  },
  'daemon/provisioning/': {
    rooms: [
      'daemon/kinds/contract.ts',
      'daemon/graph/',
      'daemon/sessions/',
      'daemon/broker/',
      'daemon/system/',
      'shared/',
    ],
    packages: ['node-cron'],
  },
  'daemon/grants/': {
    rooms: ['daemon/graph/', 'daemon/sessions/', 'daemon/system/', 'shared/'],
    packages: ['zod', 'node-cron'],
  },
  'daemon/operations/': {
    rooms: [
      'daemon/config/',
      'daemon/broker/',
      'daemon/grants/',
      'daemon/graph/',
      'daemon/provisioning/',
      'daemon/sessions/',
      'daemon/upstream/',
      'daemon/system/',
      'shared/',
    ],
    packages: ['zod'],
  },
  'daemon/endpoints/': {
    rooms: ['daemon/operations/', 'daemon/grants/', 'daemon/sessions/', 'daemon/system/', 'shared/'],
    packages: ['fastify', 'zod'],
  },
  'daemon/bin/': { rooms: ['daemon/config/json-schema.ts'] },
  'daemon/house.ts': { rooms: ['daemon/', 'shared/'] },
  'daemon/app.ts': { rooms: ['daemon/', 'shared/'], packages: ['fastify'] },
  'daemon/main.ts': {
    rooms: ['daemon/app.ts', 'daemon/sessions/keyrings.ts', 'daemon/system/', 'shared/'],
    packages: ['pino'],
  },
  'client/render/': {
    rooms: ['client/style.ts', 'client/environment/', 'client/doctor/', 'client/signin.ts', 'shared/'],
  },
  'client/': { rooms: ['client/render/', 'shared/'], packages: ['@clack/prompts', 'open', 'yaml'] },
}

interface Purity {
  what: string
  pattern: RegExp
  /** Where it is at home; anywhere else it is a violation. */
  homes: readonly string[]
  /** Which part of the tree the rule is about. */
  in: string
}

const purities: readonly Purity[] = [
  {
    what: 'the clock',
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bhrtime\b/,
    homes: ['daemon/system/', 'client/main.ts'],
    in: '',
  },
  {
    what: 'a timer',
    pattern: /\bset(?:Timeout|Interval|Immediate)\(|AbortSignal\.timeout|timers\/promises/,
    homes: ['daemon/system/', 'client/main.ts'],
    in: '',
  },
  {
    what: 'chance',
    pattern: /\bMath\.random\b|\brandom(?:Bytes|UUID|Int|FillSync)\b/,
    homes: ['daemon/system/', 'client/main.ts'],
    in: '',
  },
  {
    what: 'process',
    pattern: /(?<![\w.'"`/])process\.(?!\s)|\bnode:process\b/,
    homes: ['daemon/main.ts', 'daemon/system/program.ts', 'client/main.ts'],
    in: '',
  },
  {
    what: 'the network',
    pattern: /\bfetch\(|@aws-sdk\/|google-auth-library|@azure\/identity|playwright-core/,
    homes: ['daemon/upstream/'],
    in: 'daemon/',
  },
]

const zodInClient = /^import (?!type\b).*['"](?:zod|\.\.?\/.*requests\.ts)['"]/m

/** Every violation in the sources, one sentence each. */
export function violations(sources: readonly Source[]): string[] {
  return sources.flatMap(([path, text]) => [
    ...imports(text).flatMap((specifier) => wrongImport(path, specifier)),
    ...impurities(path, text),
    ...(path.startsWith('client/') && zodInClient.test(text)
      ? [`${path} loads zod, of which the client may know types alone`]
      : []),
  ])
}

/** Every circle of files that import each other, as its path. */
export function circles(sources: readonly Source[]): string[] {
  const targets = new Map(
    sources.map(([path, text]) => [
      path,
      imports(text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => join(dirname(path), specifier)),
    ]),
  )
  const found = new Set<string>()
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]) => {
    const again = trail.indexOf(path)
    if (again >= 0) found.add([...trail.slice(again), path].join(' → '))
    if (again >= 0 || done.has(path)) return
    for (const target of targets.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) walk(path, [])
  return [...found]
}

function imports(text: string): string[] {
  const pattern =
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function wrongImport(path: string, specifier: string): string[] {
  const room = roomOf(path)
  if (!room) return [`${path} is in no room of the house`]
  if (specifier.startsWith('node:')) return []
  const rule = rooms[room]
  if (!specifier.startsWith('.')) {
    const known = rule?.packages?.some(
      (name) => specifier === name || (name.endsWith('/') && specifier.startsWith(name)),
    )
    return known ? [] : [`${path} may not import the package ${specifier}`]
  }
  const target = join(dirname(path), specifier)
  const own =
    target.startsWith(room) &&
    room.endsWith('/') &&
    !/^daemon\/kinds\/(?:providers|identities|integrations)\//.test(room)
  return own || rule?.rooms.some((allowed) => target.startsWith(allowed))
    ? []
    : [`${path} may not import ${target}`]
}

function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path.startsWith(room))
    .sort((a, b) => b.length - a.length)[0]
}

function impurities(path: string, text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
  return purities
    .filter(
      ({ pattern, homes, in: part }) =>
        path.startsWith(part) && !homes.some((home) => path.startsWith(home)) && pattern.test(code),
    )
    .map(({ what, pattern }) => `${path} touches ${what}: ${pattern.exec(code)?.[0]}`)
}
