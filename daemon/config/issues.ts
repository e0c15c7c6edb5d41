/** What zod found, in words for people. */
import * as z from 'zod'
import { closest } from '../../shared/closest.ts'
import type { Fault } from '../graph/node.ts'

type Issue = z.core.$ZodIssue

/** The faults of one failed parse by `schemas`; `prefix` is the path of the checked value in the document. */
export function faultsOf(
  issues: readonly Issue[],
  prefix: Fault['path'],
  ...schemas: readonly z.ZodType[]
): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...prefix, ...(issue.path as (string | number)[])]
    if (issue.code === 'unrecognized_keys') {
      const known = (...at: PropertyKey[]) => schemas.flatMap((schema) => keysAt(schema, at))
      return issue.keys.map((key) => unknownKey(path, key, hintFor(key, issue.path, known)))
    }
    if (issue.code === 'invalid_key') return [{ path, key: true, message: `${keyWording(issue, path)}.` }]
    return [{ path, message: `${dotted(path)} ${wording(issue)}.` }]
  })
}

function unknownKey(path: Fault['path'], key: string, hint: string | undefined): Fault {
  const message = `${dotted(path)} has no setting "${key}".`
  return { key: true, path: [...path, key], message, ...(hint === undefined ? {} : { hint }) }
}

/** Where the key belongs, or which one was meant. */
function hintFor(
  key: string,
  path: readonly PropertyKey[],
  known: (...at: PropertyKey[]) => string[],
): string | undefined {
  if (known(...path, 'spec').includes(key)) return 'It belongs under `spec:`.'
  if (path.at(-1) === 'spec' && known(...path.slice(0, -1)).includes(key))
    return 'It belongs beside `spec:`, not under it.'
  const others = known(...path).filter((other) => other !== key)
  const close = closest(key, others)
  return close ? `Did you mean "${close}"?` : undefined
}

/** What may stand in the object at a path. */
export function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const inner = insideOf(schema)
  const [first, ...rest] = path
  if (inner instanceof z.ZodArray) return first === undefined ? [] : keysAt(inner.element, rest)
  if (!(inner instanceof z.ZodObject)) return []
  return first === undefined ? Object.keys(inner.shape) : keysAt(inner.shape[String(first)], rest)
}

/** What a schema takes in, without what is wrapped around it. */
function insideOf(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return insideOf(schema.unwrap())
  return schema instanceof z.ZodPipe ? insideOf(schema.in) : schema
}

function wording(issue: Issue): string {
  if (issue.code === 'invalid_type' && /received undefined$/.test(issue.message)) return 'is missing'
  if (issue.code === 'invalid_type' && /^Invalid input/.test(issue.message))
    return `must be ${article(issue.expected)}`
  if (issue.code === 'invalid_value' && /^Invalid (?:option|input)/.test(issue.message))
    return `must be one of ${issue.values.filter((value) => value !== '').join(', ')}`
  if (issue.code === 'invalid_union') return 'must be a text or a number'
  if (issue.code === 'too_small')
    return Number(issue.minimum) === 1 ? 'must not be empty' : size(issue, 'least')
  if (issue.code === 'too_big') return size(issue, 'most')
  return issue.message.replace(/^Invalid input: expected/, 'must be').replace(/\.$/, '')
}

function size(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, which: 'least' | 'most'): string {
  const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum
  const unit = issue.origin === 'string' ? ' characters' : ''
  return `must have at ${which} ${limit}${unit}`
}

function keyWording({ origin }: z.core.$ZodIssueInvalidKey, path: Fault['path']): string {
  const within = dotted(path.slice(0, -1))
  return path.at(-1) === ''
    ? `${within} has a name that is empty`
    : `${within} has a wrong name in its ${origin}`
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of its own',
  record: 'a section of its own',
  int: 'a whole number',
}

function article(expected: string): string {
  return NOUNS[expected] ?? `a ${expected}`
}

function dotted(path: Fault['path']): string {
  return path.slice(1).join('.') || 'auth'
}
