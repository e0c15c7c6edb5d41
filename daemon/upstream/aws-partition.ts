/** The partitions of AWS whose hosts are public. Pure. */
import { AuthError } from '../../shared/errors.ts'

export interface Partition {
  /** What the hosts of its services end in. */
  services: string
  /** What the hosts of its web console end in. */
  console: string
}

const PARTITIONS: readonly (Partition & { regions: RegExp })[] = [
  { regions: /^cn-/, services: 'amazonaws.com.cn', console: 'amazonaws.cn' },
  { regions: /^us-gov-/, services: 'amazonaws.com', console: 'amazonaws-us-gov.com' },
  { regions: /^(?!(?:us|eu)-iso[a-z]?-|eusc-)/, services: 'amazonaws.com', console: 'aws.amazon.com' },
]

/** The partition of a region. KindUnsupported where its hosts are not known. */
export function partitionOf(region: string): Partition {
  const found = PARTITIONS.find(({ regions }) => regions.test(region))
  if (found) return found
  throw new AuthError('KindUnsupported', `atmosd does not know the hosts of ${region}.`, {
    hint: 'It knows those of the partitions aws, aws-cn and aws-us-gov.',
  })
}
