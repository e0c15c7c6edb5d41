import { AuthError } from '../../shared/errors.ts'
import type { TrustReply } from '../../shared/replies.ts'
import type { Command } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { confirm } from '../form.ts'
import { type Here, isInteractive } from '../here.ts'
import { painter } from '../style.ts'

export const trust: Command = {
  summary: 'Allow the commands that a configuration runs with !exec',
  usage: '[--yes]',
  options: { yes: { type: 'boolean', short: 'y', help: 'allow them without being asked' } },
  examples: ['', '--yes'],
  async run(here, given) {
    const daemon = daemonOf(here)
    const { files } = await daemon.trust({})
    const unknown = files.filter(({ trusted }) => !trusted)
    if (unknown.length === 0) {
      here.err(
        `${files.length === 0 ? 'The configuration runs no commands.' : 'All of its commands are allowed.'}\n`,
      )
      return 0
    }
    show(here, unknown)
    if (!given.flag('yes')) await confirmed(here)
    await daemon.trust({ allow: unknown.map(({ path, digest }) => ({ path, digest })) })
    here.err(`${painter(here.color)('green', '✓')} Allowed, until a file changes.\n`)
    return 0
  },
}

function show(here: Here, files: TrustReply['files']): void {
  const paint = painter(here.color)
  for (const { path, commands } of files) {
    here.err(`${paint('bold', path)} runs\n${commands.map((command) => `  ${command}\n`).join('')}`)
  }
}

async function confirmed(here: Here): Promise<void> {
  if (!isInteractive(here)) {
    throw new AuthError('Usage', 'Allowing commands asks for a yes, which needs a terminal.', {
      hint: 'Once you have read them: `atmosctl trust --yes`.',
    })
  }
  if (!(await confirm(here, 'Allow these commands, with your rights?')))
    throw new AuthError('LoginCancelled', 'Nothing was allowed.')
}
