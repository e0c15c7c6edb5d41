/** What touches the machine: files, sockets, locks, peers, the clock. */
import { fork, spawn } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { awaitCallback } from '../../daemon/system/callback.ts'
import { systemClock, within } from '../../daemon/system/clock.ts'
import { durableFile, privateDirectory, readIfPresent, replaceFile } from '../../daemon/system/files.ts'
import { listenLoopback, listenSocket, parseAddress } from '../../daemon/system/listen.ts'
import { acquireLock } from '../../daemon/system/lock.ts'
import { owners, peerLookup } from '../../daemon/system/peer.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import { manualClock, settle } from '../helpers/clock.ts'

const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
const uid = process.getuid?.() ?? 0
t.teardown(() => rmSync(directory, { recursive: true, force: true }))
const at = (name: string) => join(directory, name)

t.test('a directory that is private', async (t) => {
  await privateDirectory(at('new/deep'), uid)
  t.equal(statSync(at('new/deep')).mode & 0o777, 0o700)
  await privateDirectory(at('new/deep'), uid)
  mkdirSync(at('open'))
  chmodSync(at('open'), 0o750)
  symlinkSync(at('new/deep'), at('link'))
  writeFileSync(at('file'), '')
  await t.rejects(privateDirectory(at('open'), uid), {
    code: 'UnsafePath',
    message: /entered by others \(mode 750\)/,
    hint: /chmod 700/,
  })
  await t.rejects(privateDirectory(at('link'), uid), { code: 'UnsafePath', message: /is not a directory/ })
  await t.rejects(privateDirectory(at('new/deep'), uid + 1), {
    code: 'UnsafePath',
    message: /belongs to user/,
  })
  await t.rejects(privateDirectory(at('file'), uid))
})

t.test('a file is replaced whole', async (t) => {
  t.equal(await readIfPresent(at('none')), undefined)
  await replaceFile(at('data'), 'one')
  t.equal(statSync(at('data')).mode & 0o777, 0o600)
  writeFileSync(at('victim'), 'mine')
  symlinkSync(at('victim'), at('data.new'))
  await replaceFile(at('data'), 'two')
  t.equal(readFileSync(at('data'), 'utf8'), 'two')
  t.equal(readFileSync(at('victim'), 'utf8'), 'mine', 'a link in the way is not followed')
  t.notOk(lstatSync(at('data')).isSymbolicLink())
  await t.rejects(replaceFile(at('no/such/place'), 'x'), {
    code: 'StoreUnavailable',
    message: /cannot be written/,
  })
})

t.test('many saves: each resolves once its own bytes rest on the disk', async (t) => {
  let value = 0
  const file = durableFile(at('many'), () => String(value))
  const saves = Array.from({ length: 60 }, async (_, index) => {
    value = index + 1
    const mine = value
    await file.save()
    const found = Number(readFileSync(at('many'), 'utf8'))
    if (found < mine) t.fail(`acknowledged ${mine}, and ${found} is there`)
  })
  await Promise.all(saves)
  t.equal(readFileSync(at('many'), 'utf8'), '60')
})

t.test('the lock is one process’s, and a killed one does not keep it', async (t) => {
  const holder = fork(join(import.meta.dirname, '..', 'helpers', 'lock-holder.ts'), [at('lock')])
  t.equal(await new Promise((resolve) => holder.once('message', resolve)), 'held')
  t.equal(acquireLock(at('lock')), undefined)
  holder.kill('SIGKILL')
  await new Promise((resolve) => holder.once('exit', resolve))
  const lock = acquireLock(at('lock'))
  t.ok(lock)
  lock?.release()
  t.equal(statSync(at('lock')).mode & 0o777, 0o600)
})

t.test('the socket: private from the first moment, stale ones removed, others left alone', async (t) => {
  const server = createServer()
  t.teardown(() => server.close())
  const umask = (mask: number) => process.umask(mask)
  await listenSocket(server, at('s'), umask)
  t.equal(statSync(at('s')).mode & 0o777, 0o600)
  await t.rejects(listenSocket(createServer(), at('s'), umask), { code: 'DaemonRunning' })
  writeFileSync(at('regular'), 'x')
  await t.rejects(listenSocket(createServer(), at('regular'), umask), { code: 'UnsafePath' })
  const dead = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(at('stale'))}, () => process.kill(process.pid, 'SIGKILL'))`,
  ])
  await new Promise((resolve) => dead.once('exit', resolve))
  t.ok(lstatSync(at('stale')).isSocket(), 'left behind')
  const next = createServer()
  t.teardown(() => next.close())
  await listenSocket(next, at('stale'), umask)
})

t.test('addresses', async (t) => {
  t.strictSame(parseAddress('127.0.0.1:9191'), { host: '127.0.0.1', port: 9191 })
  t.strictSame(parseAddress('[::1]:0'), { host: '[::1]', port: 0 })
  for (const text of [
    '0.0.0.0:9191',
    '9191',
    'localhost:9191',
    '127.0.0.1',
    '127.0.0.1:99999',
    '10.0.0.1:1',
    '',
  ]) {
    t.throws(() => parseAddress(text), { code: 'Usage', hint: /127\.0\.0\.1:9191/ }, text)
  }
  const one = createServer()
  t.teardown(() => one.close())
  const port = await listenLoopback(one, { host: '127.0.0.1', port: 0 })
  await t.rejects(listenLoopback(createServer(), { host: '127.0.0.1', port }), {
    code: 'PortTaken',
    message: new RegExp(`127.0.0.1:${port} is taken`),
  })
})

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 100 1
   1: 0100007F:C001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 101 1
   2: 0100007F:C002 0100007F:1F90 08 00000000:00000000 00:00000000 00000000  1001        0 102 1
   3: 0100007F:C003 0100007F:1F90 06 00000000:00000000 00:00000000 00000000     0        0 103 1
   4: 0100007F:C004 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 0 1
   5: 0500A8C0:C005 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 105 1
   6: 0000000000000000FFFF00000100007F:C006 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000  1002        0 106 1
   7: 00000000000000000000000001000000:C007 00000000000000000000000001000000:1F90 04 00000000:00000000 00:00000000 00000000  1003        0 107 1
`

