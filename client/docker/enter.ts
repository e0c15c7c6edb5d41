/** Entering registries in Docker's config.json. */
import { AuthError } from '../../shared/errors.ts'
import { commandFor } from '../../shared/integration-command.ts'
import type { AppliedRegistry } from '../../shared/integration-replies.ts'
import type { Here } from '../here.ts'
import { editConfig } from './config-file.ts'
import { enterHelper, enterToken } from './entries.ts'
import { tellEntered } from './telling.ts'

interface Manner {
  static: boolean
  force: boolean
  /** Whether nothing is said where nothing changed. */
  quiet: boolean
}

/** Returns whether anything was said of it. Usage where another tool's entry stands in the way. */
export async function enterInDocker(
  here: Here,
  file: string,
  applied: AppliedRegistry,
  manner: Manner,
): Promise<boolean> {
  const { registries, username, secret, integration, kind } = applied
  const refused: string[] = []
  const entered: string[] = []
  let text = ''
  const changed = await editConfig(here, file, (before) => {
    text = before
    refused.length = entered.length = 0
    for (const host of registries) {
      const now = manner.static
        ? enterToken(text, host, `${username}:${secret}`, manner.force)
        : enterHelper(text, host, manner.force)
      if ('inTheWay' in now) {
        refused.push(`${host} ${now.inTheWay}`)
        continue
      }
      text = now.text
      entered.push(host)
    }
    return text
  })
  const tells = entered.length > 0 && (changed || !manner.quiet)
  if (tells) tellEntered(here, { ...applied, registries: entered }, text, manner.static)
  if (refused.length === 0) return tells
  throw new AuthError('Usage', `Not changed in ${file}: ${refused.join('; ')}.`, {
    hint: `To replace it: \`atmosctl ${commandFor('docker', kind)} ${integration} --force\`.`,
  })
}
