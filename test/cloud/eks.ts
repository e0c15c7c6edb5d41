/** EKS: DescribeCluster, in its REST-JSON protocol. Every name is that of a cluster in the account of who asks. */
import { verifySignature } from './sigv4.ts'
import type { State } from './state.ts'
import { type Asked, jsonReply, Refused, type Reply } from './wire.ts'

export function describeCluster(state: State, asked: Asked): Reply {
  const { key } = verifySignature(state, asked, 'eks')
  const name = asked.path.slice('/clusters/'.length)
  const change = state.clusters.get(name)
  if (change === null)
    throw new Refused(404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`)
  const region = asked.headers.authorization?.split('/')[2] ?? ''
  const {
    status = 'ACTIVE',
    endpoint = `https://${name}.eks.example`,
    authority = Buffer.from('a certificate').toString('base64'),
  } = change ?? {}
  const arn = `arn:aws:eks:${region}:${key.account}:cluster/${name}`
  return jsonReply({
    cluster: { name, arn, status, endpoint, certificateAuthority: { data: authority }, version: '1.33' },
  })
}
