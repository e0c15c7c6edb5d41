import { randomBytes } from 'node:crypto'

/** The only source of chance. */
export interface Random {
  bytes(count: number): Buffer
  /** URL-safe text from `count` random bytes. */
  token(count: number): string
  /** Uniform in [0, 1). */
  unit(): number
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  token: (count) => randomBytes(count).toString('base64url'),
  unit: () => randomBytes(4).readUInt32BE() / 2 ** 32,
}
