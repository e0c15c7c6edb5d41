/** What requests say of a cluster: zod schemas, as those of requests.ts. */
import * as z from 'zod'
import { AWS_REGION, EKS_CLUSTER, ROLE_ARN } from './aws-names.ts'

const cluster = z.string().regex(EKS_CLUSTER, 'is no name of a cluster')
const region = z.string().regex(AWS_REGION, 'is no region such as us-east-1')
/** A role that is assumed from the identity, for the tokens of a cluster. */
const roleArn = z.string().max(2_048).regex(ROLE_ARN, 'is no ARN of a role')
const kubeName = z.string().min(1).max(1_024)

/** Whose token is wanted; without a region, one of the identity's. */
export const eksToken = { cluster, region: region.optional(), roleArn: roleArn.optional() }

/** A cluster of EKS; without a region, in the identity's. */
export const ClusterWanted = z.strictObject({ name: cluster, region: region.optional() })

/** How a cluster is entered in kubeconfig, in place of what its integration says. */
export const ClusterManner = z.strictObject({
  alias: kubeName.optional(),
  userAlias: kubeName.optional(),
  file: z.string().startsWith('/').max(4_096).optional(),
  roleArn: roleArn.optional(),
})
