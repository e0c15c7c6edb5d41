/** Fields of integrations. */
import * as z from 'zod'

/** Whether the integration is applied at sign-in; it is unless this is false. */
export const autoProvision = z
  .boolean()
  .optional()
  .describe('Whether it is applied at every sign-in; it is unless this is false')

const kubeconfig = z.strictObject({
  path: z.string().min(1).optional().describe('File to write to'),
  mode: z
    .string({ error: 'must be an octal mode in quotes, such as "0600"' })
    .regex(/^0?[0-7]{3}$/, 'must be an octal mode in quotes, such as "0600"')
    .optional()
    .describe('Mode of the file, such as "0600"'),
  update: z.enum(['merge', 'replace', 'error']).optional().describe('What to do with an entry that is there'),
})

/** How a cluster is entered in kubeconfig. */
export const clusterEntry = {
  alias: z.string().min(1).optional().describe('Name of the context'),
  kubeconfig: kubeconfig.optional(),
}
