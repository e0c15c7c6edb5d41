/**
 * Where the sessions of a configuration rest. `vault` is the path of the encrypted file; its password is in the
 * client's variable `passwordVariable`, ATMOS_KEYRING_PASSWORD where none is named.
 */
export type Keyring =
  | { type: 'memory' }
  | { type: 'file'; vault: string; passwordVariable?: string | undefined }
