import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { coalesced } from './coalesced.ts'

/**
 * The uid of the process at the other end of a loopback connection, from the kernel's table of sockets
 * (proc(5), /proc/net/tcp). Undefined where no living socket matches: the caller must refuse then.
 */
export type PeerLookup = (socket: Socket) => Promise<number | undefined>

// ESTABLISHED, FIN_WAIT1, CLOSE_WAIT seen from the client's row; rows of dead sockets carry inode 0 and uid 0.
const LIVING = new Set(['01', '04', '08'])
/** Most rows of a long table are of connections that have ended; they are not even taken apart. */
const MAYBE_LIVING = / 0[148] /

/** The tables are read once for all connections that arrive together: on a busy machine they are long. */
export function peerLookup(
  read: (path: string) => Promise<string> = (path) => readFile(path, 'latin1'),
): PeerLookup {
  const tables = coalesced(() => readTables(read))
  return async ({ remotePort, localPort }) => {
    if (remotePort === undefined || localPort === undefined) return undefined
    return (await tables()).get(`${remotePort}>${localPort}`)
  }
}

async function readTables(read: (path: string) => Promise<string>): Promise<Map<string, number>> {
  const [four, six] = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => read(path).catch(() => '')),
  )
  return new Map([...owners(four ?? ''), ...owners(six ?? '')])
}

/** `client port>server port` to uid, of each living loopback socket in the text of /proc/net/tcp. */
export function* owners(table: string): Generator<[string, number]> {
  for (const line of table.split('\n').slice(1)) {
    if (!MAYBE_LIVING.test(line)) continue
    const [, local, remote, state, , , , uid, , inode] = line.trim().split(/\s+/)
    if (!local || !remote || !state || inode === undefined || inode === '0' || !LIVING.has(state)) continue
    if (!isLoopback(local) || !isLoopback(remote)) continue
    yield [`${portOf(local)}>${portOf(remote)}`, Number(uid)]
  }
}

// The address is little-endian hex: 127.x.y.z ends in 7F; ::1 and ::ffff:127.x.y.z are four such words.
function isLoopback(address: string): boolean {
  const host = address.slice(0, address.indexOf(':'))
  return host.length === 8
    ? host.endsWith('7F')
    : host === '00000000000000000000000001000000' || /^0{16}FFFF0000.{6}7F$/.test(host)
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16)
}
