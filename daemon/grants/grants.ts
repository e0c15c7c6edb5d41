/** The grants: issued, looked up, kept across restarts, revoked. */
import { hash as oneShot, timingSafeEqual } from 'node:crypto'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { Grant } from './grant.ts'
import { keptRecords } from './kept-records.ts'

export type GrantRequest = Pick<
  Grant,
  'identity' | 'realm' | 'assigned' | 'standing' | 'keyring' | 'variables' | 'sealed'
> & {
  dialect?: Grant['dialect'] | undefined
  lifetimeMs: number
  holder?: number | undefined
}

export interface Grants {
  /** Issues a grant and resolves once it would survive a crash. The secret is nowhere else afterwards. */
  issue(request: GrantRequest): Promise<{ grant: Grant; secret: Secret }>
  /** The grant that `authorization` is the secret of, compared in constant time; undefined for anything else. */
  authenticate(id: string, authorization: string): Grant | undefined
  /** Notes the port that a grant has got, and resolves once that would survive a crash. */
  place(grant: Grant, port: number): Promise<void>
  /** Whether it can be used: neither revoked nor at its end. */
  isLive(grant: Grant): boolean
  list(): Grant[]
  /** Revokes at once, and resolves when that would survive a crash. Returns the revoked. */
  revoke(which: (grant: Grant) => boolean): Promise<Grant[]>
}

const SECRET_BYTES = 32
const ID_BYTES = 16
/** Longer is nobody's secret; it is not even hashed. */
const LONGEST = 512

/** Opens the file of grants. It holds no secret: a digest of 256 random bits gives nothing away. */
export async function openGrants(options: { path: string; clock: Clock; random: Random }): Promise<Grants> {
  const { path, clock, random } = options
  const grants = await keptRecords({
    path,
    name: 'grants',
    record: Grant,
    keyOf: ({ id }) => id,
    hint: 'Move it away; running tools then need to be started again.',
  })

  return {
    list: grants.list,
    revoke: grants.remove,
    isLive: ({ id, expiresAt }) => grants.get(id) !== undefined && expiresAt > clock.now(),

    async issue({ lifetimeMs, holder, dialect = 'aws-container', ...wanted }) {
      const secret = random.token(SECRET_BYTES)
      const now = clock.now()
      const times = { issuedAt: now, expiresAt: now + lifetimeMs, lastUsedAt: now }
      const grant: Grant = {
        id: random.token(ID_BYTES).replace(/^-/, '_'), // people type it, and it must not look like an option
        digest: hash(secret).toString('hex'),
        dialect,
        ...wanted,
        ...times,
      }
      if (holder !== undefined) grant.holder = holder
      await grants.put(grant)
      return { grant, secret: new Secret(secret) }
    },

    authenticate(id, authorization) {
      const grant = grants.get(id)
      const expected = grant ? digestOf(grant) : NOBODY
      const matches = authorization.length <= LONGEST && timingSafeEqual(hash(authorization), expected)
      if (!grant || !matches || grant.expiresAt <= clock.now()) return undefined
      grant.lastUsedAt = clock.now()
      return grant
    },

    async place(grant, port) {
      grant.port = port
      await grants.save()
    },
  }
}

const NOBODY = Buffer.alloc(32)
const digests = new WeakMap<Grant, Buffer>()

/** The bytes of a grant's digest, read once a grant. */
function digestOf(grant: Grant): Buffer {
  const known = digests.get(grant) ?? Buffer.from(grant.digest, 'hex')
  digests.set(grant, known)
  return known
}

function hash(text: string): Buffer {
  return oneShot('sha256', text, 'buffer')
}
