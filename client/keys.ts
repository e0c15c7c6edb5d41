/** Long-term keys of an IAM user as a person types them, or as a script hands them over. */
import { parseDuration } from '../shared/duration.ts'
import { AuthError } from '../shared/errors.ts'
import type { KeysRequest } from '../shared/requests.ts'
import { ask, type Field } from './form.ts'
import type { Here } from './here.ts'

export type Keys = NonNullable<KeysRequest['keys']>

const USUAL_DURATION = '12h'
const LEAST_SECONDS = 900
const MOST_SECONDS = 129_600

const checks = {
  access_key_id: (text) =>
    text.startsWith('ASIA')
      ? 'belongs to a temporary session; keys of a user begin with AKIA'
      : /^\w{16,128}$/.test(text)
        ? undefined
        : 'is no access key id',
  secret_access_key: (text) => (text === '' ? 'is empty' : undefined),
  mfa_arn: (text) =>
    text === '' || /^arn:aws[a-z-]*:iam::\d{12}:mfa\/.+|^\w{9,256}$/.test(text)
      ? undefined
      : 'is no ARN of an MFA device, such as arn:aws:iam::123456789012:mfa/name',
  session_duration(text) {
    const seconds = parseDuration(text)
    if (seconds === undefined) return 'is not a duration such as 3600, 1h30m or 12h'
    return seconds < LEAST_SECONDS || seconds > MOST_SECONDS ? 'must be from 15m to 36h' : undefined
  },
} satisfies Record<string, (text: string) => string | undefined>

type Name = keyof typeof checks
type Texts = Record<Name, string>

/** Asks for each on the terminal. */
export async function typedKeys(here: Here): Promise<Keys> {
  const field = (name: Name, label: string, more: Partial<Field> = {}) => {
    const wrong = (answer: string) => sentence(label, checks[name](answer))
    return ask(here, { label, wrong, ...more })
  }
  return keysFrom({
    access_key_id: await field('access_key_id', 'Access Key ID'),
    secret_access_key: await field('secret_access_key', 'Secret Access Key', { secret: true }),
    mfa_arn: await field('mfa_arn', 'MFA ARN (empty for none)'),
    session_duration: await field('session_duration', 'Session duration', { usual: USUAL_DURATION }),
  })
}

/** The keys in a JSON object of the same names in snake case. Usage where it is something else. */
export function parseKeys(text: string): Keys {
  const given = objectIn(text)
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(checks, name))
  if (unknown.length > 0) throw malformed(`has no setting ${unknown.join(', ')}`)
  const textOf = (name: Name, usual: string) => String(given[name] ?? usual).trim()
  const texts: Texts = {
    access_key_id: textOf('access_key_id', ''),
    secret_access_key: textOf('secret_access_key', ''),
    mfa_arn: textOf('mfa_arn', ''),
    session_duration: textOf('session_duration', USUAL_DURATION),
  }
  for (const [name, wrong] of Object.entries(checks)) {
    const fault = wrong(texts[name as Name])
    if (fault !== undefined) throw malformed(`is wrong: ${name} ${fault}`)
  }
  return keysFrom(texts)
}

function keysFrom({ access_key_id, secret_access_key, mfa_arn, session_duration }: Texts): Keys {
  return {
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
    ...(mfa_arn === '' ? {} : { mfaArn: mfa_arn }),
    sessionSeconds: parseDuration(session_duration),
  }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {} // its message would show a part of the text, and with it of a secret
  throw malformed('is no JSON object')
}

function malformed(how: string): AuthError {
  return new AuthError('Usage', `What came on standard input ${how}.`, {
    hint: 'It takes access_key_id, secret_access_key, and perhaps mfa_arn and session_duration.',
  })
}

function sentence(label: string, fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : `${label} ${fault}.`
}
