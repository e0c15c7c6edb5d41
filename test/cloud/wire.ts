/** Requests and answers as the services of the sandbox see them, and errors in the forms that the AWS SDKs read. */

export interface Asked {
  method: string
  /** Path and query as they were sent. */
  target: string
  path: string
  query: URLSearchParams
  headers: Readonly<Record<string, string | undefined>>
  body: string
}

export interface Reply {
  status: number
  headers?: Record<string, string>
  body: string
}

/** An error of a service: the name that the SDKs know it by, and the status that goes with it. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly retryAfterSeconds: number | undefined
  /** OAuth's name, where it does not follow from AWS's. */
  readonly error: string | undefined
  constructor(
    status: number,
    code: string,
    message: string,
    more: { retryAfterSeconds?: number | undefined; error?: string | undefined } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = more.retryAfterSeconds
    this.error = more.error
  }
}

export function jsonReply(value: unknown, status = 200): Reply {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) }
}

/** REST-JSON: the name in a header, and OAuth's own fields in the body. */
export function jsonError({ status, code, message, retryAfterSeconds, ...refused }: Refused): Reply {
  const derived = code
    .replace(/Exception$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase()
  const error = refused.error ?? derived
  const reply = jsonReply({ error, error_description: message, message, __type: code }, status)
  return {
    ...reply,
    headers: { ...reply.headers, 'x-amzn-errortype': code, ...retryAfter(retryAfterSeconds) },
  }
}

/** Google's APIs (google.rpc.Status): the code is a name such as PERMISSION_DENIED. */
export function googleError({ status, code, message, retryAfterSeconds }: Refused): Reply {
  const reply = jsonReply({ error: { code: status, message, status: code } }, status)
  return { ...reply, headers: { ...reply.headers, ...retryAfter(retryAfterSeconds) } }
}

/** The query protocol of STS. */
export function xmlError({ status, code, message, retryAfterSeconds }: Refused): Reply {
  const type = status < 500 ? 'Sender' : 'Receiver'
  return {
    status,
    headers: { 'Content-Type': 'text/xml', ...retryAfter(retryAfterSeconds) },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>sandbox</RequestId></ErrorResponse>`,
  }
}

function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) }
}

export function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
