import { type Command, chosenFormat, formatOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { listingTable, listingTree } from '../render/listing.ts'
import { problemList } from '../render/problems.ts'
import { painter } from '../style.ts'

const formats = ['table', 'tree', 'json'] as const

export const list: Command = {
  summary: 'List providers and identities',
  usage: '[--format table|tree|json]',
  options: formatOption(formats),
  async run(here, given) {
    const format = chosenFormat(given, formats)
    const reply = await daemonOf(here).workspace()
    const { problems, ...listed } = reply
    const shown = {
      paint: painter(here.color),
      now: here.now(),
      ...(here.terminal.out ? { columns: here.terminal.columns } : {}),
    }
    if (format === 'json') here.out(`${JSON.stringify(listed, null, 2)}\n`)
    else here.out(format === 'tree' ? listingTree(reply, shown) : listingTable(reply, shown))
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) here.err(`\n${problemList(errors, shown.paint)}`)
    return errors.length > 0 ? 3 : 0
  },
}
