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

export interface Issued {
  grant: Grant
  secret: Secret
  /** What stands in a path where a tool can send no header: a secret of its own, since paths are in logs. */
  path?: Secret
}

export interface Grants {
  /** Issues a grant and resolves once it would survive a crash. The secret is nowhere else afterwards. */
  issue(request: GrantRequest): Promise<Issued>
  /** The grant that `authorization` is the secret of, compared in constant time; undefined for anything else. */
  authenticate(id: string, authorization: string): Grant | undefined
  /** The same for the secret that stands in a path. */
  authenticatePath(id: string, path: string): Grant | undefined
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

  const hexOf = (count: number) => random.bytes(count).toString('hex')

  function matching(
    grant: Grant | undefined,
    which: 'digest' | 'pathDigest',
    text: string,
  ): Grant | undefined {
    const expected = grant ? digestOf(grant, which) : NOBODY
    const matches = text.length <= LONGEST && timingSafeEqual(hash(text), expected)
    if (!grant?.[which] || !matches || grant.expiresAt <= clock.now()) return undefined
    grant.lastUsedAt = clock.now()
    return grant
  }

  return {
    list: grants.list,
    revoke: grants.remove,
    isLive: ({ id, expiresAt }) => grants.get(id) !== undefined && expiresAt > clock.now(),

    async issue({ lifetimeMs, holder, dialect = 'aws-container', ...wanted }) {
      const secret = random.token(SECRET_BYTES)
      const now = clock.now()
      const times = { issuedAt: now, expiresAt: now + lifetimeMs, lastUsedAt: now }
      // Azure's SDK for JavaScript writes an address in small letters before it asks there.
      const name = dialect === 'azure-identity' ? hexOf : random.token
      const grant: Grant = {
        id: name(ID_BYTES).replace(/^-/, '_'), // people type it, and it must not look like an option
        digest: hash(secret).toString('hex'),
        dialect,
        ...wanted,
        ...times,
      }
      if (holder !== undefined) grant.holder = holder
      const path = dialect === 'azure-identity' ? hexOf(SECRET_BYTES) : undefined
      if (path !== undefined) grant.pathDigest = hash(path).toString('hex')
      await grants.put(grant)
      return { grant, secret: new Secret(secret), ...(path === undefined ? {} : { path: new Secret(path) }) }
    },

    authenticate: (id, authorization) => matching(grants.get(id), 'digest', authorization),
    authenticatePath: (id, path) => matching(grants.get(id), 'pathDigest', path),

    async place(grant, port) {
      grant.port = port
      await grants.save()
    },
  }
}

const NOBODY = Buffer.alloc(32)
const digests = { digest: new WeakMap<Grant, Buffer>(), pathDigest: new WeakMap<Grant, Buffer>() }

/** The bytes of a grant's digest, read once a grant. */
function digestOf(grant: Grant, which: keyof typeof digests): Buffer {
  const text = grant[which]
  if (text === undefined) return NOBODY
  const known = digests[which].get(grant) ?? Buffer.from(text, 'hex')
  digests[which].set(grant, known)
  return known
}

function hash(text: string): Buffer {
  return oneShot('sha256', text, 'buffer')
}
