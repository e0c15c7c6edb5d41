/** Amazon EKS, of which one call is needed: too little for an SDK client of its own. */
import { AuthError } from '../../shared/errors.ts'
import { type AwsCall, signedRequest } from './aws-json.ts'
import { partitionOf } from './aws-partition.ts'

export interface Eks extends AwsCall {
  region: string
  endpoint: string | undefined
}

export interface Cluster {
  /** Its ARN. */
  id: string
  /** Address of its API server. */
  server: string
  /** Certificates of its authority: PEM in base64. */
  authority: string
}

/** What EKS says of a cluster, as far as it is read here (EKS API Reference, "Cluster"). */
export interface ClusterData {
  arn?: string
  status?: string
  endpoint?: string
  certificateAuthority?: { data?: string }
}

/** DescribeCluster. `name` is the name of a cluster, in which nothing needs escaping. */
export async function clusterRequest(at: Eks, name: string): Promise<Cluster> {
  const origin = at.endpoint ?? `https://eks.${at.region}.${partitionOf(at.region).services}`
  const answer = await signedRequest(at, {
    service: 'eks',
    region: at.region,
    what: `describe the cluster ${name}`,
    method: 'GET',
    url: new URL(`${origin.replace(/\/+$/, '')}/clusters/${name}`),
    headers: {},
    body: '',
  })
  return processCluster(name, (answer as { cluster?: ClusterData }).cluster)
}

/** The cluster where it can be used; Pending while it is made, UpstreamInvalid where it cannot be used. */
export function processCluster(name: string, data: ClusterData | undefined): Cluster {
  const { arn, status, endpoint, certificateAuthority } = data ?? {}
  if (status === 'CREATING' || status === 'PENDING')
    throw new AuthError('Pending', `The cluster ${name} is still being made.`, { hint: 'Try again later.' })
  if (status === 'DELETING' || status === 'FAILED')
    throw new AuthError('UpstreamInvalid', `The cluster ${name} cannot be used: it is ${status}.`)
  const authority = certificateAuthority?.data
  // Without TLS kubectl would send no token at all, and without the authority it would trust anybody.
  if (!arn || !authority || URL.parse(endpoint ?? '')?.protocol !== 'https:')
    throw new AuthError('UpstreamUnavailable', 'AWS answered DescribeCluster with nothing usable.')
  return { id: arn, server: endpoint as string, authority }
}
