/** The envelope of `auth:`; what is inside a provider or an identity is checked by its kind. */
import * as z from 'zod'
import { duration } from '../kinds/fields.ts'

const name = z.string().min(1)
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable')
const value = z.string().refine((text) => !text.includes('\0'), 'cannot hold a NUL character')
const via = z.strictObject({ provider: name.optional(), identity: name.optional() })

export const envelope = z.strictObject({
  realm: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/, 'must be lower-case letters and digits, joined by single - or _')
    .optional(),
  logs: z
    .strictObject({
      level: z.enum(['Debug', 'Info', 'Warn', 'Error']).optional(),
      file: z.string().optional(),
    })
    .optional(),
  keyring: z
    .strictObject({
      type: z.enum(['system', 'file', 'memory']).optional(),
      spec: z.strictObject({ path: z.string().min(1).optional() }).optional(),
    })
    .optional(),
  console: z.strictObject({ isolated: z.boolean().optional() }).optional(),
  providers: z.record(name, z.looseObject({ kind: z.string() })).default({}),
  identities: z.record(name, z.looseObject({ kind: z.string() })).default({}),
  integrations: z.record(name, z.looseObject({ kind: z.string() })).default({}),
})
export type Envelope = z.infer<typeof envelope>

/** What every provider may say beside its kind's own fields. */
export const providerCommon = z.object({
  kind: z.string(),
  default: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  session: z.strictObject({ duration: duration(900, 7_776_000, 'from 15m to 90d').optional() }).optional(),
  console: z
    .strictObject({ session_duration: duration(900, 43_200, 'from 15m to 12h').optional() })
    .optional(),
})

/** What every identity may say beside its kind's own fields. */
export const identityCommon = z.object({
  kind: z.string(),
  via: via.optional(),
  default: z.boolean().optional(),
  required: z.boolean().optional(),
  alias: name.optional(),
  tags: z.array(z.string()).optional(),
  env: z.array(z.strictObject({ key: variable, value })).optional(),
})
