import type * as z from 'zod'
import { adcIdToken, adcToken } from '../../../upstream/google-adc.ts'
import { ADC_VARIABLES, adcOf } from '../../../upstream/google-adc-place.ts'
import { defineProvider } from '../../contract.ts'
import { eitherPlace } from '../../fields/either-place.ts'
import { gcpSpec, projectId, region, scopes } from '../../fields/gcp.ts'

const config = eitherPlace(
  { project_id: projectId.optional(), region: region.optional(), scopes: scopes.optional() },
  gcpSpec,
).describe('Application Default Credentials of this machine')

/**
 * Application Default Credentials, as `gcloud auth application-default login` leaves them: of the shell that asks, and
 * read anew each time. A person's sign-in, a service account's key, a workload of another issuer, or one of them acting
 * as a service account; what would run a program is refused. No metadata server is asked, as this daemon has its own.
 */
export default defineProvider<z.infer<typeof config>, 'gcp-token'>({
  yields: 'gcp-token',
  config,
  interactive: false,
  variables: ADC_VARIABLES,
  async login(config, context) {
    return adcToken(context, await adcOf(context.variable), context.scopes ?? config.scopes)
  },
  scoped: true,
  async identify(_, audience, context) {
    return adcIdToken(context, await adcOf(context.variable), audience)
  },
  facts: ({ project_id: project, region }) => ({ project, region }),
  lifetime: 'Google decides how long its access tokens last.',
})
