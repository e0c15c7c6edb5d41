import * as z from 'zod'
import type { AwsCredential } from '../../../../shared/credential.ts'
import { AuthError } from '../../../../shared/errors.ts'
import type { Secret } from '../../../../shared/secret.ts'
import { hinting } from '../../../upstream/aws-faults.ts'
import { sessionTokenRequest } from '../../../upstream/sts.ts'
import { type Context, defineIdentity } from '../../contract.ts'
import { awsSpec, duration, region, secret } from '../../fields.ts'

/** GetSessionToken's limits: 15 minutes to 36 hours; AWS's default is 12 hours. */
const SESSION = { leastSeconds: 900, mostSeconds: 129_600, defaultSeconds: 43_200 }

const credentials = z
  .strictObject({
    access_key_id: z
      .string()
      .regex(/^\w{16,128}$/, 'must be an access key id')
      .optional(),
    secret_access_key: secret.optional(),
    region: region.optional(),
    mfa_arn: z.string().min(9).max(256).optional(),
  })
  .refine(
    ({ access_key_id, secret_access_key }) =>
      (access_key_id === undefined) === (secret_access_key === undefined),
    'needs both access_key_id and secret_access_key, or neither',
  )

const config = z
  .strictObject({
    credentials: credentials.optional(),
    session: z
      .strictObject({
        duration: duration(SESSION.leastSeconds, SESSION.mostSeconds, 'from 15m to 36h').optional(),
      })
      .optional(),
    spec: awsSpec.optional(),
  })
  .describe('An IAM user by long-term keys, of the configuration or of the keyring')
type Config = z.infer<typeof config>

/** Keys as `atmosctl user configure` leaves them in the keyring. */
const entrusted = z.object({
  access_key_id: z.string(),
  secret_access_key: secret,
  mfa_arn: z.string().optional(),
  session_seconds: z.int().optional(),
})

/** An IAM user's long-term keys, which never leave the daemon: tools get a session of GetSessionToken. */
export default defineIdentity<Config, never, 'aws'>({
  accepts: [],
  yields: 'aws',
  config,
  async assume(config, _, context) {
    const { keys, serial, seconds } = await userOf(config, context)
    const at = { region: context.region, endpoint: context.endpoint('sts'), keys, signal: context.signal }
    const session = (mfa: Mfa) =>
      sessionTokenRequest(at, { DurationSeconds: seconds, ...mfa }).catch(hinting(HINTS))
    return serial === undefined ? session({}) : withCode(serial, context, session)
  },
  principal: ({ credentials }) =>
    credentials?.access_key_id ? `user of ${credentials.access_key_id}` : 'user with keys in the keyring',
  entrusts: ({ credentials }) => credentials?.access_key_id === undefined,
})

/** The configuration's keys, else those in the keyring; what the configuration says beside them wins. */
async function userOf({ credentials, session }: Config, context: Context) {
  const own = { id: credentials?.access_key_id, secret: credentials?.secret_access_key }
  if (own.id !== undefined && own.secret !== undefined) {
    const keys = { accessKeyId: own.id, secretAccessKey: own.secret }
    return { keys, serial: credentials?.mfa_arn, seconds: session?.duration ?? SESSION.defaultSeconds }
  }
  const held = keysIn(await context.entrusted())
  return {
    keys: { accessKeyId: held.access_key_id, secretAccessKey: held.secret_access_key },
    serial: credentials?.mfa_arn ?? held.mfa_arn,
    seconds: session?.duration ?? held.session_seconds ?? SESSION.defaultSeconds,
  }
}

function keysIn(record: Secret): z.infer<typeof entrusted> {
  try {
    return entrusted.parse(JSON.parse(record.reveal()))
  } catch {
    throw new AuthError('StoreDamaged', 'The keys in the keyring cannot be read.', {
      hint: 'Run `atmosctl user configure` again.',
    })
  }
}

/** Keys end when somebody replaces them at AWS, which is when a person has to give new ones. */
const HINTS = {
  CredentialRejected:
    'Give the new keys: `atmosctl user configure`, or where the configuration takes them from.',
  AccessDenied: 'Where the user has an MFA device, name it in credentials.mfa_arn.',
}

type Mfa = { SerialNumber?: string; TokenCode?: string }

/** A mistyped code, or one that was used already, is asked for again; AWS counts only those that it was sent. */
const MOST_CODES = 3

async function withCode(
  serial: string,
  { prompt }: Context,
  session: (mfa: Mfa) => Promise<AwsCredential>,
): Promise<AwsCredential> {
  let label = `MFA code of ${serial}`
  for (let asked = 1; ; asked++) {
    const code = (await prompt.ask({ label, secret: false })).trim()
    try {
      if (!/^\d{6}$/.test(code)) throw wrongCode('An MFA code has six digits.')
      return await session({ SerialNumber: serial, TokenCode: code })
    } catch (error) {
      if (!isWrongCode(error)) throw error
      if (asked === MOST_CODES) throw wrongCode(error.message, error)
      label = `That code was not taken. The next MFA code of ${serial}`
    }
  }
}

/** AWS says no more than AccessDenied of a wrong code, but for its words. */
function isWrongCode(error: unknown): error is AuthError {
  if (!(error instanceof AuthError) || error.code !== 'AccessDenied') return false
  return /MFA code|MultiFactorAuthentication failed|one time pass code/.test(error.message)
}

function wrongCode(message: string, cause?: unknown): AuthError {
  const hint = 'Each code is good once: wait for the device to show the next. Check mfa_arn too.'
  return new AuthError('AccessDenied', message, { hint, cause })
}
