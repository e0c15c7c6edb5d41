/** Whether a configuration of four times as many identities takes four times as long. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { pathsFor } from '../../shared/paths.ts'
import { routes } from '../../shared/routes.ts'
import type { TestHome } from '../helpers/house.ts'
import { median, print, spread } from './figures.ts'

const TIMES = 4

/** Loads and lists a file of `count` identities and one of four times as many, in turn. A daemon runs. */
export async function benchScale(home: TestHome, count: number, rounds: number): Promise<void> {
  const { socket } = pathsFor({
    env: home.env,
    platform: process.platform,
    home: home.path,
    uid: process.getuid?.() ?? 0,
  })
  const sizes = [count, count * TIMES]
  const loads: number[][] = []
  const lists: number[][] = []
  for (let round = 0; round <= rounds; round++) {
    const times = []
    for (const size of sizes) times.push(await loadAndList(home, socket, size, round))
    if (round === 0) continue // the code itself is new
    loads.push(times.map(({ load }) => load))
    lists.push(times.map(({ list }) => list))
  }
  print(
    `\nConfigurations of ${sizes.join(' and ')} identities, ms in the daemon, medians; ${TIMES} is linear:`,
  )
  for (const [name, times] of [
    ['loaded and listed', loads],
    ['listed again', lists],
  ] as const) {
    const [few, many] = [0, 1].map((at) => median(times.map((pair) => pair[at] ?? Number.NaN)).toFixed(0))
    const ratios = times.map(([one = Number.NaN, other = Number.NaN]) => other / one)
    print(`  ${name.padEnd(20)}${few?.padStart(6)}${many?.padStart(8)}   ratio ${spread(ratios)}`)
  }
}

async function loadAndList(home: TestHome, socket: string, size: number, round: number) {
  const directory = join(home.path, `of-${size}`)
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'atmos.yaml'), `# round ${round}\n${config(size)}`)
  const [load, list] = [await asked(socket, directory, size), await asked(socket, directory, size)]
  return { load, list }
}

function config(size: number): string {
  const identity = (_: unknown, index: number) => `    team-${index}/Admin:
      kind: aws/permission-set
      via: { provider: company-sso }
      principal: { name: AdminAccess, account: { id: '${100_000_000_000 + index}' } }
`
  return `auth:
  realm: bench
  keyring: { type: memory }
  providers:
    company-sso:
      kind: aws/iam-identity-center
      region: us-east-1
      start_url: https://company.awsapps.com/start
  identities:
${Array.from({ length: size }, identity).join('')}`
}

/** How long the daemon takes to answer with all of them, in milliseconds. */
function asked(socket: string, directory: string, size: number): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const options = { socketPath: socket, path: routes.workspace, method: 'POST', headers }
    const asking = request(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('end', () => {
        const took = performance.now() - began
        const { identities, problems } = JSON.parse(Buffer.concat(chunks).toString())
        if (identities?.length === size && problems.length === 0) resolve(took)
        else reject(new Error(`${identities?.length} of ${size} identities, ${JSON.stringify(problems)}`))
      })
    })
    asking.once('error', reject)
    asking.end(JSON.stringify({ workspace: { directory } }))
  })
}
