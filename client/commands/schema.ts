import type { Command } from '../command.ts'
import { daemonOf } from '../daemon.ts'

export const schema: Command = {
  summary: 'Print the JSON Schema of the configuration, for editors',
  usage: '',
  options: {},
  examples: ['> atmos.schema.json'],
  async run(here) {
    here.out(`${JSON.stringify(await daemonOf(here).schema(), null, 2)}\n`)
    return 0
  },
}
