/** Sessions as bytes for a store. The only place in which secrets become text on purpose; stores encrypt it. */
import * as z from 'zod'
import type { Credential } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { Session, Times } from './session.ts'

const secret = z.string().transform((value) => new Secret(value))
const time = z.number()

const credential = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('aws'),
    accessKeyId: z.string(),
    secretAccessKey: secret,
    sessionToken: secret,
    expiresAt: time,
    accountId: z.string().optional(),
    principal: z.string().optional(),
    renewal: z.object({ clientId: z.string(), refreshToken: secret, proofKey: secret }).optional(),
  }),
  z.object({
    type: z.literal('aws-sso-token'),
    accessToken: secret,
    expiresAt: time,
    refreshToken: secret.optional(),
    client: z.object({ clientId: z.string(), clientSecret: secret, expiresAt: time }),
    region: z.string(),
  }),
  z.object({
    type: z.literal('saml-assertion'),
    assertion: secret,
    expiresAt: time,
    sessionSeconds: z.number().optional(),
  }),
  z.object({ type: z.literal('oidc-token'), token: secret, audience: z.string(), expiresAt: time }),
  z.object({
    type: z.literal('azure-token'),
    accessToken: secret,
    scope: z.string(),
    expiresAt: time,
    tenantId: z.string(),
    principal: z.string().optional(),
    session: secret.optional(),
  }),
  z.object({
    type: z.literal('gcp-token'),
    accessToken: secret,
    expiresAt: time,
    principal: z.string().optional(),
    quotaProject: z.string().optional(),
  }),
  z.object({ type: z.literal('registry-token'), username: z.string(), token: secret, expiresAt: time }),
])

const record = z.object({
  version: z.literal(1),
  key: z.string(),
  name: z.string(),
  kind: z.string(),
  issuedAt: time,
  expiresAt: time,
  credential,
})

export function encode({ key, name, kind, issuedAt, expiresAt, credential }: Session): string {
  const whole = { version: 1, key, name, kind, issuedAt, expiresAt, credential: revealed(credential) }
  return JSON.stringify(whole)
}

/** The session in a record. StoreDamaged when the bytes are not one. */
export function decode(text: string, clock: Times): Session {
  const parsed = record.safeParse(safeJson(text))
  if (!parsed.success)
    throw new AuthError('StoreDamaged', 'A stored session cannot be read.', { cause: parsed.error })
  const { version: _, ...session } = parsed.data
  const monotonicEnd = clock.monotonic() + (session.expiresAt - clock.now())
  return { ...session, credential: session.credential as Credential, monotonicEnd }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]))
}
