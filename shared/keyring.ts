/** Where the sessions of a configuration rest. `vault` is the path of the encrypted file. */
export type Keyring = { type: 'memory' } | { type: 'file'; vault: string }