t.test('14: peers, from the kernel’s table', async (t) => {
  t.strictSame(
    [...owners(TABLE)],
    [
      ['49153>8080', 1000],
      ['49154>8080', 1001],
      ['49158>8080', 1002],
      ['49159>8080', 1003],
    ],
    'living sockets of loopback alone: no TIME_WAIT, no orphans, no other address',
  )
  let reads = 0
  const lookup = peerLookup(async () => {
    reads += 1
    return TABLE
  })
  const found = await Promise.all(
    Array.from({ length: 50 }, () => lookup({ remotePort: 0xc001, localPort: 8080 } as never)),
  )
  t.strictSame([...new Set(found)], [1000])
  t.equal(reads, 4, 'both tables twice: for the first to come, and for all who came meanwhile')
  t.equal(await lookup({ remotePort: 1, localPort: 8080 } as never), undefined)
  t.equal(await lookup({} as never), undefined)
  t.equal(
    await peerLookup(() => Promise.reject(new Error('gone')))({ remotePort: 1, localPort: 2 } as never),
    undefined,
  )
})

t.test(
  '14: a real peer',
  { skip: process.platform === 'linux' ? false : 'the table is Linux’s' },
  async (t) => {
    const lookup = peerLookup()
    const server = createServer()
    t.teardown(() => server.close())
    const port = await listenLoopback(server, { host: '127.0.0.1', port: 0 })
    const accepted = new Promise<Parameters<typeof lookup>[0]>((resolve) =>
      server.once('connection', resolve),
    )
    const client = connect(port, '127.0.0.1')
    const socket = await accepted
    t.equal(await lookup(socket), uid)
    client.destroy()
    socket.destroy()
  },
)

t.test('201: a browser that comes back: by one path, to this address and no name of it', async (t) => {
  const clock = manualClock()
  const leave = new AbortController()
  await using callback = await awaitCallback({
    path: '/oauth/callback',
    state: 'right',
    waitMs: 60_000,
    clock,
    signal: leave.signal,
  })
  const address = `http://127.0.0.1:${callback.port}`
  t.equal((await fetch(`${address}/`)).status, 404)
  t.equal((await fetch(`${address}/oauth/callback?state=right`, { method: 'POST' })).status, 404)
  t.equal(
    (
      await fetch(`http://localhost:${callback.port}/oauth/callback?state=right`).catch(() => ({
        status: 404,
      }))
    ).status,
    404,
  )
  const page = await fetch(`${address}/oauth/callback?state=right&code=abc&x=<script>`)
  t.equal(page.status, 200)
  t.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  t.equal(page.headers.get('referrer-policy'), 'no-referrer')
  t.notMatch(await page.text(), /abc|script/)
  t.equal((await callback.parameters)?.get('code'), 'abc')
})

t.test('201: a browser that does not come back is waited for as long as is said', async (t) => {
  const clock = manualClock()
  await using callback = await awaitCallback({
    path: '/x',
    state: 's',
    waitMs: 60_000,
    clock,
    signal: new AbortController().signal,
  })
  await clock.advance(60_000)
  t.equal(await callback.parameters, undefined)
})

t.test('the clock', async (t) => {
  const leave = new AbortController()
  const slept = systemClock.sleep(60_000, leave.signal)
  leave.abort()
  await slept
  await systemClock.sleep(60_000, leave.signal)
  await systemClock.sleep(1)
  const clock = manualClock()
  const late = within(
    clock,
    1_000,
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
  )
  await settle()
  await clock.advance(1_000)
  t.equal(await late, undefined)
  t.equal(await within(clock, 1_000, async () => 7), 7)
  t.equal(clock.sleeping(), 0, 'no timer is left')
})

t.test('chance', async (t) => {
  t.equal(systemRandom.token(32).length, 43)
  t.not(systemRandom.token(32), systemRandom.token(32))
  const units = Array.from({ length: 1_000 }, () => systemRandom.unit())
  t.ok(units.every((unit) => unit >= 0 && unit < 1))
})
