import * as z from 'zod'
import { dialects } from '../../shared/dialects.ts'
import { Standing } from '../../shared/requests.ts'

/** The right of one tool run to ask the endpoint for one identity. Its secret is not in it, only the secret's digest. */
export const Grant = z.object({
  /** Names the grant in addresses and listings; gives no access by itself. */
  id: z.string(),
  /** SHA-256 of the secret, hex. */
  digest: z.string(),
  /** The same of a second secret, for tools that can only be given a path. */
  pathDigest: z.string().optional(),
  /** How its tool asks. */
  dialect: z.enum(dialects).default('aws-container'),
  /** The port that it has for itself, where the dialect carries no secret: nothing else tells its tool from others. */
  port: z.number().optional(),
  identity: z.string(),
  realm: z.string(),
  /** The assignment behind an identity that a portal provides: it keeps its ids where the account's name changes. */
  assigned: z.object({ provider: z.string(), accountId: z.string(), role: z.string() }).optional(),
  /** Where the client stood: the configuration that the identity is of. */
  standing: Standing,
  keyring: z.union([
    z.object({ type: z.literal('memory') }),
    z.object({ type: z.literal('file'), vault: z.string(), passwordVariable: z.string().optional() }),
  ]),
  /** Variables that the client was asked for. Their values, where it had any, are in the keyring. */
  variables: z.array(z.string()),
  sealed: z.boolean(),
  /** Epoch milliseconds. */
  issuedAt: z.number(),
  expiresAt: z.number(),
  lastUsedAt: z.number(),
  /** Process that it was issued for. */
  holder: z.number().optional(),
})
export type Grant = z.infer<typeof Grant>
