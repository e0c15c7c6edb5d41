/** Names, aliases and defaults that do not tell nodes apart. Names are looked up in any case. Pure. */
import type { Fault, Graph } from './node.ts'

export function nameFaults(graph: Graph): Fault[] {
  return [
    ...likeNames('providers', graph.providers),
    ...likeNames('identities', graph.identities),
    ...likeNames('integrations', graph.integrations),
    ...aliasFaults(graph),
    ...defaultFaults(graph),
  ]
}

function likeNames(section: string, nodes: ReadonlyMap<string, unknown>): Fault[] {
  return repetitions([...nodes.keys()], (name) => name).map(([name, first]) => ({
    key: true,
    path: ['auth', section, name],
    message: `"${name}" and "${first}" differ in case alone.`,
    hint: 'Names are found in any case; rename one of them.',
  }))
}

function aliasFaults({ identities }: Graph): Fault[] {
  const aliased = [...identities.values()].filter(({ alias }) => alias !== undefined)
  const twice = repetitions(aliased, ({ alias }) => alias ?? '').map(
    ([{ name, alias }, first]): Fault => ({
      path: ['auth', 'identities', name, 'alias'],
      message: `The alias "${alias}" is also the one of identity "${first.name}".`,
      hint: 'Give each identity an alias of its own.',
    }),
  )
  const names = new Map([...identities.keys()].map((name) => [name.toLowerCase(), name]))
  const taken = aliased.flatMap(({ name, alias = '' }): Fault[] => {
    const other = names.get(alias.toLowerCase())
    if (other === undefined || other.toLowerCase() === name.toLowerCase()) return []
    const message = `The alias "${alias}" of identity "${name}" is the name of another identity.`
    return [{ path: ['auth', 'identities', name, 'alias'], message, hint: 'Choose another alias.' }]
  })
  return [...twice, ...taken]
}

/** No error: a person is asked then. */
function defaultFaults({ identities }: Graph): Fault[] {
  const defaults = [...identities.values()].filter((identity) => identity.default)
  const [, second] = defaults
  if (!second) return []
  return [
    {
      severity: 'warning',
      path: ['auth', 'identities', second.name, 'default'],
      message: `${defaults.length} identities are the default: ${defaults.map(({ name }) => name).join(', ')}.`,
      hint: 'Commands that name none ask which one is meant. Keep one.',
    },
  ]
}

/** Each entry whose text was there before in any case, with the entry that had it first. */
function repetitions<T>(entries: readonly T[], text: (entry: T) => string): [T, T][] {
  const first = new Map<string, T>()
  return entries.flatMap((entry): [T, T][] => {
    const key = text(entry).toLowerCase()
    const before = first.get(key)
    if (before === undefined) first.set(key, entry)
    return before === undefined ? [] : [[entry, before]]
  })
}
