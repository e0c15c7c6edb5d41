/** Which keyring a configuration asks for. */
import { dirname, extname, join, resolve } from 'node:path'
import type { Keyring } from '../../shared/keyring.ts'
import type { Fault } from '../graph/node.ts'
import type { Envelope } from './schema.ts'
import { leadsTo, type Path } from './tree.ts'

export interface KeyringWishes {
  settings: Readonly<Record<string, string>>
  home: string
  /** The vault of a file keyring that names no path. */
  vault: string
  /** The file in which the path is written; relative paths are taken from beside it. */
  declaredIn: string
}

const VAULT_NAME = 'atmosd-vault.json'

/** ATMOS_KEYRING_TYPE before `auth.keyring.type`; memory where neither is given. */
function typeOf(auth: Envelope, settings: KeyringWishes['settings']): string {
  return settings.ATMOS_KEYRING_TYPE ?? auth.keyring?.type ?? 'memory'
}

/** What decides where sessions rest and whose they are, each with the setting that counts more. */
const DECIDERS: readonly [path: Path, setting: string][] = [
  [['auth', 'realm'], 'ATMOS_AUTH_REALM'],
  [['auth', 'keyring', 'type'], 'ATMOS_KEYRING_TYPE'],
  [['auth', 'keyring', 'spec', 'path'], 'ATMOS_KEYRING_FILE_PATH'],
  [['auth', 'keyring', 'spec', 'password_env'], 'ATMOS_KEYRING_PASSWORD_ENV'],
]

/** Whether a value that is absent at `path` would leave the keyring or the realm to a default that nobody chose. */
export function decides(path: Path, auth: Envelope, settings: KeyringWishes['settings']): boolean {
  const isFile = typeOf(auth, settings) === 'file'
  return DECIDERS.some(
    ([decider, setting]) =>
      leadsTo(path, decider) && settings[setting] === undefined && (isFile || !decider.includes('spec')),
  )
}

/** A configured store is never replaced by another behind the user's back. */
export function keyringFaults(auth: Envelope, settings: KeyringWishes['settings']): Fault[] {
  const type = typeOf(auth, settings)
  if (type === 'memory' || type === 'file') return []
  return [
    {
      path: ['auth', 'keyring', 'type'],
      message: `The keyring type "${type}" is not supported here.`,
      hint: 'Use `file`, an encrypted file, or `memory`.',
    },
  ]
}

export function keyringOf(auth: Envelope, { settings, home, vault, declaredIn }: KeyringWishes): Keyring {
  if (typeOf(auth, settings) !== 'file') return { type: 'memory' }
  const spec = auth.keyring?.spec
  const path = settings.ATMOS_KEYRING_FILE_PATH ?? spec?.path
  const variable = settings.ATMOS_KEYRING_PASSWORD_ENV ?? spec?.password_env
  return {
    type: 'file',
    vault: path === undefined ? vault : vaultAt(path, home, declaredIn),
    ...(variable === undefined ? {} : { passwordVariable: variable }),
  }
}

/** A path with no extension is a directory, as for Atmos, whose own keyring is one. */
function vaultAt(path: string, home: string, declaredIn: string): string {
  const absolute = resolve(dirname(declaredIn), path.replace(/^~(?=\/|$)/, home))
  return extname(absolute) === '' ? join(absolute, VAULT_NAME) : absolute
}
