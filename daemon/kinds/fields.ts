/** Fields that the configurations of several kinds have in common. Each is a zod schema with a message for people. */
import * as z from 'zod'
import { AWS_REGION } from '../../shared/aws-names.ts'
import { parseDuration } from '../../shared/duration.ts'
import { Secret } from '../../shared/secret.ts'

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** An upstream address: https, or http on this machine alone. */
export const endpoint = z.string().refine(isSafeEndpoint, {
  error: 'must be an https address, or http on 127.0.0.1, [::1] or localhost',
})

function isSafeEndpoint(text: string): boolean {
  const url = URL.parse(text)
  if (!url || url.username || url.password) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
}

/** A value that no listing and no log shows. */
export const secret = z
  .string()
  .min(1)
  .transform((value) => new Secret(value))

/** `spec:` of a kind: `endpoint_url` moves all `services` for it and what follows it, `endpoints.<service>` one. */
export function serviceSpec<const S extends readonly [string, ...string[]]>(services: S) {
  return z.strictObject({
    endpoint_url: endpoint.optional().describe('Address in place of the real one, for all services'),
    endpoints: z.partialRecord(z.enum(services), endpoint).optional().describe('Address of one service'),
    // Atmos writes files of credentials there. Here there are none, and loading says so.
    files: z
      .strictObject({ base_path: z.string().regex(/\S/, 'must not be blank').optional() })
      .optional()
      .describe('Without effect: no files of credentials are written'),
  })
}

/** The older form of `endpoint_url`. */
export const resolver = z.strictObject({
  aws: z.strictObject({ resolver: z.strictObject({ url: endpoint.optional() }).optional() }).optional(),
})

export const awsSpec = serviceSpec(['sso-oidc', 'sso', 'sts', 'signin', 'ecr', 'ecr-public', 'eks']).extend(
  resolver.shape,
)

/** An AWS region name; it becomes part of host names, so its shape is checked. */
export const region = z
  .string()
  .regex(AWS_REGION, 'must be an AWS region such as us-east-1')
  .describe('AWS region, such as us-east-1')

export const accountId = z
  .union([z.string(), z.int().transform((digits) => String(digits).padStart(12, '0'))])
  .pipe(
    z
      .string()
      .regex(/^\d{12}$/, 'must be the 12 digits of an AWS account; quote them when they begin with 0'),
  )
  .describe('12 digits of an AWS account')

/** A duration such as 3600, 1h30m or 12h, as whole seconds within `least`–`most`. */
export function duration(least: number, most: number, range: string) {
  return z
    .union([z.string(), z.int()])
    .transform((value, context) => {
      const seconds = parseDuration(value)
      if (seconds !== undefined && seconds >= least && seconds <= most) return seconds
      const fault =
        seconds === undefined ? 'is not a duration such as 3600, 1h30m or 12h' : `must be ${range}`
      context.addIssue({ code: 'custom', message: fault })
      return z.NEVER
    })
    .describe(`Duration such as 3600, 1h30m or 12h, ${range}`)
}
