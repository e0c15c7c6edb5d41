/** Whose sign-in it is: a name and a password from the configuration, from the last time, or from the person, once. */
import { AuthError } from '../../shared/errors.ts'
import { Secret } from '../../shared/secret.ts'
import type { KeptSignIn } from './saml-kept.ts'

export interface AccountPrompt {
  ask(question: { label: string; secret: boolean }): Promise<string>
  wait(shown: { what: string; expiresAt: number }): void
}

export interface Account {
  /** Host of the identity provider, for people. */
  host: string
  prompt: AccountPrompt
  user(): Promise<string>
  /** Another one each time, since the one before was refused; LoginRefused when it is enough. */
  password(): Promise<Secret>
  /** A code that is good once; LoginRefused when it is enough. */
  code(what: string): Promise<string>
  /** That a person did something that the next sign-in would need again. */
  attended(): void
  /** What to keep after a sign-in, and what after one that failed. */
  toKeep(done: boolean): KeptSignIn
}

/** The first and one more: an identity provider locks who goes on guessing. */
const MOST_TRIES = 2

interface Given {
  username?: string | undefined
  password?: Secret | undefined
}

export function accountAt(host: string, given: Given, kept: KeptSignIn, prompt: AccountPrompt): Account {
  let username = given.username ?? kept.username
  let password: string | undefined
  let unattended = true
  let codes = 0
  let asked = 0
  let tries = 0
  // A password of the configuration is the only one: nobody is asked for another.
  const known = [given.password?.reveal() ?? kept.password].filter((one) => one !== undefined)

  async function user(): Promise<string> {
    username ??= await answer(`User name at ${host}`, false)
    return username
  }

  async function answer(label: string, secret: boolean): Promise<string> {
    const text = await prompt.ask({ label, secret })
    if (text !== '') return text
    throw new AuthError('LoginRefused', `Nothing was given for: ${label}.`, { hint: 'Sign in again.' })
  }

  return {
    host,
    prompt,
    user,
    async password() {
      const next = known.shift()
      if (next === undefined && password !== undefined) refuse(given, host, asked)
      if (next === undefined) asked += 1
      tries += 1
      password = next ?? (await answer(`Password of ${await user()} at ${host}`, true))
      return new Secret(password)
    },
    async code(what) {
      unattended = false
      codes += 1
      if (codes > MOST_TRIES) throw wrong(host, 'the code twice', 'Sign in again with the next code.')
      return answer(codes === 1 ? what : `That code was refused. ${what}`, false)
    },
    attended: () => {
      unattended = false
    },
    toKeep(done) {
      if (!done) return leftOf(kept, tries)
      const name = username === undefined ? {} : { username }
      // What the configuration has stays there.
      const word = password === undefined || given.password ? {} : { password }
      return { ...name, ...word, unattended: unattended && password !== undefined }
    },
  }
}

/** After a failure the background leaves it alone, and a password that was refused is not kept. */
function leftOf({ username, password }: KeptSignIn, tries: number): KeptSignIn {
  const name = username === undefined ? {} : { username }
  return { ...name, ...(password === undefined || tries > 1 ? {} : { password }), unattended: false }
}

/** Says no more where another password would not help, or where enough were tried. */
function refuse(given: Given, host: string, asked: number): void {
  if (given.password)
    throw wrong(host, 'the user name or the password of the configuration', 'Correct them there.')
  if (asked >= MOST_TRIES)
    throw wrong(host, 'the user name or the password', 'Check both, then sign in again; too many tries lock.')
}

function wrong(host: string, what: string, hint: string): AuthError {
  return new AuthError('LoginRefused', `${host} refused ${what}.`, { hint })
}
