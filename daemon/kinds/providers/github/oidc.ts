import * as z from 'zod'
import { AuthError } from '../../../../shared/errors.ts'
import { idTokenRequest, PERMISSION } from '../../../upstream/github-oidc.ts'
import { type Context, defineProvider } from '../../contract.ts'
import { region, serviceSpec } from '../../fields.ts'

const URL_NAME = 'ACTIONS_ID_TOKEN_REQUEST_URL'
const TOKEN_NAME = 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'

const config = z
  .strictObject({
    region: region.optional(),
    spec: serviceSpec(['sts'])
      .extend({
        audience: z
          .string()
          .min(1)
          .default('sts.amazonaws.com')
          .describe('Whom the token is for; sts.amazonaws.com unless given'),
      })
      .prefault({}),
  })
  .describe('The OIDC token of a GitHub Actions workflow, which needs `id-token: write`')

/**
 * The token of a GitHub Actions job. Where to ask and with which secret is in the client's environment alone; no
 * configuration moves that address, since the secret goes there. Once the job's secret has ended nothing is renewed
 * any more, and what is held stays good until its end.
 */
export default defineProvider<z.infer<typeof config>, 'oidc-token'>({
  yields: 'oidc-token',
  config,
  interactive: false,
  variables: ['GITHUB_ACTIONS', URL_NAME, TOKEN_NAME],
  async login({ spec: { audience } }, context) {
    const { clock, random, signal } = context
    return idTokenRequest({ ...jobOf(context), audience, clock, random, signal })
  },
  lifetime: 'GitHub decides how long its tokens last.',
})

function jobOf({ variable }: Context): { url: string; requestToken: string } {
  const [url, requestToken] = [variable(URL_NAME), variable(TOKEN_NAME)]
  if (url !== undefined && requestToken !== undefined) return { url, requestToken }
  const name = url === undefined ? URL_NAME : TOKEN_NAME
  throw variable('GITHUB_ACTIONS') === 'true'
    ? new AuthError('EnvironmentMissing', `No token for this job: ${name} is not set.`, {
        hint: PERMISSION,
      })
    : new AuthError('EnvironmentMissing', `No job of GitHub Actions: ${name} is not set.`, {
        hint: 'Use an identity that a person can sign in to.',
      })
}
