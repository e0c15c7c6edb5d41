/** A real program under `atmosctl exec`, in a shell that has other credentials already. */
import type { Cloud } from '../cloud/cloud.ts'
import type { TestHome } from './house.ts'
import { talkTo } from './talk.ts'

export const ROLE = /^arn:aws:sts::222222222222:assumed-role\/ProductionAdmin\/sandbox$/
/** Lives of so long; the first half they are fresh. */
export const LIFE_SECONDS = 6
export const lifetimes = { roleCredentialsSeconds: LIFE_SECONDS, assumeRoleSeconds: LIFE_SECONDS }

/** What a shell may have that wins over the credentials of a grant, or is asked before them. */
const INHERITED = {
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/of/another/agent',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/nonexistent/token',
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'of-another-agent',
  AWS_PROFILE: 'another',
  AWS_ACCESS_KEY_ID: 'AKIAOFSOMEBODYELSE00',
  AWS_SECRET_ACCESS_KEY: 'x',
  HTTP_PROXY: 'http://127.0.0.1:1',
}

/** A program under `atmosctl exec`. */
export function under(home: TestHome, cloud: Cloud, command: string[]) {
  const env = { ...INHERITED, AWS_ENDPOINT_URL_STS: cloud.url }
  const child = home.start(['exec', '-i', 'prod-admin', '--', ...command], { env })
  return { child, ...talkTo(child) }
}
