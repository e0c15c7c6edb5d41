/** Entering registries in Docker's config.json. */
import { AuthError } from '../../shared/errors.ts'
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
  const { registries, username, secret, integration } = applied
  const refused: string[] = []
  let text = ''
  const changed = await editConfig(here, file, (before) => {
    text = before
    refused.length = 0
    for (const host of registries) {
      const entered = manner.static
        ? enterToken(text, host, `${username}:${secret}`, manner.force)
        : enterHelper(text, host, manner.force)
      if ('text' in entered) text = entered.text
      else refused.push(`${host} ${entered.inTheWay}`)
    }
    return text
  })
  const tells = refused.length < registries.length && (changed || !manner.quiet)
  if (tells) tellEntered(here, applied, text, manner.static)
  if (refused.length === 0) return tells
  throw new AuthError('Usage', `Not changed in ${file}: ${refused.join('; ')}.`, {
    hint: `To replace it: \`atmosctl ecr-login ${integration} --force\`.`,
  })
}
