import * as z from 'zod'
import { AuthError } from '../../../../shared/errors.ts'
import type { Secret } from '../../../../shared/secret.ts'
import { hinting } from '../../../upstream/aws-faults.ts'
import { awsLogin, awsRenewal } from '../../../upstream/aws-signin-flow.ts'
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
    webflow_enabled: z
      .boolean()
      .optional()
      .describe('Whether a person signs in to AWS in the browser where there are no keys; true without it'),
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
  .describe(
    'An IAM user by long-term keys, of the configuration or of the keyring, or by a sign-in in the browser',
  )
type Config = z.infer<typeof config>

/** Keys as `atmosctl user configure` leaves them in the keyring. */
const entrusted = z.object({
  access_key_id: z.string(),
  secret_access_key: secret,
  mfa_arn: z.string().optional(),
  session_seconds: z.int().optional(),
})

/**
 * An IAM user's long-term keys, which never leave the daemon: tools get a session of GetSessionToken. Where there are
 * none, whoever signs in to AWS in the browser, as with `aws login`.
 */
export default defineIdentity<Config, never, 'aws'>({
  accepts: [],
  yields: 'aws',
  config,
  async assume(config, _, context, held) {
    if (held?.renewal) return awsRenewal(signinOf(context), held)
    const user = await userOf(config, context)
    return user ? sessionOfUser(user, context) : awsLogin(signinOf(context), context)
  },
  principal: ({ credentials }) => {
    if (credentials?.access_key_id) return `user of ${credentials.access_key_id}`
    return bySignIn(credentials) ? 'user by keys in the keyring or sign-in' : 'user with keys in the keyring'
  },
  noConsole:
    'AWS lets roles into its console, and no session of a user; the browser that signed in for one is in it already.',
  entrusts: ({ credentials }) => credentials?.access_key_id === undefined,
})

function signinOf({ clock, random, region, signal, endpoint }: Context) {
  return { clock, random, region, signal, endpoint: endpoint('signin') }
}

function bySignIn(credentials: Config['credentials']): boolean {
  return credentials?.webflow_enabled !== false
}

/** A keyring that cannot be read is no keyring without keys: only the latter leads to the browser. */
function unlessNone(error: AuthError): undefined {
  if (error.code !== 'LoginRequired') throw error
}

interface User {
  keys: { accessKeyId: string; secretAccessKey: Secret }
  /** Of the MFA device, where there is one. */
  serial: string | undefined
  seconds: number
}

async function sessionOfUser({ keys, serial, seconds }: User, context: Context) {
  const at = { region: context.region, endpoint: context.endpoint('sts'), keys, signal: context.signal }
  const code = serial === undefined ? {} : await mfa(serial, context)
  const hints = serial === undefined ? HINTS : { ...HINTS, AccessDenied: NEXT_CODE }
  return sessionTokenRequest(at, { DurationSeconds: seconds, ...code }).catch(hinting(hints))
}

/** The configuration's keys, else those in the keyring; what the configuration says beside them wins. */
async function userOf({ credentials, session }: Config, context: Context): Promise<User | undefined> {
  const own = { id: credentials?.access_key_id, secret: credentials?.secret_access_key }
  if (own.id !== undefined && own.secret !== undefined) {
    const keys = { accessKeyId: own.id, secretAccessKey: own.secret }
    return { keys, serial: credentials?.mfa_arn, seconds: session?.duration ?? SESSION.defaultSeconds }
  }
  const record = bySignIn(credentials)
    ? await context.entrusted().catch(unlessNone)
    : await context.entrusted()
  if (!record) return undefined
  const held = keysIn(record)
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

const NEXT_CODE = 'Each code is good once: sign in again with the next one. Check mfa_arn too.'

/** One question is for all who wait; a wrong code ends the sign-in, since a pipe has no second one. */
async function mfa(serial: string, { prompt }: Context) {
  const TokenCode = (await prompt.ask({ label: `MFA code of ${serial}`, secret: false })).trim()
  if (/^\d{6}$/.test(TokenCode)) return { SerialNumber: serial, TokenCode }
  throw new AuthError('AccessDenied', 'An MFA code has six digits.', { hint: NEXT_CODE })
}
