import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { asAuthError } from '../../shared/errors.ts'
import { pathsFor } from '../../shared/paths.ts'
import { VERSION } from '../../shared/version.ts'
import { type Command, chosenFormat, formatOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import { type Finding, shellFindings } from '../doctor/findings.ts'
import type { Here } from '../here.ts'
import { findingsText } from '../render/findings.ts'
import { painter } from '../style.ts'

const formats = ['text', 'json'] as const
/** More than any file of settings has. */
const MOST_BYTES = 1_048_576

export const doctor: Command = {
  summary: 'Say which credentials the tools of this shell would use, and why',
  usage: '[--format text|json]',
  options: formatOption(formats),
  examples: ['', '--format json'],
  /** Starts no daemon, changes nothing, and asks no cloud. */
  async run(here, given) {
    const format = chosenFormat(given, formats)
    const findings = [
      await daemonFinding(here),
      ...shellFindings(here.env, pathsFor(here).directories, (path) => read(here, path)),
    ]
    here.out(
      format === 'json'
        ? `${JSON.stringify(findings, null, 2)}\n`
        : findingsText(findings, painter(here.color)),
    )
    return findings.some(({ level }) => level === 'problem') ? 1 : 0
  },
}

async function daemonFinding(here: Here): Promise<Finding> {
  const about = 'Daemon'
  try {
    const { version, pid, listen } = await daemonOf(here, { start: false }).status()
    const message = `Version ${version}, process ${pid}, answers tools on ${listen}.`
    if (version === VERSION) return { level: 'ok', about, message }
    const remedy = 'atmosctl daemon restart'
    return { level: 'problem', about, message: `${message} atmosctl is ${VERSION}.`, remedy }
  } catch (error) {
    const { code, message, hint } = asAuthError(error)
    if (code === 'DaemonUnreachable')
      return { level: 'note', about, message: 'It does not run; the next command that needs it starts it.' }
    return { level: 'problem', about, message, ...(hint === undefined ? {} : { remedy: hint }) }
  }
}

function read({ home }: Here, path: string): string | undefined {
  const file = join(home, path)
  try {
    const { size } = statSync(file)
    return size > MOST_BYTES ? undefined : readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
