/**
 * The part of AWS's configuration file that is ours: between two comments that name the directory whose identities it
 * has. Text is one character a byte, so that what is not ours stays as it is, whatever its encoding. Pure.
 */
import { AuthError } from '../../shared/errors.ts'

export interface Section {
  /** Name of the profile, as its bytes. */
  name: string
  /** Without their ends. */
  lines: readonly string[]
}

interface Divided {
  before: string
  /** Undefined where there is no block. */
  sections: Section[] | undefined
  after: string
}

const begin = (directory: string) => `# atmosctl begin ${directory}`
const end = (directory: string) => `# atmosctl end ${directory}`

/** Text as its bytes, one character each. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The file as it is around the block of a directory, and in it. ConfigInvalid where only one of its comments is left. */
export function divide(text: string, directory: string): Divided {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const at = (wanted: string) =>
    lines.flatMap((line, index) => (line.trimEnd() === asBytes(wanted) ? [index] : []))
  const begins = at(begin(directory))
  const ends = at(end(directory))
  const [first] = begins
  const [last] = ends
  if (first === undefined && last === undefined) return { before: text, sections: undefined, after: '' }
  if (first === undefined || last === undefined || first > last || begins.length + ends.length > 2)
    throw torn(directory, Math.min(...begins, ...ends) + 1)
  return {
    before: lines.slice(0, first).join(''),
    sections: sectionsOf(lines.slice(first + 1, last).map((line) => line.replace(/\r?\n$/, ''))),
    after: lines.slice(last + 1).join(''),
  }
}

/** The file with these sections as the block; without any, with no block. */
export function joined(text: string, directory: string, sections: readonly Section[]): string {
  const { before, sections: had, after } = divide(text, directory)
  if (sections.length === 0) return had === undefined ? text : `${before}${after}`
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const open = before !== '' && !before.endsWith('\n') ? newline : ''
  const lines = [
    asBytes(begin(directory)),
    ...sections.flatMap((section) => section.lines),
    asBytes(end(directory)),
  ]
  return `${before}${open}${lines.map((line) => `${line}${newline}`).join('')}${after}`
}

/** Names of the profiles in a text, quotes taken away. */
export function profilesIn(text: string): Set<string> {
  return new Set(text.split(/\r?\n/).flatMap((line) => profileNamed(line) ?? []))
}

function sectionsOf(lines: readonly string[]): Section[] {
  const starts = lines.flatMap((line, index) => (profileNamed(line) === undefined ? [] : [index]))
  return starts.map((start, index) => ({
    name: profileNamed(lines[start] ?? '') ?? '',
    lines: lines.slice(start, starts[index + 1]),
  }))
}

function profileNamed(line: string): string | undefined {
  const header = /^\[\s*(?:profile\s+(.+?)|(default))\s*\]/.exec(line)
  const written = header?.[1] ?? header?.[2]
  return written?.replace(/\\(.)|['"]/g, '$1')
}

function torn(directory: string, line: number): AuthError {
  return new AuthError('ConfigInvalid', `The block of ${directory} is not whole, at line ${line}.`, {
    hint: `It begins with "${begin(directory)}" and ends with "${end(directory)}": put back what is missing, or take the other away.`,
  })
}
