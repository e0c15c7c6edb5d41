/** What the `credential_process` of an AWS profile runs (AWS SDKs and Tools Reference Guide, "Process credential provider"). */
import type { AwsCredentialReply } from '../../shared/credential-reply.ts'
import { formatInstant } from '../../shared/duration.ts'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import { type Command, identityOption } from '../command.ts'
import { daemonOf } from '../daemon.ts'
import type { Here } from '../here.ts'
import { chosenIdentity, SWITCHED_OFF } from '../identity.ts'

/** SDKs show the whole of standard error, and some cut it. */
const LONGEST = 480
/** Set for what this command runs, so that a profile cannot ask for its own credentials. */
const INSIDE = 'ATMOSD_CREDENTIAL_PROCESS'

export const credentialProcess: Command = {
  summary: 'Print a credential for the credential_process of a profile',
  usage: '[-i NAME]',
  options: { identity: identityOption.identity },
  examples: ['-i dev-admin', '-i dev-admin --chdir /path/to/project'],
  /** Whole on standard output, or one line on standard error: some SDKs print what they cannot parse. */
  async run(here, given) {
    try {
      const credential = await credentialFor(here, given.text('identity'))
      here.out(`${JSON.stringify(documentOf(credential))}\n`)
      return 0
    } catch (error) {
      const { message, hint } = asAuthError(error)
      here.err(`atmosctl: ${printable([message, hint].filter(Boolean).join(' '), LONGEST)}\n`)
      return 1
    }
  },
}

/** Nobody is asked anything: what runs this has the terminal. */
async function credentialFor(outside: Here, flag: string | undefined): Promise<AwsCredentialReply> {
  if (outside.env[INSIDE]) {
    throw new AuthError('Usage', 'The configuration asks for the credentials that it is to give.', {
      hint: 'A command of its !exec uses a profile whose credential_process is this one.',
    })
  }
  const here: Here = { ...outside, interactive: false, env: { ...outside.env, [INSIDE]: '1' } }
  const daemon = daemonOf(here)
  const chosen = await chosenIdentity(here, daemon, flag)
  if (chosen === SWITCHED_OFF) {
    throw new AuthError('Usage', 'The identity is switched off, so there are no credentials.', {
      hint: 'Name one with -i, or unset ATMOS_IDENTITY.',
    })
  }
  const credential = await daemon.credential(chosen)
  if (credential.type !== 'aws')
    throw new AuthError('Usage', `"${credential.identity}" gives no AWS credentials.`, {
      hint: 'Name an identity of AWS with -i.',
    })
  if (credential.expiresAt > here.now()) return credential
  throw new AuthError('LoginExpired', `The credential of "${credential.identity}" has ended.`, {
    hint: 'Is the clock right? Sign in again with `atmosctl login`.',
  })
}

function documentOf(credential: AwsCredentialReply): object {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt, accountId } = credential
  return {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: formatInstant(expiresAt),
    ...(accountId === undefined ? {} : { AccountId: accountId }),
  }
}
