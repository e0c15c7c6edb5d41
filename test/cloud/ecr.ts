/** ECR and ECR Public: GetAuthorizationToken, in their JSON protocol and signed each by its own name. */
import { verifySignature } from './sigv4.ts'
import { issueSecret, type State } from './state.ts'
import { type Asked, jsonReply, type Reply } from './wire.ts'

export function getAuthorizationToken(state: State, asked: Asked): Reply {
  const { key } = verifySignature(state, asked, 'ecr')
  const proxyEndpoint = `https://${key.account}.dkr.ecr.us-east-1.amazonaws.com`
  return jsonReply({ authorizationData: [{ ...token(state), proxyEndpoint }] })
}

export function getPublicAuthorizationToken(state: State, asked: Asked): Reply {
  verifySignature(state, asked, 'ecr-public')
  return jsonReply({ authorizationData: token(state) })
}

function token(state: State) {
  const authorizationToken = Buffer.from(`AWS:${issueSecret(state)}`).toString('base64')
  const expiresAt = state.now() / 1000 + state.lifetimes.registryTokenSeconds
  return { authorizationToken, expiresAt }
}
