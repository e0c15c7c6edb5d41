/** The two requests of a library that reads a credential file of the type external_account. */
import { environmentOf } from '../../client/environment/environment.ts'
import { posted } from './form.ts'
import type { Google as Whole } from './google-daemon.ts'
import { raw } from './raw.ts'

type Google = Pick<Whole, 'reply' | 'common'>

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'

export function fileOf(at: Google) {
  const { files = [] } = environmentOf(at.reply, {})
  const text = files.find(({ path }) => path.endsWith('google.json'))?.text ?? ''
  return { text, document: JSON.parse(text) }
}

export function subject(
  at: Google,
  lines: readonly string[] = [`Authorization: Bearer ${at.reply.token}`],
  id = at.reply.id,
) {
  const head = [`GET /gcp/${id}/subject HTTP/1.1`, `Host: 127.0.0.1:${at.common}`, ...lines]
  return raw(at.common, `${head.join('\r\n')}\r\n\r\n`, 1_000)
}

export const subjectOf = async (at: Google): Promise<string> =>
  JSON.parse((await subject(at)).body).subject_token

/** The form of Google's libraries; what is undefined is left out. */
export async function exchanged(
  at: Google,
  change: Record<string, string | undefined> = {},
  id = at.reply.id,
) {
  const { document } = fileOf(at)
  const fields: Record<string, string | undefined> = {
    grant_type: TOKEN_EXCHANGE,
    audience: document.audience,
    scope: CLOUD,
    requested_token_type: ACCESS_TOKEN,
    subject_token_type: document.subject_token_type,
    subject_token: 'subject_token' in change ? undefined : await subjectOf(at),
    ...change,
  }
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value)
  const answer = await posted(at.common, `/gcp/${id}/token`, String(form))
  return { ...answer, said: JSON.parse(answer.body) }
}
