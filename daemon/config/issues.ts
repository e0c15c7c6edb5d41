/** What zod found, in words for people. */
import * as z from 'zod'
import { closest } from '../../shared/closest.ts'
import type { Fault } from '../graph/node.ts'

type Issue = z.core.$ZodIssue

/** A fault; `key` says that the key itself is at fault and not its value. */
export type IssueFault = Fault & { key?: true }

/** The faults of one failed parse by `schemas`; `prefix` is the path of the checked value in the document. */
export function faultsOf(
  issues: readonly Issue[],
  prefix: Fault['path'],
  ...schemas: readonly z.ZodType[]
): IssueFault[] {
  return issues.flatMap((issue): IssueFault[] => {
    const path = [...prefix, ...(issue.path as (string | number)[])]
    if (issue.code === 'unrecognized_keys') {
      const known = schemas.flatMap((schema) => keysAt(schema, issue.path))
      return issue.keys.map((key) => unknownKey(path, key, known))
    }
    return [{ path, message: `${dotted(path)} ${wording(issue)}.` }]
  })
}

function unknownKey(path: Fault['path'], key: string, keys: readonly string[]): IssueFault {
  const close = closest(
    key,
    keys.filter((known) => known !== key),
  )
  const message = `${dotted(path)} has no setting "${key}".`
  return { key: true, path: [...path, key], message, ...(close ? { hint: `Did you mean "${close}"?` } : {}) }
}

/** What may stand in the object at a path. */
export function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return keysAt(schema.unwrap(), path)
  if (!(schema instanceof z.ZodObject)) return []
  const [first, ...rest] = path
  return first === undefined ? Object.keys(schema.shape) : keysAt(schema.shape[String(first)], rest)
}

function wording(issue: Issue): string {
  if (issue.code === 'invalid_type' && /received undefined$/.test(issue.message)) return 'is missing'
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'invalid_union') return 'has a value of a wrong type'
  return issue.message.replace(/^Invalid input: expected/, 'must be').replace(/\.$/, '')
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`
}

function dotted(path: Fault['path']): string {
  return path.slice(1).join('.') || 'auth'
}
