/**
 * `npm run bench -- [--short]`: what the daemon and the client cost, beside the least that Node would do, as ratios
 * within one run. Machines are noisy, so each pair is measured several times in turn and the median is told.
 */
import { fork, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { ATMOSCTL, testHome } from '../helpers/house.ts'
import { median, print, spread } from './figures.ts'
import { benchListing } from './listing.ts'
import { type Load, load, type Measured } from './load.ts'
import { benchScale } from './scale.ts'

const short = process.argv.includes('--short')
const ROUNDS = short ? 1 : 5
const MS = short ? 300 : 1_500
const SPAWNS = short ? 3 : 25

const home = testHome()
const cloud = await startCloud({ approval: 'automatic', lifetimes: { pollIntervalSeconds: 1 } })
home.config(exampleConfig(cloud.url))
try {
  await must(['login', '--no-browser'])
  await benchEndpoint()
  benchClient()
  await benchScale(home, short ? 250 : 2_500, ROUNDS)
} finally {
  await home.remove()
  await cloud.close()
}
await benchListing(short ? 40 : 500, MS)

async function benchEndpoint(): Promise<void> {
  const variables = JSON.parse((await must(['env', '-f', 'json'])).stdout) as Record<string, string>
  const uri = new URL(variables.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '')
  const authorization = variables.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? ''
  const bytes = await (await fetch(uri, { headers: { authorization } })).arrayBuffer()
  const { port: barePort, stop } = await startBare(bytes.byteLength)
  const daemon = { port: Number(uri.port), path: uri.pathname, authorization }
  print(
    `Container credentials endpoint, ${bytes.byteLength} bytes, keep-alive; bare is node:http with the same bytes.\n`,
  )
  print('connections    bare req/s  p50 ms  p99 ms   atmosd req/s  p50 ms  p99 ms   ratio (spread)')
  for (const connections of [1, 64, 500]) {
    const pairs = []
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await load({ ...daemon, port: barePort, connections, ms: MS } satisfies Load)
      pairs.push({ bare, ours: await load({ ...daemon, connections, ms: MS }) })
    }
    printPairs(connections, pairs)
  }
  stop()
}

function printPairs(connections: number, pairs: { bare: Measured; ours: Measured }[]): void {
  const failures = pairs.reduce((sum, { ours }) => sum + ours.failures, 0)
  if (failures > 0) throw new Error(`${failures} requests failed at ${connections} connections`)
  const middle = (pick: (pair: { bare: Measured; ours: Measured }) => number) => median(pairs.map(pick))
  const ratios = pairs.map(({ bare, ours }) => ours.perSecond / bare.perSecond)
  const cells = [
    String(connections).padStart(11),
    middle(({ bare }) => bare.perSecond)
      .toFixed(0)
      .padStart(14),
    middle(({ bare }) => bare.p50Ms)
      .toFixed(2)
      .padStart(8),
    middle(({ bare }) => bare.p99Ms)
      .toFixed(2)
      .padStart(8),
    middle(({ ours }) => ours.perSecond)
      .toFixed(0)
      .padStart(15),
    middle(({ ours }) => ours.p50Ms)
      .toFixed(2)
      .padStart(8),
    middle(({ ours }) => ours.p99Ms)
      .toFixed(2)
      .padStart(8),
    `   ${spread(ratios)}`,
  ]
  print(cells.join(''))
}

function benchClient(): void {
  const time = (args: string[]) => {
    const started = performance.now()
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: home.project, env: home.env })
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
    return performance.now() - started
  }
  const pairs = Array.from({ length: SPAWNS }, () => ({
    node: time(['-e', '0']),
    exec: time([ATMOSCTL, 'exec', '--', 'true']),
  }))
  const ratios = pairs.map(({ node, exec }) => exec / node).sort((a, b) => a - b)
  print(`\nWhole process, ${SPAWNS} pairs in turn, medians:`)
  print(`  node -e 0                 ${median(pairs.map(({ node }) => node)).toFixed(1)} ms`)
  print(`  atmosctl exec -- true     ${median(pairs.map(({ exec }) => exec)).toFixed(1)} ms`)
  print(`  ratio                     ${median(ratios).toFixed(2)}`)
}

async function must(args: string[]) {
  const outcome = await home.atmosctl(args)
  if (outcome.code !== 0) throw new Error(`atmosctl ${args.join(' ')}: ${outcome.stderr}`)
  return outcome
}

function startBare(bytes: number): Promise<{ port: number; stop(): void }> {
  const child = fork(join(import.meta.dirname, 'bare.ts'), [String(bytes)])
  return new Promise((resolve) =>
    child.once('message', (port) => resolve({ port: Number(port), stop: () => void child.kill() })),
  )
}
