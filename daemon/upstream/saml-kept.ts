/** What is kept in the keyring from one sign-in at a SAML identity provider to the next. */
import type { Cookie } from 'playwright-core'
import { Secret } from '../../shared/secret.ts'

export interface KeptSignIn {
  username?: string
  password?: string
  /** Cookies that a browser forgets when it closes; its profile has the others. */
  cookies?: Cookie[]
  /** Whether the last sign-in went without a person, so that the background may try. */
  unattended: boolean
}

/** Far more than any identity provider's session. */
const MOST_CHARACTERS = 100_000

/** The text of a record; without the cookies where those are too many. */
export function keptText(kept: KeptSignIn): Secret {
  const text = JSON.stringify(kept)
  return new Secret(text.length <= MOST_CHARACTERS ? text : JSON.stringify({ ...kept, cookies: undefined }))
}

/** What `keptText` made a text of; nothing where it cannot be read. */
export function keptSignIn(record: Secret | undefined): KeptSignIn {
  try {
    const { username, password, cookies, unattended } = JSON.parse(record?.reveal() ?? '{}')
    return {
      ...(typeof username === 'string' ? { username } : {}),
      ...(typeof password === 'string' ? { password } : {}),
      ...(Array.isArray(cookies) ? { cookies } : {}),
      unattended: unattended === true,
    }
  } catch {
    return { unattended: false }
  }
}
