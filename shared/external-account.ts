/** What the credential file of Google's libraries and the endpoint behind it agree on. See https://google.aip.dev/auth/4117. */
export const SUBJECT_TOKEN_FIELD = 'subject_token'
export const SUBJECT_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:jwt'

/** The libraries want the name of a pool with the number of a project; it is of this machine alone. */
export function poolAudience(projectNumber = '0'): string {
  const pool = `projects/${projectNumber}/locations/global/workloadIdentityPools/atmosd`
  return `//iam.googleapis.com/${pool}/providers/atmosd`
}

export function isPoolAudience(audience: string): boolean {
  const number = /^\/\/iam\.googleapis\.com\/projects\/(\d{1,20})\//.exec(audience)?.[1]
  return number !== undefined && audience === poolAudience(number)
}
