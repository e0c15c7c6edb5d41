import type { Command } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { problemList } from '../render/problems.ts'
import { painter } from '../style.ts'

export const validate: Command = {
  summary: 'Check the configuration, without the network',
  usage: '',
  options: {},
  async run(here) {
    const { file, problems, providers, identities } = await daemonOf(here).workspace()
    const paint = painter(here.color)
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (problems.length > 0) here.out(problemList(problems, paint))
    if (errors.length > 0) {
      here.err(
        `${paint('red', '✗')} ${errors.length === 1 ? 'one problem' : `${errors.length} problems`} in ${file}\n`,
      )
      return 1
    }
    here.err(
      `${paint('green', '✓')} ${file} is valid (providers: ${providers.length}, identities: ${identities.length})\n`,
    )
    return 0
  },
}
