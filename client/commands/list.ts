import type { WorkspaceReply } from '../../shared/replies.ts'
import { type Command, chosenFormat, formatOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { graphviz } from '../render/graphviz.ts'
import { listingTable } from '../render/listing.ts'
import { markdown } from '../render/markdown.ts'
import { mermaid } from '../render/mermaid.ts'
import { placeOf } from '../render/place.ts'
import { firstProblems } from '../render/problems.ts'
import { listingRecord } from '../render/record.ts'
import { type Selection, select } from '../render/selection.ts'
import type { Shown } from '../render/shown.ts'
import { listingTree } from '../render/tree.ts'
import { painter } from '../style.ts'
import { selectingOptions, wantedOf } from '../wanted.ts'

const formats = ['table', 'tree', 'json', 'yaml', 'graphviz', 'mermaid', 'markdown'] as const
type Format = (typeof formats)[number]

/** Names that Atmos knows for them too. */
const otherNames: ReadonlyMap<string | undefined, Format> = new Map([
  ['dot', 'graphviz'],
  ['md', 'markdown'],
])

const renderers: Readonly<Record<Format, (selection: Selection, shown: Shown) => string | Promise<string>>> =
  {
    table: listingTable,
    tree: listingTree,
    json: (selection) => `${JSON.stringify(listingRecord(selection), null, 2)}\n`,
    // Loaded here alone, since it is large.
    yaml: async (selection) => (await import('yaml')).stringify(listingRecord(selection), { lineWidth: 0 }),
    graphviz: (selection, { now }) => graphviz(selection, now),
    mermaid: (selection, { now }) => mermaid(selection, now),
    markdown: (selection, { now }) => markdown(selection, now),
  }

export const list: Command = {
  summary: 'List providers and identities',
  usage: '[-f FORMAT] [--providers|--identities[=A,B]] [--tags A,B]',
  options: {
    ...formatOption(formats),
    ...selectingOptions,
  },
  examples: ['--format tree', '--identities=dev,prod', '--tags production', '--format mermaid'],
  async run(here, given) {
    const format = otherNames.get(given.text('format')) ?? chosenFormat(given, formats)
    const wanted = wantedOf(here, given)
    const reply = await daemonOf(here).workspace()
    const selection = select(reply, wanted)
    const shown = {
      paint: painter(here.color),
      now: here.now(),
      ...(here.terminal.out ? { columns: here.terminal.columns } : {}),
    }
    here.out(await renderers[format](selection, shown))
    const errors = reply.problems.filter(({ severity }) => severity === 'error')
    const from = given.text('chdir') === undefined ? here.cwd : undefined
    if (errors.length > 0) here.err(`\n${firstProblems(errors, { paint: shown.paint, from })}`)
    else if (isEmpty(selection)) here.err(emptiness(reply, from))
    return errors.length > 0 ? 3 : 0
  },
}

function isEmpty({ providers = [], identities = [], integrations = [] }: Selection): boolean {
  return providers.length + identities.length + integrations.length === 0
}

function emptiness({ file, providers, identities }: WorkspaceReply, from: string | undefined): string {
  if (providers.length + identities.length > 0) return 'There is nothing of the kind that was asked for.\n'
  const hint = 'Add them below `auth:`, or name a profile that has them: --profile NAME.'
  return `There is no provider and no identity in ${placeOf(file, from)}.\n  ${hint}\n`
}
