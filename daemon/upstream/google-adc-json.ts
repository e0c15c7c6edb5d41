/** Reading JSON that somebody else wrote for Google's tools, and saying what is wrong with it. */
import { AuthError } from '../../shared/errors.ts'

export type Json = Readonly<Record<string, unknown>>
export type Read = ReturnType<typeof readerOf>

/** Texts by name: those that may be there, and those that must. */
export function readerOf(json: Json, path: string) {
  const may = (name: string): string | undefined => {
    const value = json[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const must = (name: string): string => {
    const value = may(name)
    if (value === undefined) throw broken(path, `has no ${name}`)
    return value
  }
  return { may, must }
}

export function objectIn(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

export function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(objectOf(value) ?? {}).map(([name, text]) => [name, String(text)]))
}

export function broken(path: string, fault: string): AuthError {
  return new AuthError(
    'ConfigInvalid',
    `The Google credentials in ${path} cannot be used: the file ${fault}.`,
    {
      hint: 'Run `gcloud auth application-default login`, or download the file anew.',
    },
  )
}

/** What is sound, but lives on something that this daemon has not or does not ask. */
export function unfollowed(path: string, what: string): AuthError {
  return new AuthError(
    'KindUnsupported',
    `The Google credentials in ${path} are not followed: it has ${what}.`,
    {
      hint: 'Run `gcloud auth application-default login`, or use gcp/workload-identity-federation.',
    },
  )
}
