/** What a person is told of the entries for Docker. */
import { formatDuration, formatInstant } from '../../shared/duration.ts'
import type { AppliedRegistry } from '../../shared/integration-replies.ts'
import type { Here } from '../here.ts'
import { find, shipped } from '../program.ts'
import { painter } from '../style.ts'
import { askedInstead, HELPER } from './entries.ts'

/** What was entered; of a token itself, until when it is good and who may not look at it. */
export function tellEntered(here: Here, applied: AppliedRegistry, text: string, asToken: boolean): void {
  const { integration, registries, expiresAt } = applied
  const what = asToken ? 'Docker has a token for' : 'Docker asks atmosd for tokens for'
  const hosts = registries.map((host) => `  ${host}\n`).join('')
  here.err(`${painter(here.color)('green', '✓')} ${integration}: ${what}\n${hosts}`)
  if (!asToken) return
  const until = `${formatInstant(expiresAt)} (${formatDuration(expiresAt - here.now())})`
  warn(here, `The token in config.json is good until ${until}.`, 'Nothing renews it there.')
  const instead = registries.map((host) => askedInstead(text, host)).find((helper) => helper !== undefined)
  if (instead) warn(here, `Docker itself asks ${instead}, not that entry.`, 'Other tools may read it.')
}

/** Docker runs its helpers by name alone. */
export function warnOfPath(here: Here): void {
  if (typeof find(`docker-credential-${HELPER}`, here.env.PATH ?? '') === 'string') return
  warn(
    here,
    'docker-credential-atmos is not on the PATH, where Docker looks for it.',
    `Link to it under that name, from a directory of the PATH:\n  ${shipped(here, 'docker-credential-atmos')}`,
  )
}

export function warn({ err }: Here, message: string, hint: string | undefined): void {
  err(`atmosctl: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
}
