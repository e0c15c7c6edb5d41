/** The envelope of `auth:`; what is inside a provider, an identity or an integration is checked by its kind. */
import * as z from 'zod'
import { duration } from '../kinds/fields.ts'

const name = z.string().min(1)
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable')
const value = z
  .union([z.string(), z.number().transform(String), z.boolean().transform(String)])
  .refine((text) => !text.includes('\0'), 'cannot hold a NUL character')
/** A heading with nothing below it is an empty layer. */
const layer = z
  .record(name, z.looseObject({ kind: z.string() }))
  .nullish()
  .transform((entries) => entries ?? {})

export const envelope = z.strictObject({
  realm: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/, 'must be lower-case letters and digits, joined by single - or _')
    .optional()
    .describe('Keeps the sessions of configurations apart, or together'),
  logs: z
    .strictObject({
      level: z.enum(['Debug', 'Info', 'Warn', 'Error']).optional(),
      file: z.string().optional(),
    })
    .optional(),
  keyring: z
    .strictObject({
      type: z.enum(['system', 'file', 'memory']).optional().describe('Where sessions rest'),
      spec: z
        .strictObject({
          path: z.string().min(1).optional().describe('The encrypted file, or a directory for it'),
          password_env: z.string().min(1).optional().describe('Variable with its password'),
        })
        .optional(),
    })
    .optional(),
  console: z
    .strictObject({
      isolated: z.boolean().optional().describe('Whether each identity has a browser profile of its own'),
    })
    .optional(),
  providers: layer.describe('How people and workloads prove themselves'),
  identities: layer.describe('Roles, accounts, subscriptions and projects'),
  integrations: layer.describe('What other tools get from identities'),
})
export type Envelope = z.infer<typeof envelope>

const via = z.strictObject({ provider: name.optional(), identity: name.optional() }).describe('The parent')
const marks = {
  kind: z.string(),
  default: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
}
/** Accepted everywhere, as Atmos does; a kind that can honour it has a field of its own in its place. */
const session = z.strictObject({ duration: duration(1, 7_776_000, 'from 1s to 90d').optional() })

/** What every provider may say beside its kind's own fields. */
export const providerCommon = z.object({
  ...marks,
  session: session.optional(),
  console: z
    .strictObject({ session_duration: duration(900, 43_200, 'from 15m to 12h').optional() })
    .optional()
    .describe('The web console'),
})

/** What every identity may say beside its kind's own fields. */
export const identityCommon = z.object({
  ...marks,
  via: via.optional(),
  required: z.boolean().optional(),
  alias: name.optional().describe('A second name'),
  session: session.optional(),
  env: z
    .array(z.strictObject({ key: variable, value }))
    .optional()
    .describe('Variables that tools get beside the credentials'),
})

/** What every integration may say beside its kind's own fields. */
export const integrationCommon = z.object({ kind: z.string(), via: via.optional() })

/** What an entry of each layer may say beside its kind's own fields. */
export const commons = { provider: providerCommon, identity: identityCommon, integration: integrationCommon }
