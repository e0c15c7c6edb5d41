import type { Random } from '../../daemon/system/random.ts'

/** Chance that comes out the same in every run. */
export function seededRandom(seed = 1): Random {
  let state = seed
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return state
  }
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => next() & 0xff))
  return {
    bytes,
    token: (count) => bytes(count).toString('base64url'),
    unit: () => (next() - 1) / 2_147_483_646,
  }
}
