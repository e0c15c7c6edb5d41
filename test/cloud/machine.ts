/** What a machine of the cloud gives whoever runs on it: the container's endpoint, and EC2's metadata service, version 2. */
import { issueKeys, type State } from './state.ts'
import { type Asked, jsonReply, type Reply } from './wire.ts'

export const CONTAINER_SECRET = 'pod-secret'
const METADATA_TOKEN = 'metadata-token'
const ROLES = '/latest/meta-data/iam/security-credentials/'

export function containerCredentials(state: State, { headers }: Asked): Reply {
  if (headers.authorization !== CONTAINER_SECRET) return jsonReply({ code: 'AccessDenied' }, 403)
  return jsonReply({ ...given(state, 'Pod'), AccountId: '222222222222' })
}

export function metadataToken(_: State, { headers }: Asked): Reply {
  const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds'])
  return seconds >= 1 && seconds <= 21_600 ? text(METADATA_TOKEN) : text('', 400)
}

export function metadata(state: State, { path, headers }: Asked): Reply {
  if (headers['x-aws-ec2-metadata-token'] !== METADATA_TOKEN) return text('', 401)
  if (path === ROLES) return text('Instance')
  if (path !== `${ROLES}Instance`) return text('', 404)
  return jsonReply({ Code: 'Success', Type: 'AWS-HMAC', ...given(state, 'Instance') })
}

function given(state: State, role: string) {
  const arn = `arn:aws:sts::222222222222:assumed-role/${role}/i-0`
  const keys = issueKeys(state, { account: '222222222222', arn, chained: true }, 21_600)
  return {
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    Token: keys.sessionToken,
    Expiration: `${new Date(keys.expiresAt).toISOString().slice(0, 19)}Z`,
  }
}

function text(body: string, status = 200): Reply {
  return { status, headers: { 'Content-Type': 'text/plain' }, body }
}
