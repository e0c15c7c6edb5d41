/** Keys that last 15 minutes, in the hands of a real SDK that wants new ones for the last 15 minutes of any. */
import { join } from 'node:path'
import t from 'tap'
import { applied } from '../../client/environment/change.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { issueGrant } from '../../daemon/operations/grant.ts'
import type { Operation } from '../cloud/knobs.ts'
import { aheadClock } from '../helpers/clock.ts'
import { login } from '../helpers/identities.ts'
import { running } from '../helpers/running.ts'
import { talk } from '../helpers/talk.ts'
import { python, skipUnless } from '../helpers/tools.ts'

const SIGNINGS = 1_000
const QUARTER_MS = 15 * 60_000
const BOTO = [python ?? 'python3', join(import.meta.dirname, 'programs', 'boto.py')]

const config = (url: string) => `auth:
  realm: sandbox
  keyring: { type: memory }
  providers:
    github: { kind: github/oidc, spec: { endpoint_url: '${url}' } }
  identities:
    me: { kind: aws/user, spec: { endpoint_url: '${url}' } }
    management: { kind: aws/assume-role, via: { provider: github }, principal: { assume_role: 'arn:aws:iam::111111111111:role/Organisation' } }
    root:
      kind: aws/assume-root
      via: { identity: management }
      principal: { target_principal: '333333333333', task_policy_arn: arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy }
`

const identities: [string, Operation, RegExp][] = [
  ['me', 'CreateOAuth2Token', /:user\/emergency$/],
  ['root', 'AssumeRoot', /:assumed-root/],
]
const skip = skipUnless(python !== undefined, 'boto3')

for (const [identity, operation, arn] of identities) {
  t.test(`55: a thousand signings of boto3 in a quarter of an hour as ${identity}`, { skip }, async (t) => {
    const clock = aheadClock()
    const daemon = await running({ config, clock, cloud: { now: clock.now } })
    t.teardown(() => daemon.stop())
    const { workspace, cloud, app } = daemon
    Object.assign(workspace.environment, cloud.startJob())
    const browse = (event: { type: string; address?: string }) => {
      if (event.type === 'browser') void fetch(event.address ?? '')
    }
    t.match(await login(daemon, identity, browse, undefined, true), { type: 'done' })
    const grant = await issueGrant(app.house, { workspace, identity })
    const env = {
      ...applied(process.env, environmentOf(grant, process.env)),
      AWS_ENDPOINT_URL_STS: cloud.url,
    }
    const { ask, end } = talk(BOTO, env)
    t.teardown(end)
    cloud.resetCalls()
    const failed: unknown[] = []
    const keys = new Set<string | undefined>()
    for (let signing = 0; signing < SIGNINGS; signing++) {
      const said = await ask(clock.turn(QUARTER_MS / SIGNINGS))
      if (!arn.test(said.arn ?? '') || said.method !== 'container-role') failed.push(said)
      keys.add(said.key)
    }
    t.strictSame(failed, [])
    t.equal(cloud.calls('GetCallerIdentity'), SIGNINGS)
    const calls = cloud.calls(operation)
    t.ok(calls >= 1 && calls <= 3, `${calls} calls for ${keys.size} keys`)
  })
}
