import type { Fault } from '../graph/node.ts'
import type { AnyKind } from '../kinds/contract.ts'
import { isForeign } from '../kinds/foreign.ts'
import { keysAt } from './issues.ts'
import { inside, type Raw } from './raw.ts'

/** Warnings of what is accepted, because Atmos accepts it, and changes nothing here. */
export function withoutEffect(raw: Raw, kind: AnyKind, path: readonly string[]): Fault[] {
  return [...foreignKind(raw, kind, path), ...unheardDuration(raw, kind, path), ...noFiles(raw, path)]
}

function foreignKind(raw: Raw, kind: AnyKind, path: readonly string[]): Fault[] {
  if (!isForeign(kind.role, raw.kind)) return []
  const message = `${raw.kind} is for Atmos itself, and nothing here.`
  const hint = 'The rest of the configuration works.'
  return [{ path: [...path, 'kind'], severity: 'warning', message, hint }]
}

/** A kind that can keep to `session.duration` has the field itself. */
function unheardDuration(raw: Raw, kind: AnyKind, path: readonly string[]): Fault[] {
  if (inside(raw, 'session', 'duration') === undefined || keysAt(kind.config, []).includes('session'))
    return []
  return [ignored(raw, path, ['session', 'duration'], kind.lifetime ?? 'The cloud decides.')]
}

function noFiles(raw: Raw, path: readonly string[]): Fault[] {
  const place = ['spec', 'files', 'base_path']
  if (inside(raw, ...place) === undefined) return []
  return [ignored(raw, path, place, 'No files of credentials are written.')]
}

function ignored(raw: Raw, path: readonly string[], place: readonly string[], hint: string): Fault {
  const name = [...path.slice(1), ...place].join('.')
  const message = `${name} has no effect with ${raw.kind}.`
  return { path: [...path, ...place], severity: 'warning', message, hint }
}
