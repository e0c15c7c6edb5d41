import * as z from 'zod'
import { isGoogleRegistry } from '../../../../shared/cloud-registries.ts'
import { defineIntegration } from '../../contract.ts'
import { autoProvision } from '../../fields/integration.ts'

/** The name under which Google's registries take an access token. */
const USERNAME = 'oauth2accesstoken'

const config = z
  .strictObject({
    spec: z.strictObject({
      auto_provision: autoProvision,
      registry: z.strictObject({
        host: z
          .string()
          .refine(isGoogleRegistry, 'must be a host of Artifact Registry, such as europe-docker.pkg.dev'),
      }),
    }),
  })
  .describe('Sign-in of Docker to Artifact Registry')

/** Docker signed in to a host of Artifact Registry, by the access token itself. */
export default defineIntegration<z.infer<typeof config>, 'gcp-token'>({
  accepts: ['gcp-token'],
  passesOn: true,
  config,
  apply: ({ spec: { registry } }) => ({ type: 'docker', registries: [registry.host] }),
  assume: async (_, { accessToken, expiresAt }) => ({
    type: 'registry-token',
    username: USERNAME,
    token: accessToken,
    expiresAt,
  }),
})
