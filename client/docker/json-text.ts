/** Members of objects in JSON text, put in and taken out with every other byte as it was. Pure; the text is sound JSON. */

interface Member {
  key: string
  /** Of the key's first quote, of the value, and behind the value. */
  start: number
  value: number
  end: number
}

export interface JsonObject {
  /** Of its braces. */
  open: number
  close: number
  members: Member[]
}

const SPACE = /[ \t\r\n]*/y
const STRING = /"(?:[^"\\]|\\.)*"/y
const PLAIN = /[^\s,\]}]+/y

/** The object that begins at `at` or after white space there; undefined where something else does. */
export function objectAt(text: string, at = 0): JsonObject | undefined {
  const open = past(SPACE, text, at)
  if (text[open] !== '{') return undefined
  const members: Member[] = []
  let next = past(SPACE, text, open + 1)
  while (text[next] === '"') {
    const behindKey = past(STRING, text, next)
    const value = past(SPACE, text, past(SPACE, text, behindKey) + 1)
    const end = endOf(text, value)
    members.push({ key: JSON.parse(text.slice(next, behindKey)) as string, start: next, value, end })
    const comma = past(SPACE, text, end)
    next = text[comma] === ',' ? past(SPACE, text, comma + 1) : comma
  }
  return { open, close: next, members }
}

/** The last of that key, which is the one that counts. */
export function member(object: JsonObject, key: string): Member | undefined {
  return object.members.findLast((one) => one.key === key)
}

/** The text with a new member at the end of an object, written as its neighbours are. `value` is JSON on one line. */
export function withMember(text: string, object: JsonObject, key: string, value: string): string {
  const [first] = object.members
  const last = object.members.at(-1)
  if (!first || !last) {
    const inside = `\n\t${JSON.stringify(key)}: ${value}\n`
    return text.slice(0, object.open + 1) + inside + text.slice(object.close)
  }
  const before = text.slice(object.open + 1, first.start)
  return `${text.slice(0, last.end)},${before}${JSON.stringify(key)}${colonIn(text, first)}${value}${text.slice(last.end)}`
}

/** An object of one member as the value of a member of `parent`, indented as that is. */
export function objectFor(text: string, parent: JsonObject, key: string, value: string): string {
  const [first] = parent.members
  const before = first ? text.slice(parent.open + 1, first.start) : '\n\t'
  const colon = first ? colonIn(text, first) : ': '
  const [, line, indent = ''] = /(\r?\n)([ \t]*)$/.exec(before) ?? []
  const inner = `${JSON.stringify(key)}${colon}${value}`
  return line === undefined ? `{${inner}}` : `{${line}${indent}${indent}${inner}${line}${indent}}`
}

/** The text without one member, and without the comma that held it. */
export function withoutMember(text: string, { open, close, members }: JsonObject, gone: Member): string {
  const index = members.indexOf(gone)
  const next = members[index + 1]
  const previous = members[index - 1]
  if (next) return text.slice(0, gone.start) + text.slice(next.start)
  return previous
    ? text.slice(0, previous.end) + text.slice(gone.end)
    : text.slice(0, open + 1) + text.slice(close)
}

function colonIn(text: string, { start, value }: Member): string {
  return text.slice(past(STRING, text, start), value).replace(/[\r\n]/g, '')
}

function endOf(text: string, at: number): number {
  if (text[at] === '"') return past(STRING, text, at)
  if (text[at] !== '{' && text[at] !== '[') return past(PLAIN, text, at)
  let depth = 0
  for (let index = at; ; index++) {
    const character = text[index]
    if (character === '"') index = past(STRING, text, index) - 1
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
    if (depth === 0 || index >= text.length) return index + 1
  }
}

function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  const [found = ''] = pattern.exec(text) ?? []
  return at + found.length
}
