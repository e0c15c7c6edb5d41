/** What is done to an environment so that a tool in it has its credentials. Pure. */
export interface Environment {
  set: Record<string, string>
  /** What would win over it, or leads elsewhere. */
  unset: string[]
  /** Files of the grant's own directory, for this user alone. */
  files?: GrantFile[]
}

export interface GrantFile {
  path: string
  text: string
}

export type Before = Readonly<Record<string, string | undefined>>

/** `env` as the tool will see it. */
export function applied(env: Before, change: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !change.unset.includes(entry[0]),
  )
  return { ...Object.fromEntries(kept), ...change.set }
}

/** Addresses that no proxy can reach for us. */
const DIRECT = ['127.0.0.1', 'localhost', '169.254.169.254', '169.254.170.2', 'metadata.google.internal']

/** botocore asks even an address of this machine by way of a proxy, unless it is told not to. */
export function noProxy(own: Before, env: Before): Record<string, string> {
  const before = own.NO_PROXY ?? own.no_proxy ?? env.NO_PROXY ?? env.no_proxy ?? ''
  const hosts = before.split(',').map((host) => host.trim())
  const direct = [...new Set([...hosts.filter((host) => host !== ''), ...DIRECT])].join(',')
  return { NO_PROXY: direct, no_proxy: direct }
}

/** Leaves out what has no value. */
export function given(values: Before): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}
