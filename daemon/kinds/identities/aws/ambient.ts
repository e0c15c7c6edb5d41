import * as z from 'zod'
import { AuthError } from '../../../../shared/errors.ts'
import { DEFAULT_CHAIN, defaultChain } from '../../../upstream/aws-default-chain.ts'
import { defineIdentity } from '../../contract.ts'
import { awsSpec, region, resolver } from '../../fields.ts'

const config = z
  .strictObject({
    principal: z.strictObject({ region: region.optional() }).optional(),
    credentials: resolver.optional(),
    spec: awsSpec.optional(),
  })
  .describe('Whatever AWS credentials the machine has')

/**
 * The AWS credentials that the client's shell has anyway, in the order of the AWS SDKs: the profile of AWS_PROFILE,
 * keys of the environment, a web identity, the `default` profile, the container's endpoint, the instance's role. All
 * of it is the client's: the daemon's own environment, and a file by a relative path, mean nothing here.
 *
 * What ends is read or asked for again, so files and roles that rotate are followed; variables stay as they were when
 * the tool began. A user's long-term keys never leave the daemon: tools get a session of GetSessionToken. Keys of a
 * session with no known end are good while AWS says whose they are. Profiles that would run a program, open a
 * browser or assume a role are refused, and so is what this daemon itself serves, which would be a circle.
 */
export default defineIdentity<z.infer<typeof config>, never, 'aws'>({
  accepts: [],
  yields: 'aws',
  config,
  variables: DEFAULT_CHAIN,
  async assume(_, __, context) {
    const found = await defaultChain({ ...context, endpoint: context.endpoint('sts') })
    if (found) return found
    throw new AuthError('EnvironmentMissing', 'This shell has no AWS credentials, nor has the machine.', {
      hint: 'Set AWS_PROFILE or keys, or use an identity that a person can sign in to.',
    })
  },
  principal: () => 'of this machine',
  lifetime: 'Whoever gives the machine its credentials decides how long they last.',
})
