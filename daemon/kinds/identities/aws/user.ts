import * as z from 'zod'
import { Secret } from '../../../../shared/secret.ts'
import { sessionTokenRequest } from '../../../upstream/sts.ts'
import { type Context, defineIdentity } from '../../contract.ts'
import { awsSpec, duration, region } from '../../fields.ts'

/** GetSessionToken's limits: 15 minutes to 36 hours; AWS's default is 12 hours. */
const SESSION = { leastSeconds: 900, mostSeconds: 129_600, defaultSeconds: 43_200 }

const secret = z
  .string()
  .min(1)
  .transform((value) => new Secret(value))

const config = z.strictObject({
  credentials: z.strictObject({
    access_key_id: z.string().regex(/^\w{16,128}$/, 'must be an access key id'),
    secret_access_key: secret,
    region: region.optional(),
    mfa_arn: z.string().min(9).max(256).optional(),
  }),
  session: z
    .strictObject({
      duration: duration(SESSION.leastSeconds, SESSION.mostSeconds, 'from 15m to 36h').optional(),
    })
    .optional(),
  spec: awsSpec.optional(),
})
type Config = z.infer<typeof config>

/** An IAM user's long-term keys, which never leave the daemon: tools get a session of GetSessionToken. */
export default defineIdentity<Config, never, 'aws'>({
  accepts: [],
  yields: 'aws',
  config,
  async assume({ credentials, session }, _, context) {
    const keys = { accessKeyId: credentials.access_key_id, secretAccessKey: credentials.secret_access_key }
    const at = { region: context.region, endpoint: context.endpoint('sts'), keys, signal: context.signal }
    const DurationSeconds = session?.duration ?? SESSION.defaultSeconds
    return sessionTokenRequest(at, { DurationSeconds, ...(await mfa(credentials.mfa_arn, context)) })
  },
  principal: ({ credentials }) => `user of ${credentials.access_key_id}`,
})

async function mfa(serial: string | undefined, { prompt }: Context) {
  if (serial === undefined) return {}
  const TokenCode = await prompt.ask({ label: `MFA code of ${serial}`, secret: false })
  return { SerialNumber: serial, TokenCode: TokenCode.trim() }
}
