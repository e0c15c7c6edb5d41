/** Shapes of names of AWS that become part of hosts, addresses and commands. Pure. */

/** A region, such as us-gov-west-1, as it stands in a longer pattern. */
export const REGION = '[a-z]{2,5}(?:-[a-z]+)+-\\d{1,2}'
export const AWS_REGION = new RegExp(`^${REGION}$`)

/** An IAM role by its ARN, in any partition. */
export const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/

/** An EKS cluster (EKS API Reference, CreateCluster). */
export const EKS_CLUSTER = /^[A-Za-z0-9][\w-]{0,99}$/
