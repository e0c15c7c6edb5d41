/** The sandbox cloud by itself: `npm run sandbox -- [--port N] [--lifetime SECONDS] [--approval automatic|manual]`. */
import { parseArgs } from 'node:util'
import { startCloud } from './cloud.ts'
import { exampleConfig } from './example.ts'
import { USER } from './state.ts'

const { values } = parseArgs({
  options: { port: { type: 'string' }, lifetime: { type: 'string' }, approval: { type: 'string' } },
})
const seconds = values.lifetime ? Number(values.lifetime) : undefined
const cloud = await startCloud({
  ...(values.port ? { port: Number(values.port) } : {}),
  ...(seconds
    ? {
        lifetimes: {
          roleCredentialsSeconds: seconds,
          assumeRoleSeconds: seconds,
          sessionTokenSeconds: seconds,
        },
      }
    : {}),
  approval: values.approval === 'automatic' ? 'automatic' : 'manual',
})

process.stdout.write(exampleConfig(cloud.url))
process.stderr.write(`
The sandbox cloud is at ${cloud.url}. Above is an atmos.yaml for it.

  approve a sign-in   curl -X POST ${cloud.url}/sandbox/approve
  what was called     curl ${cloud.url}/sandbox
  the user's keys     EMERGENCY_AWS_ACCESS_KEY_ID=${USER.accessKeyId}
                      EMERGENCY_AWS_SECRET_ACCESS_KEY=${USER.secretAccessKey}

Ctrl-C ends it.
`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cloud.close().then(() => process.exit(0)))
}
