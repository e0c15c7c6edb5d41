import * as z from 'zod'
import type { SamlAssertion } from '../../../../shared/credential.ts'
import { browserTypes } from '../../../upstream/browsers.ts'
import { samlLogin, samlRefresh } from '../../../upstream/saml-login.ts'
import { processResponse } from '../../../upstream/saml-response.ts'
import { type Complaint, type Context, defineProvider } from '../../contract.ts'
import { awsSpec, duration, endpoint, region, secret } from '../../fields.ts'

const driver = z.enum(['Browser', 'GoogleApps', 'Okta', 'ADFS'])

const config = z
  .strictObject({
    url: endpoint.describe('Address of the SAML application at the identity provider'),
    region,
    driver: driver
      .optional()
      .describe('How to sign in: in a browser of this machine, or by the forms of one identity provider'),
    provider_type: driver.optional().describe('The older name of driver'),
    username: z.string().min(1).optional().describe('Asked for where it is not here; not used by Browser'),
    password: secret.optional().describe('Asked for once and kept in the keyring where it is not here'),
    download_browser_driver: z
      .boolean()
      .optional()
      .describe('Without effect: the browser that is installed is used'),
    browser_type: z
      .string()
      .min(1)
      .optional()
      .describe(`One of ${browserTypes.join(', ')}`),
    browser_executable_path: z.string().min(1).optional().describe('File of the browser to use'),
    session: z
      .strictObject({
        duration: duration(900, 43_200, 'from 15m to 12h')
          .optional()
          .describe('How long the role after it lasts; renewed unasked only while its sign-in does'),
      })
      .optional(),
    spec: awsSpec
      .extend({
        headless: z
          .boolean()
          .optional()
          .describe('No window, for an identity provider that knows this machine (Kerberos, a certificate)'),
      })
      .optional(),
  })
  .superRefine((given, context) => {
    if (given.provider_type === undefined || given.provider_type === (given.driver ?? given.provider_type))
      return
    const message = 'is the older name of driver and not the same; remove it'
    context.addIssue({ code: 'custom', path: ['provider_type'], message })
  })
  .transform(({ provider_type, ...given }) => ({ ...given, driver: given.driver ?? provider_type }))
  .describe('Sign-in at a SAML identity provider')
type Config = z.infer<typeof config>

/** Sign-in at a SAML identity provider, whose assertion AWS takes for minutes. */
export default defineProvider<Config, 'saml-assertion'>({
  yields: 'saml-assertion',
  config,
  interactive: true,
  async login(config, context) {
    return assertion(config, context, await samlLogin(signInOf(config), context))
  },
  async refresh(config, _, context) {
    return assertion(config, context, await samlRefresh(signInOf(config), context))
  },
  check: (config) => [...unknownBrowser(config), ...nothingDownloaded(config)],
})

function signInOf({ url, spec, ...rest }: Config) {
  return { ...rest, address: new URL(url), headless: spec?.headless ?? false }
}

function assertion({ session }: Config, { clock }: Context, response: string): SamlAssertion {
  const seconds = session?.duration
  return { ...processResponse(response, clock.now()), ...(seconds ? { sessionSeconds: seconds } : {}) }
}

function unknownBrowser({ browser_type: type }: Config): Complaint[] {
  if (type === undefined || browserTypes.includes(type)) return []
  const message = `atmosd cannot show a sign-in in a browser of type "${type}".`
  return [
    { path: ['browser_type'], message, hint: `It knows ${browserTypes.join(', ')}.`, severity: 'warning' },
  ]
}

function nothingDownloaded({ download_browser_driver: wanted }: Config): Complaint[] {
  if (!wanted) return []
  const message = 'download_browser_driver has no effect: no browser is ever downloaded.'
  const hint = 'The browser that is installed is used.'
  return [{ path: ['download_browser_driver'], message, hint, severity: 'warning' }]
}
