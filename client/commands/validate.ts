import { type Command, chosenFormat, formatOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { explanation } from '../render/explanation.ts'
import { problemList } from '../render/problems.ts'
import { countsOf, verdict, verdictJson } from '../render/verdict.ts'
import { painter } from '../style.ts'

const formats = ['text', 'json'] as const

export const validate: Command = {
  summary: 'Check the configuration, without the network',
  usage: '[--verbose] [--format text|json]',
  options: {
    verbose: { type: 'boolean', short: 'v', help: 'show files, chains and integrations too' },
    ...formatOption(formats),
  },
  examples: ['--verbose', '--format json'],
  async run(here, given) {
    const format = chosenFormat(given, formats)
    const reply = await daemonOf(here).workspace()
    const exit = countsOf(reply).errors > 0 ? 1 : 0
    if (format === 'json') {
      here.out(verdictJson(reply))
      return exit
    }
    const shown = {
      paint: painter(here.color),
      now: here.now(),
      ...(here.terminal.out ? { columns: here.terminal.columns } : {}),
    }
    // With --chdir a terminal would not find what is relative to that directory.
    const from = given.text('chdir') === undefined ? here.cwd : undefined
    const { problems } = reply
    if (given.flag('verbose'))
      here.out(`${explanation(reply, shown, from)}${problems.length > 0 ? '\n' : ''}`)
    if (problems.length > 0) here.out(problemList(problems, { ...shown, from }))
    here.err(verdict(reply, shown.paint, from))
    return exit
  },
}
