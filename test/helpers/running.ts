/** A daemon inside the test's own process: real servers on a real loopback port and a real socket, in a temporary home. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, buildApp } from '../../daemon/app.ts'
import type { Catalog } from '../../daemon/kinds/catalog.ts'
import { issueGrant } from '../../daemon/operations/grant.ts'
import { type Clock, systemClock } from '../../daemon/system/clock.ts'
import { listenLoopback } from '../../daemon/system/listen.ts'
import { type Log, silentLog } from '../../daemon/system/log.ts'
import { type PeerLookup, peerLookup } from '../../daemon/system/peer.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import { type Paths, pathsFor } from '../../shared/paths.ts'
import type { WorkspaceReference } from '../../shared/requests.ts'
import { type Cloud, type CloudOptions, startCloud } from '../cloud/cloud.ts'
import { EMERGENCY_KEYS, exampleConfig } from '../cloud/example.ts'
import { standing } from './standing.ts'

export interface Running {
  app: App
  cloud: Cloud
  port: number
  paths: Paths
  workspace: WorkspaceReference
  /** A grant for an identity, as a tool is given it. */
  grant(identity: string): Promise<{ id: string; path: string; token: string }>
  /** Signs in with nobody asked: the sandbox approves. */
  signIn(identity?: string): Promise<void>
  stop(): Promise<void>
}

export interface RunningOptions {
  cloud?: CloudOptions
  config?: (url: string) => string
  peer?: PeerLookup
  clock?: Clock
  log?: Log
  listingsPerSecond?: number
  catalog?: Catalog
}

export async function running(options: RunningOptions = {}): Promise<Running> {
  const home = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
  const paths = pathsFor({
    env: { XDG_RUNTIME_DIR: join(home, 'run'), ATMOSD_STATE: join(home, 'state') },
    platform: 'linux',
    home,
    uid: process.getuid?.() ?? 0,
  })
  mkdirSync(paths.state, { recursive: true, mode: 0o700 })
  const cloud = await startCloud({
    ...options.cloud,
    approval: 'automatic',
    lifetimes: { pollIntervalSeconds: 0.05, ...options.cloud?.lifetimes },
  })
  writeFileSync(join(home, 'atmos.yaml'), (options.config ?? exampleConfig)(cloud.url))
  const app = await buildApp({
    paths,
    homes: { system: join(home, 'system'), home },
    clock: options.clock ?? systemClock,
    random: systemRandom,
    log: options.log ?? silentLog,
    uid: process.getuid?.() ?? 0,
    pid: process.pid,
    peer: options.peer ?? (process.platform === 'linux' ? peerLookup() : undefined),
    isAlive: () => true,
    stop: () => {},
    listingsPerSecond: options.listingsPerSecond,
    ...(options.catalog ? { catalog: options.catalog } : {}),
  })
  const port = await listenLoopback(app.credentials.server, { host: '127.0.0.1', port: 0 })
  app.listensOn(`127.0.0.1:${port}`)
  const workspace = standing(home, { ...EMERGENCY_KEYS })
  return {
    app,
    cloud,
    port,
    paths,
    workspace,
    async grant(identity) {
      const { id, url, token } = await issueGrant(app.house, { workspace, identity })
      return { id, path: new URL(url).pathname, token }
    },
    async signIn(identity) {
      const { signIn } = await import('../../daemon/operations/login.ts')
      let failure: unknown
      await signIn(
        app.house,
        { workspace, identity },
        (event) => {
          if (event.type === 'failed') failure = event.failure
        },
        new AbortController().signal,
      )
      if (failure) throw new Error(`sign-in failed: ${JSON.stringify(failure)}`)
    },
    async stop() {
      await app.close()
      app.credentials.server.closeAllConnections()
      app.credentials.server.close()
      await cloud.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
