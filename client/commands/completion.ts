import { AuthError } from '../../shared/errors.ts'
import type { Command } from '../command.ts'

const scripts: Readonly<Record<string, () => Promise<string>>> = {
  bash: async () => (await import('../completion/bash.ts')).bashScript,
  zsh: async () => (await import('../completion/zsh.ts')).zshScript,
  fish: async () => (await import('../completion/fish.ts')).fishScript,
}
const shells = Object.keys(scripts)

export const completion: Command = {
  summary: 'Print what teaches a shell to complete command lines',
  usage: shells.join('|'),
  options: {},
  words: shells,
  examples: [
    'bash > ~/.local/share/bash-completion/completions/atmosctl',
    'zsh > "$' + '{fpath[1]}/_atmosctl"',
    'fish > ~/.config/fish/completions/atmosctl.fish',
  ],
  async run(here, { words: [shell = '', ...more] }) {
    const script = more.length === 0 && Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
    if (!script) {
      throw new AuthError('Usage', `completion needs one of ${shells.join(', ')}.`, {
        hint: 'For this shell alone: `source <(atmosctl completion bash)`.',
      })
    }
    here.out(await script())
    return 0
  },
}
