/** A value or a directory of the metadata as it is sent: text or JSON, with what tells one state of it from another. */
import { hash } from 'node:crypto'
import { ASKED, type Directory, type Entries, type Value } from './gce-metadata-tree.ts'

export interface Answer {
  type: 'application/text' | 'application/json' | 'text/html'
  body: string
  etag: string
}

export interface Form {
  alt?: 'json' | 'text' | undefined
  recursive: boolean
}

type Nested = { readonly [name: string]: Nested | Value }

/** `state` is what has to change for the answer to count as another one. */
export function answerOf(type: Answer['type'], body: string, state = body): Answer {
  return { type, body, etag: hash('sha256', state).slice(0, 16) }
}

export function valueAnswer(value: Value, { alt, recursive }: Form): Answer {
  const isJson = alt === 'json' || (recursive && alt !== 'text')
  return isJson ? answerOf('application/json', json(value)) : answerOf('application/text', text(value))
}

export async function directoryAnswer(directory: Directory, { alt, recursive }: Form): Promise<Answer> {
  if (!recursive) return valueAnswer(names(await directory()), { alt, recursive })
  const nested = await everything(directory)
  if (alt !== 'text') return answerOf('application/json', json(nested))
  return answerOf('application/text', lines(nested).join(''))
}

/** The children of a directory, other directories with a slash. */
function names(children: Entries): string[] {
  return Object.entries(children)
    .filter(([, child]) => child !== undefined)
    .map(([name, child]) => (typeof child === 'function' ? `${name}/` : name))
}

async function everything(directory: Directory): Promise<Nested> {
  const nested: Record<string, Nested | Value> = {}
  for (const [name, child] of Object.entries(await directory())) {
    if (typeof child === 'function') nested[name] = await everything(child)
    else if (child !== undefined && child !== ASKED) nested[name] = child
  }
  return nested
}

/** A list has a line for each entry, the last one ended too; a single value has no line break: gcloud takes it as it is. */
function text(value: Value): string {
  return isList(value) ? value.map((line) => `${line}\n`).join('') : String(value)
}

function json(value: Nested | Value): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string' || isList(value)) return JSON.stringify(value)
  return `{${Object.entries(value).map(([name, inner]) => `${JSON.stringify(camelCase(name))}:${json(inner)}`)}}`
}

function lines(nested: Nested, above = ''): string[] {
  return Object.entries(nested).flatMap(([name, value]) =>
    isValue(value)
      ? text(value)
          .trimEnd()
          .split('\n')
          .map((line) => `${above}${name} ${line}\n`)
      : lines(value, `${above}${name}/`),
  )
}

function isValue(value: Nested | Value): value is Value {
  return typeof value !== 'object' || isList(value)
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}

/** `service-accounts` is `serviceAccounts` in JSON; a mail address is what it is. */
function camelCase(name: string): string {
  return name.includes('@') ? name : name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
