import type * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { gcpSpec, projectId, region, scopes } from '../../fields/gcp.ts'
import { notYet } from '../../not-yet.ts'

const config = eitherPlace(
  { project_id: projectId.optional(), region: region.optional(), scopes: scopes.optional() },
  gcpSpec,
).describe('Application Default Credentials of this machine')

/** Application Default Credentials, as `gcloud auth application-default login` leaves them. */
export default defineProvider<z.infer<typeof config>, 'gcp-token'>({
  yields: 'gcp-token',
  config,
  interactive: false,
  login: notYet('gcp/adc'),
  lifetime: 'Google decides how long its access tokens last.',
})
