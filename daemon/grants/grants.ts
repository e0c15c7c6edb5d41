/** The grants: issued, looked up, kept across restarts, revoked. */
import { hash as oneShot, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Clock } from '../system/clock.ts'
import { durableFile, readIfPresent } from '../system/files.ts'
import type { Random } from '../system/random.ts'
import { Grant } from './grant.ts'

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

const FILE = z.object({ version: z.literal(1), grants: z.array(Grant) })
const SECRET_BYTES = 32
const ID_BYTES = 16
/** Longer is nobody's secret; it is not even hashed. */
const LONGEST = 512

/** Opens the file of grants. It holds no secret: a digest of 256 random bits gives nothing away. */
export async function openGrants(options: { path: string; clock: Clock; random: Random }): Promise<Grants> {
  const { path, clock, random } = options
  const grants = new Map((await read(path)).map((grant) => [grant.id, grant]))
  const file = durableFile(path, () => JSON.stringify({ version: 1, grants: [...grants.values()] }))

  return {
    list: () => [...grants.values()],
    isLive: ({ id, expiresAt }) => grants.has(id) && expiresAt > clock.now(),

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
      grants.set(grant.id, grant)
      await file.save()
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
      await file.save()
    },

    async revoke(which) {
      const revoked = [...grants.values()].filter(which)
      for (const { id } of revoked) grants.delete(id)
      if (revoked.length > 0) await file.save()
      return revoked
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

async function read(path: string): Promise<Grant[]> {
  const bytes = await readIfPresent(path)
  if (!bytes) return []
  try {
    return FILE.parse(JSON.parse(bytes.toString('utf8'))).grants
  } catch (cause) {
    throw new AuthError('StoreDamaged', `The file of grants ${path} cannot be read.`, {
      hint: 'Move it away; running tools then need to be started again.',
      cause,
    })
  }
}
