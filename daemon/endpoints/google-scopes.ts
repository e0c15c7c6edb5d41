/** Scopes as Google's tools name them, and which of them the usual token is good for. Pure. */
export const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform'

const MOST = 32
const LONGEST = 512
/** RFC 6749 section 3.3, without the comma that parts them at the metadata server. */
const SCOPE = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/

/** What else a tool asks for that asks for all of Google Cloud: it is part of that, or says who somebody is. */
const PART_OF_IT =
  /^(?:openid|email|profile|https:\/\/www\.googleapis\.com\/auth\/(?:userinfo\.\w+|accounts\.reauth|appengine\.admin|bigquery|bigtable\.[\w.]+|cloud-platform[\w.-]*|cloud\w+|compute[\w.]*|datastore|devstorage\.\w+|logging\.\w+|monitoring[\w.]*|ndev\.clouddns\.\w+|pubsub|service\.management[\w.]*|servicecontrol|spanner\.\w+|sqlservice\.\w+|trace\.\w+))$/

/** Whether these can be scopes at all. */
export function areScopes(names: readonly string[]): boolean {
  return names.length <= MOST && names.every((name) => name.length <= LONGEST && SCOPE.test(name))
}

/** The scopes that another token than the usual one is wanted for; undefined where that one will do. */
export function scopesBeyond(names: readonly string[]): readonly string[] | undefined {
  if (names.length === 0) return undefined
  if (names.includes(CLOUD_PLATFORM) && names.every((name) => PART_OF_IT.test(name))) return undefined
  return [...new Set(names)].sort()
}
