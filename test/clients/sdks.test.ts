/** The SDK of each language, unmodified: it gets credentials under `atmosctl exec`, and others once those have expired. */
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Cloud } from '../cloud/cloud.ts'
import { clients, turnable } from '../helpers/clients.ts'
import { cloudHome, signedInHome } from '../helpers/cloud-home.ts'
import type { Said } from '../helpers/talk.ts'
import { python, skipUnless } from '../helpers/tools.ts'
import { LIFE_SECONDS, lifetimes, ROLE, under } from '../helpers/under-exec.ts'

const PROGRAMS = join(import.meta.dirname, 'programs')

// They wait for an expiry most of the time, so they may do so together.
t.jobs = 3

/** Credentials that STS knows: asked with them, or else seen to be its own. */
function good(t: Test, cloud: Cloud, { arn, key, secret = '', token = '', error }: Said) {
  t.match(key, /^ASIA/, String(error))
  if (arn !== undefined) t.match(arn, ROLE)
  else t.ok(cloud.secrets().includes(secret) && cloud.secrets().includes(token), 'from the sandbox’s STS')
}

for (const { name, skip, command } of clients) {
  t.test(
    `39, 40, 47: ${name} gets credentials, whatever it inherits, and others once those have expired`,
    { skip, buffered: true },
    async (t) => {
      const { home, cloud } = await signedInHome(t, { lifetimes })
      const { ask, end } = under(home, cloud, command)
      const first = await ask()
      good(t, cloud, first)
      await sleep(LIFE_SECONDS * 1000 + 200)
      const second = await ask()
      good(t, cloud, second)
      t.not(second.key, first.key)

      // Until it has ended: the next question finds nothing, and a cloud that takes longer than an SDK waits.
      cloud.fault({ operation: 'AssumeRole', kind: 'status', status: 500 })
      await sleep(LIFE_SECONDS * 1000 + 200)
      cloud.clearFaults()
      cloud.delay('AssumeRole', 1_500)
      const third = await ask()
      good(t, cloud, third)
      t.not(third.key, second.key, 'from a slow cloud')
      end()
    },
  )
}

const noPython = skipUnless(python !== undefined, 'boto3')
t.test('58: boto3 says that they are of a container’s role', { skip: noPython }, async (t) => {
  const { home, cloud } = await signedInHome(t, { lifetimes })
  const { ask, end } = under(home, cloud, [python ?? '', join(PROGRAMS, 'boto.py')])
  t.match(await ask(), { method: 'container-role' })
  end()
})

const noIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
  ? false
  : 'this machine has no ::1'
t.test('47: the daemon may listen on ::1, and JavaScript and boto3 go there', { skip: noIPv6 }, async (t) => {
  const { home, cloud } = await cloudHome(t)
  home.env.ATMOSD_LISTEN = '[::1]:0'
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  t.match((await home.atmosctl(['env'])).stdout, /FULL_URI=.?http:\/\/\[::1\]:\d+\/aws\//)
  for (const { name, skip, command } of turnable) {
    if (skip) continue
    const { ask, end } = under(home, cloud, command)
    t.match(await ask(), { arn: ROLE, key: /^ASIA/ }, name)
    end()
  }
})
