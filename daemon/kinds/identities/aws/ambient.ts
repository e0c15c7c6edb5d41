import * as z from 'zod'
import { defineIdentity } from '../../contract.ts'
import { awsSpec, region, resolver } from '../../fields.ts'
import { notYet } from '../../not-yet.ts'

const config = z
  .strictObject({
    principal: z.strictObject({ region: region.optional() }).optional(),
    credentials: resolver.optional(),
    spec: awsSpec.optional(),
  })
  .describe('Whatever AWS credentials the machine has')

/** The AWS credentials that the machine has anyway: an instance's role, a pod's, or the environment's. */
export default defineIdentity<z.infer<typeof config>, never, 'aws'>({
  accepts: [],
  yields: 'aws',
  config,
  assume: notYet('aws/ambient'),
  principal: () => 'of this machine',
  lifetime: 'Whoever gives the machine its credentials decides how long they last.',
})
