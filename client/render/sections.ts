/** A selection as sections of rows: what a table and a document show alike. */
import { printable } from '../../shared/printable.ts'
import type { ListedIdentity, ListedIntegration, ListedProvider } from '../../shared/replies.ts'
import { type Held, type Life, leftOf, lifeOf } from './life.ts'
import { viaName } from './lineage.ts'
import type { Selection } from './selection.ts'

export interface Row {
  /** Absent where nothing is ever held. */
  life?: Life
  cells: string[]
}

export interface Section {
  title: string
  headings: string[]
  rows: Row[]
}

interface Column<T> {
  heading: string
  /** Whether it is shown even when no row has a value. */
  always?: true
  cell(node: T, now: number): string | undefined
}

const name = { heading: 'Name', always: true, cell: (node: { name: string }) => node.name } as const
const kind = { heading: 'Kind', always: true, cell: (node: { kind: string }) => node.kind } as const
const isDefault = {
  heading: 'Default',
  cell: (node: { default?: boolean }) => (node.default ? '✓' : undefined),
}
const expires = { heading: 'Expires', always: true, cell: leftOf } as const
const tags = { heading: 'Tags', cell: (node: { tags?: string[] }) => node.tags?.join(', ') }
const via = { heading: 'Via', cell: viaName }

const providerColumns: Column<ListedProvider>[] = [
  name,
  kind,
  { heading: 'Region', cell: ({ region }) => region },
  isDefault,
  expires,
  tags,
  { heading: 'Start URL', cell: ({ startUrl }) => startUrl },
]
const identityColumns: Column<ListedIdentity>[] = [
  name,
  kind,
  via,
  isDefault,
  { heading: 'Alias', cell: ({ alias }) => alias },
  expires,
  tags,
]
const integrationColumns: Column<ListedIntegration>[] = [name, kind, via]

/** Sections that have rows, with the columns that have values. */
export function sectionsOf(selection: Selection, now: number): Section[] {
  const { providers = [], identities = [], integrations = [] } = selection
  return [
    section('Providers', providerColumns, providers, now),
    section('Identities', identityColumns, identities, now),
    section('Integrations', integrationColumns, integrations, now),
  ].filter(({ rows }) => rows.length > 0)
}

function section<T extends object>(
  title: string,
  columns: readonly Column<T>[],
  nodes: readonly T[],
  now: number,
): Section {
  const used = columns.filter(({ always, cell }) => always || nodes.some((node) => cell(node, now)))
  const cells = (node: T) =>
    used.map(({ cell }) => printable(cell(node, now) ?? '', Number.POSITIVE_INFINITY) || '-')
  return {
    title,
    headings: used.map(({ heading }) => heading),
    rows: nodes.map((node) => ({
      ...('state' in node ? { life: lifeOf(node as Held, now) } : {}),
      cells: cells(node),
    })),
  }
}
