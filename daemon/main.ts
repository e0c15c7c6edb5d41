/** The daemon's process: its arguments, environment, signals and exit code. The only file that touches `process`. */
import { homedir } from 'node:os'
import { destination } from 'pino'
import { AuthError, asAuthError, failures } from '../shared/errors.ts'
import { DEFAULT_LISTEN, pathsFor } from '../shared/paths.ts'
import { VERSION } from '../shared/version.ts'
import { buildApp } from './app.ts'
import { secretOf } from './sessions/keyrings.ts'
import { systemClock, within } from './system/clock.ts'
import { readEnvironments } from './system/environments.ts'
import { privateDirectory } from './system/files.ts'
import { listenLoopback, listenSocket, parseAddress } from './system/listen.ts'
import { acquireLock } from './system/lock.ts'
import { openLog } from './system/log.ts'
import { peerLookup } from './system/peer.ts'
import { systemRandom } from './system/random.ts'

const HELP = `atmosd ${VERSION}: holds your cloud sessions and serves credentials to local tools.

Usage: atmosd [--version] [--help]

It runs in the foreground; \`atmosctl daemon start\` runs it in the background.

  ATMOSD_LISTEN            loopback address of the credential endpoint (${DEFAULT_LISTEN})
  ATMOSD_SOCKET            path of the control socket
  ATMOSD_STATE             directory of grants, keyring file and log
  ATMOSD_LOG_LEVEL         debug, info, warn or error (info)
  ATMOS_KEYRING_PASSWORD   password of keyring files
`

const SYSTEM_CONFIG = '/usr/local/etc/atmos'
/** What is being answered when the daemon is told to stop may take so long. */
const LAST_ANSWERS_MS = 1_000

const { env } = process
const uid = process.getuid?.() ?? 0

async function main(): Promise<void> {
  const [argument] = process.argv.slice(2)
  if (argument === '--version') return void process.stdout.write(`atmosd ${VERSION}\n`)
  if (argument === '--help') return void process.stdout.write(HELP)
  if (argument !== undefined)
    throw new AuthError('Usage', `atmosd takes no "${argument}".`, { hint: 'See `atmosd --help`.' })
  await serve()
}

async function serve(): Promise<void> {
  const paths = pathsFor({ env, platform: process.platform, home: homedir(), uid })
  const address = parseAddress(env.ATMOSD_LISTEN ?? DEFAULT_LISTEN)
  const log = openLog({ level: env.ATMOSD_LOG_LEVEL ?? 'info', to: destination({ dest: 1, sync: true }) })
  const password = secretOf(env.ATMOS_KEYRING_PASSWORD)
  isolate()
  await privateDirectory(paths.runtime, uid)
  await privateDirectory(paths.state, uid)
  const locks = paths.locks.map(({ path, over }) => acquireLock(path) ?? taken(over))
  const stopping = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.once(signal, () => stopping.resolve(signal))
  const app = await buildApp({
    paths,
    homes: { system: SYSTEM_CONFIG, home: homedir() },
    clock: systemClock,
    random: systemRandom,
    log,
    uid,
    pid: process.pid,
    peer: process.platform === 'linux' ? peerLookup() : undefined,
    isAlive,
    environments: process.platform === 'linux' ? readEnvironments : undefined,
    password,
    stop: () => stopping.resolve('stop'),
  })
  const port = await listenLoopback(app.credentials.server, address)
  const listen = `${address.host}:${port}`
  app.listensOn(listen)
  await app.reopen()
  await listenSocket(app.control.server, paths.socket, process.umask)
  log.info({ listen, socket: paths.socket, version: VERSION, pid: process.pid }, 'ready')
  await app.resume()
  const reason = await stopping.promise
  log.info({ reason }, 'stopping')
  // A sign-in that waits for its human would be waited for; its client is told by the end of the connection.
  await within(systemClock, LAST_ANSWERS_MS, () => app.close())
  for (const lock of locks) lock.release()
}

function taken(directory: string): never {
  throw new AuthError('DaemonRunning', `Another daemon uses ${directory}.`, {
    hint: 'Stop it, or give this one places of its own with ATMOSD_SOCKET and ATMOSD_STATE.',
  })
}

/** What a shell's environment or ~/.aws would make the SDKs do is not the daemon's: least of all to ask itself. */
function isolate(): void {
  for (const name of Object.keys(env)) {
    if (name.startsWith('AWS_') || name === 'ATMOS_KEYRING_PASSWORD') delete env[name]
  }
  env.AWS_CONFIG_FILE = '/dev/null'
  env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null'
  env.AWS_EC2_METADATA_DISABLED = 'true'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const failure = asAuthError(error)
    process.stderr.write(`atmosd: ${failure.message}\n${failure.hint ? `  ${failure.hint}\n` : ''}`)
    process.exit(failures[failure.code].exit)
  },
)
