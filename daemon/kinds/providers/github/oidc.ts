import * as z from 'zod'
import { defineProvider } from '../../contract.ts'
import { region, serviceSpec } from '../../fields.ts'
import { notYet } from '../../not-yet.ts'

const config = z
  .strictObject({
    region: region.optional(),
    spec: serviceSpec(['actions', 'sts'])
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

/** The token of a GitHub Actions workflow. */
export default defineProvider<z.infer<typeof config>, 'oidc-token'>({
  yields: 'oidc-token',
  config,
  interactive: false,
  login: notYet('github/oidc'),
  lifetime: 'GitHub decides how long its tokens last.',
})
