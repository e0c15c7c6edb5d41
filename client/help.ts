import type { Command } from './command.ts'
import { columns } from './render/table.ts'

export function overview(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [`  ${name}`, summary])
  return `Usage: atmosctl [--chdir DIR] COMMAND [OPTION …]

${columns(rows)}
\`atmosctl COMMAND --help\` tells more; \`atmosctl auth COMMAND\` is the same.
`
}

export function commandHelp(name: string, { summary, usage, options }: Command): string {
  const rows = Object.entries(options).map(([key, { short, value, help }]) => [
    `  ${short ? `-${short}, ` : '    '}--${key}${value ? ` ${value}` : ''}`,
    help,
  ])
  const listed = rows.length > 0 ? `\n${columns(rows)}` : ''
  return `${summary}.\n\nUsage: atmosctl ${name} ${usage}`.trimEnd().concat('\n', listed)
}
