/** Profiles of AWS's own configuration file, for tools that nobody starts under exec. */
import { join } from 'node:path'
import { AuthError } from '../../shared/errors.ts'
import { asBytes, divide, joined, profilesIn, type Section } from '../aws-config/block.ts'
import { type Profile, profileLines, profileOf, unwritable } from '../aws-config/profile.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SELECT, SWITCHED_OFF } from '../identity.ts'
import type { Given } from '../option.ts'
import { sameAgain } from '../standing.ts'
import { painter } from '../style.ts'

export const awsConfig: Command = {
  summary: 'Print or write profiles for ~/.aws/config',
  usage: '[-i NAME] [--write | --remove]',
  options: {
    identity: identityOption.identity,
    write: { type: 'boolean', help: 'put them into the file, in a block of our own' },
    remove: { type: 'boolean', help: 'take the block of this directory away' },
  },
  examples: ['', '--write', '-i dev-admin --write', '--remove'],
  async run(here, given) {
    if (given.words.length > 0 || (given.flag('write') && given.flag('remove')))
      throw new AuthError('Usage', 'aws-config takes -i, and --write or --remove.')
    if (given.flag('remove') && given.text('identity') === SELECT)
      throw new AuthError('Usage', '-i needs a name with --remove.')
    if (given.flag('remove')) await remove(here, given.text('identity'))
    else await show(here, given)
    return 0
  },
}

async function show(here: Here, given: Given): Promise<void> {
  const named = given.text('identity')
  const sections = sectionsFor(here, await profilesFor(here, named))
  if (!given.flag('write')) return here.out(printed(sections))
  const file = configFile(here)
  let lone: readonly Section[] = []
  let theirs: readonly Section[] = []
  const changed = await edit(here, file, (text) => {
    ;[lone, theirs] = apart(text, here.cwd, sections)
    // With -i the others of the block stay as they are.
    const block = named === undefined ? lone : merged(divide(text, here.cwd).sections ?? [], lone)
    return joined(text, here.cwd, block)
  })
  for (const { name } of theirs)
    here.err(`atmosctl: The profile "${unBytes(name)}" is there already, and left alone:\n  ${file}\n`)
  const count = `${lone.length} profile${lone.length === 1 ? '' : 's'}`
  done(here, changed ? `${count} in ${file}.` : `${file} is as it should be.`)
}

/** Needs no daemon, and no directory either, if that has gone. */
async function remove(here: Here, named: string | undefined): Promise<void> {
  const file = configFile(here)
  const changed = await edit(here, file, (text) => {
    const had = divide(text, here.cwd).sections ?? []
    const kept = named ? had.filter(({ name }) => name !== asBytes(named)) : []
    return joined(text, here.cwd, kept)
  })
  done(here, changed ? `Taken out of ${file}.` : `${file} has nothing of ours for ${here.cwd}.`)
}

async function profilesFor(here: Here, flag: string | undefined): Promise<Profile[]> {
  const daemon = daemonOf(here)
  const chosen = flag === undefined ? {} : await chosenIdentity(here, daemon, flag)
  const wanted = chosen === SWITCHED_OFF ? undefined : chosen.identity
  const { identities, problems } = await daemon.workspace()
  if (problems.some(({ severity }) => severity === 'error'))
    throw new AuthError('ConfigInvalid', 'The configuration is faulty.', { details: { problems } })
  const theirs = identities.filter(
    ({ name, alias, kind }) =>
      kind.startsWith('aws/') && (wanted === undefined || name === wanted || alias === wanted),
  )
  if (wanted !== undefined && theirs.length === 0)
    throw new AuthError('IdentityUnknown', `There is no identity of AWS "${wanted}".`, {
      hint: 'See what there is with `atmosctl list`.',
    })
  return theirs.map((identity) => profileOf(identity, here.self, sameAgain(here, identity.name)))
}

function sectionsFor(here: Here, profiles: readonly Profile[]): Section[] {
  return profiles.flatMap((profile) => {
    const why = unwritable(profile)
    if (why === undefined) return [{ name: asBytes(profile.name), lines: profileLines(profile).map(asBytes) }]
    here.err(`atmosctl: ${JSON.stringify(profile.name)} is left out: ${why}.\n`)
    return []
  })
}

/** Those that may be written, and those whose names the file has already, outside of our block. */
function apart(text: string, directory: string, sections: readonly Section[]): [Section[], Section[]] {
  const { before, after } = divide(text, directory)
  const there = profilesIn(`${before}\n${after}`)
  return [sections.filter(({ name }) => !there.has(name)), sections.filter(({ name }) => there.has(name))]
}

async function edit(here: Here, file: string, change: (text: string) => string): Promise<boolean> {
  const { editFile } = await import('../edited-file.ts') // other tools' files concern few runs
  return editFile(here, file, { change, encoding: 'latin1', cure: 'name another in AWS_CONFIG_FILE' })
}

function merged(had: readonly Section[], more: readonly Section[]): Section[] {
  const names = new Set(more.map(({ name }) => name))
  return [...had.filter(({ name }) => !names.has(name)), ...more]
}

function printed(sections: readonly Section[]): string {
  return sections.map(({ lines }) => lines.map((line) => `${unBytes(line)}\n`).join('')).join('\n')
}

function unBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}

function configFile({ env, home }: Here): string {
  const told = env.AWS_CONFIG_FILE
  return told ? told.replace(/^~(?=\/)/, home) : join(home, '.aws', 'config')
}

function done(here: Here, text: string): void {
  here.err(`${painter(here.color)('green', '✓')} ${text}\n`)
}
