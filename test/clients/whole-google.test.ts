/**
 * Google's tools under `atmosctl exec`, with a daemon as a process of its own: two identities side by side, across an
 * expiry, in a shell that is signed in to everything already.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { gcloud, go, google, java, node, type Said, skipWithout } from '../helpers/google-clients.ts'
import { talkTo } from '../helpers/talk.ts'
import { ACCOUNTS, LIFE_SECONDS, type Name, wholeGoogle } from '../helpers/whole-google.ts'

const place = await wholeGoogle(t)
const { own, start, principalOf } = place
t.jobs = 3
const atOnce = { buffered: true }

/** Somebody's tool, which says its token each time that it is asked. */
interface Tool {
  ask(): Promise<Said>
  end(): void
}

/** Two tools at once, of two identities: each has tokens of its own, and others once those have ended. */
async function acrossAnEnd(t: Test, toolFor: (name: Name) => Tool): Promise<void> {
  const tools = (['a', 'b'] as const).map((name) => ({ name, tool: toolFor(name) }))
  const ask = () =>
    Promise.all(
      tools.map(async ({ name, tool }) => {
        const said = await tool.ask()
        t.equal(principalOf(said.token), ACCOUNTS[name], said.error ?? 'a token of its own')
        return said.token
      }),
    )
  const first = await ask()
  await sleep(LIFE_SECONDS * 1000)
  const second = await ask()
  for (const { tool } of tools) tool.end()
  t.equal(new Set([...first, ...second]).size, 4)
}

for (const { name, skip, command } of [node, google, go, java])
  t.test(name, { skip, ...atOnce }, (t) =>
    acrossAnEnd(t, (identity) => talkTo(start(identity, ...command)) as Tool),
  )

t.test('gcloud', { skip: skipWithout(gcloud, 'gcloud'), ...atOnce }, async (t) => {
  const script = 'while read -r line; do gcloud auth print-access-token; echo "$CLOUDSDK_CONFIG"; done'
  const caches = new Map<Name, string>()
  await acrossAnEnd(t, (name) => {
    const child = start(name, 'sh', '-c', script)
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
    return {
      async ask() {
        child.stdin?.write('\n')
        const { value: token = '' } = await lines.next()
        const { value: folder = '' } = await lines.next()
        caches.set(name, readFileSync(`${folder}/access_tokens.db`, 'latin1'))
        t.ok(caches.get(name)?.includes(token), 'it is kept in a folder of the grant’s own')
        return { token }
      },
      end: () => void child.stdin?.end(),
    }
  })
  for (const [name, other] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    t.match(caches.get(name), ACCOUNTS[name])
    t.notOk(caches.get(name)?.includes(ACCOUNTS[other]), 'and nobody else’s is there')
  }
})

t.test('nobody’s own sign-in was used, or touched', async (t) => {
  t.strictSame(own.changed(), [])
  t.equal(own.heardIn(place.heard), 0)
  t.strictSame(place.asked, [], 'nothing went elsewhere')
  t.ok(place.heard.length > 0)
})
