import * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { awsSpec, duration, endpoint, region, secret } from '../../fields.ts'
import { notYet } from '../../not-yet.ts'

const driver = z.enum(['Browser', 'GoogleApps', 'Okta', 'ADFS'])

const config = z
  .strictObject({
    url: endpoint.describe('Address of the SAML application at the identity provider'),
    region,
    driver: driver.optional().describe('How the identity provider is signed in to'),
    provider_type: driver.optional().describe('The older name of driver'),
    username: z.string().min(1).optional(),
    password: secret.optional(),
    download_browser_driver: z.boolean().optional(),
    browser_type: z.string().min(1).optional().describe('Browser to use, such as chrome, msedge or firefox'),
    browser_executable_path: z.string().min(1).optional(),
    session: z.strictObject({ duration: duration(900, 43_200, 'from 15m to 12h').optional() }).optional(),
    spec: awsSpec.optional(),
  })
  .superRefine((given, context) => {
    if (given.provider_type === undefined || given.provider_type === (given.driver ?? given.provider_type))
      return
    const message = 'is the older name of driver and not the same; remove it'
    context.addIssue({ code: 'custom', path: ['provider_type'], message })
  })
  .transform(({ provider_type, ...given }) => ({ ...given, driver: given.driver ?? provider_type }))
  .describe('Sign-in at a SAML identity provider')

/** Sign-in at a SAML identity provider, whose assertion AWS takes once. */
export default defineProvider<z.infer<typeof config>, 'saml-assertion'>({
  yields: 'saml-assertion',
  config,
  interactive: true,
  login: notYet('aws/saml'),
})
