import * as z from 'zod'
import { defineIdentity } from '../../contract.ts'
import { gcpSpec, projectId, region, zone } from '../../fields/gcp.ts'

const principal = z
  .strictObject({
    project_id: projectId,
    region: region.optional(),
    zone: zone.optional(),
    location: zone.optional().describe('The older name of zone'),
  })
  .superRefine(({ zone, location }, context) => {
    if (location === undefined || location === (zone ?? location)) return
    const message = 'is the older name of zone and not the same; remove it'
    context.addIssue({ code: 'custom', path: ['location'], message })
  })
  .transform(({ location, ...given }) => ({ ...given, zone: given.zone ?? location }))

const config = z
  .strictObject({ principal, spec: gcpSpec.optional() })
  .describe('A Google Cloud project to work in')

/** The sign-in of its parent, for one project. */
export default defineIdentity<z.infer<typeof config>, 'gcp-token', 'gcp-token'>({
  accepts: ['gcp-token'],
  yields: 'gcp-token',
  config,
  assume: async (_, parent) => parent,
  passesOn: true,
  principal: ({ principal }) => `project ${principal.project_id}`,
  facts: ({ principal: { project_id: project, region, zone } }) => ({ project, region, zone }),
  lifetime: 'Google decides how long its access tokens last.',
})
