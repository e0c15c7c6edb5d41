/** The answer to a shell that completes a command line. Loaded when one asks. */
import type { Command } from '../command.ts'
import { withGlobals } from '../globals.ts'
import type { Here } from '../here.ts'
import { type Candidate, candidatesOf } from './candidates.ts'
import { placeOf } from './place.ts'
import { quoted, unquoted } from './quoting.ts'

/**
 * `argv` is the shell's name, the part of the current word that the shell will leave alone, and the words after
 * `atmosctl`, the last being the current one. bash gives the words as they were typed, zsh and fish the current one.
 *
 * Prints what to do on the first line: `names N`, `files N`, `directories N` with the number of characters of the
 * current word that stand before the value, or `command N` with the number of the word where another program's begin.
 * Lines with names follow: for bash as they are to be inserted, for the others as `NAME<tab>MEANING`.
 */
export async function complete(
  here: Here,
  commands: Readonly<Record<string, Command>>,
  [shell = '', before = '', ...typed]: readonly string[],
): Promise<number> {
  const raw = typed.at(-1) ?? ''
  const current = unquoted(raw).text
  const earlier = typed.slice(0, -1).map((word) => (shell === 'bash' ? unquoted(word).text : word))
  const place = placeOf(withHelp(commands), [...earlier, current])
  if (place.type === 'program') return say(here, [`command ${place.first}`])
  if (place.type === 'names')
    return say(here, ['names 0', ...lines(shell, place.names, { raw, before, kept: '' })])
  const { completes, from, given } = place
  if (completes === 'file') return say(here, [`files ${from}`])
  if (completes === 'directory') return say(here, [`directories ${from}`])
  const candidates = await candidatesOf(withGlobals(here, given), completes)
  return say(here, [
    `names ${from}`,
    ...lines(shell, candidates, { raw, before, kept: current.slice(0, from) }),
  ])
}

interface Word {
  raw: string
  before: string
  /** What the word means up to its value. */
  kept: string
}

function lines(shell: string, all: readonly Candidate[], { raw, before, kept }: Word): string[] {
  const candidates = all.filter(([name]) => !/\p{Cc}/u.test(name))
  if (shell === 'zsh') return candidates.map(([name, meaning]) => `${name}\t${meaning}`)
  if (shell === 'fish') return candidates.map(([name, meaning]) => `${kept}${name}\t${meaning}`)
  const { text, open } = unquoted(raw)
  const left = unquoted(before).text.length
  return candidates
    .map(([name]) => `${kept}${name}`)
    .filter((name) => name.startsWith(text))
    .map((name) => quoted(name.slice(left), open))
}

/** `help` is no command of its own, but it is completed like one. */
function withHelp(commands: Readonly<Record<string, Command>>): Record<string, Command> {
  const help: Command = {
    summary: 'Explain a command',
    usage: '',
    options: {},
    words: [...Object.keys(commands), 'exit-codes'],
    run: async () => 0,
  }
  return { ...commands, help }
}

function say(here: Here, texts: readonly string[]): number {
  here.out(texts.map((text) => `${text}\n`).join(''))
  return 0
}
