/**
 * Azure's tools under `atmosctl exec`, with a daemon as a process of its own: two subscriptions side by side, across an
 * expiry, in a shell that is signed in to everything already.
 */
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { TENANT } from '../cloud/entra-state.ts'
import { sdks } from '../helpers/azure-clients.ts'
import { longRun } from '../helpers/long-run.ts'
import { talkTo } from '../helpers/talk.ts'
import { onPath, skipUnless } from '../helpers/tools.ts'
import { LIFE_SECONDS, type Name, SUBSCRIPTION_OF, wholeAzure } from '../helpers/whole-azure.ts'

const RESOURCE = 'https://vault.azure.net'
const STORAGE = 'sandboxstate.blob.core.windows.net'
const place = await wholeAzure(t)
const { audienceOf, entra, front, home, own, start } = place
t.jobs = 3
const atOnce = { buffered: true }
const NAMES = ['dev', 'prod'] as const

interface Tool {
  ask(): Promise<{ token?: string; error?: string }>
  end(): void
}

/** Two tools at once, of two subscriptions, with tokens that are good; and with others once those have ended. */
async function acrossAnEnd(t: Test, toolFor: (name: Name) => Tool): Promise<void> {
  const tools = NAMES.map(toolFor)
  const ask = async (tool: Tool) => {
    const { token = '', error } = await tool.ask()
    t.equal(await audienceOf(token), RESOURCE, error ?? 'a good token')
    return token
  }
  const first = await Promise.all(tools.map(ask))
  await sleep(LIFE_SECONDS * 1000)
  const second = await Promise.all(tools.map(ask))
  for (const { end } of tools) end()
  for (const token of second) t.notOk(first.includes(token))
}

for (const { name, skip, command } of sdks)
  t.test(name, { skip, ...atOnce }, (t) =>
    acrossAnEnd(t, (identity) => {
      const { ask, end } = talkTo(start(identity, ...command, 'DefaultAzureCredential'))
      return { ask: () => ask(`${RESOURCE}/.default`), end }
    }),
  )

const withAz = skipUnless(onPath('az').length > 0, 'az')
t.test('az, with no sign-in of its own', { skip: withAz, ...atOnce }, async (t) => {
  const account = 'az account show -o tsv --query "[id, tenantId, join(\'\', [user.assignedIdentityInfo])]"'
  const token = `az account get-access-token --resource ${RESOURCE} -o tsv --query accessToken`
  const script = `${account} | xargs echo; while read -r line; do ${token}; done`
  await acrossAnEnd(t, (name) => {
    const child = start(name, 'sh', '-c', script)
    child.stderr?.on('data', (text) => t.comment(String(text)))
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
    const shown = lines.next()
    return {
      async ask() {
        t.equal((await shown).value, `${SUBSCRIPTION_OF[name]} ${TENANT.id} MSI`)
        child.stdin?.write('\n')
        return { token: (await lines.next()).value ?? '' }
      },
      end: () => void child.stdin?.end(),
    }
  })
})

const noTerraform = onPath('terraform').length === 0 && 'terraform is not installed'
t.test('terraform’s backend azurerm outlives its tokens', { skip: noTerraform, ...atOnce }, async (t) => {
  const backend =
    '"azurerm" {\n storage_account_name = "sandboxstate"\n container_name = "tfstate"\n key = "one"\n }'
  const seconds = LIFE_SECONDS * 2 + 1
  const folder = join(home.path, 'terraform')
  await longRun(t, (...command) => start('dev', ...command), { folder, backend, seconds })
  const seen = front.tokens(STORAGE)
  t.not(seen.at(-1), seen[0], `${new Set(seen).size} tokens in ${seen.length} requests`)
  t.match(JSON.parse(front.blob('/tfstate/one') ?? '{}'), { resources: [{ name: 'slow' }] })
})

t.test('nobody’s own sign-in was used, or touched', async (t) => {
  t.strictSame(own.changed(), [])
  t.equal(own.heardIn(place.heard()), 0)
  t.notOk(
    front.hosts().some((host) => /login/.test(host)),
    front.hosts().join(),
  )
  t.equal(entra.calls('EntraDeviceCode'), 1, 'one sign-in for all of it')
})
