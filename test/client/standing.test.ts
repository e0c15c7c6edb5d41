/** What a client leaves behind for other runs and other programs, and that nobody else's files are touched by it. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { profileLines, profileOf } from '../../client/aws-config/profile.ts'
import type { Here } from '../../client/here.ts'
import { saidLately } from '../../client/said-lately.ts'
import { exchange } from '../../client/socket.ts'
import { sameAgain } from '../../client/standing.ts'

function hereIn(home: string, env: Record<string, string> = {}, cwd = '/a b'): Here {
  const globals = { config: ['/c.yaml'], configPath: [], profiles: ['one', 'two'] }
  const uid = process.getuid?.() ?? 0
  return { env, platform: 'linux', home, uid, cwd, globals, now: Date.now } as Partial<Here> as Here
}

t.test('the same configuration is found from anywhere', async (t) => {
  const here = hereIn('/home/a', { ATMOS_AUTH_REALM: 'r 1', ATMOS_IDENTITY: 'x', PATH: '/bin' })
  const again = sameAgain(here, 'dev')
  t.strictSame(again, {
    words: ['-i', 'dev', '--chdir', '/a b', '--config', '/c.yaml', '--profile', 'one', '--profile', 'two'],
    variables: [['ATMOS_AUTH_REALM', 'r 1']],
  })
  t.equal(sameAgain(here, '-x').words[0], '--identity=-x', 'no option of its own')
  const command = profileLines(profileOf({ name: 'dev' }, '/bin/atmosctl', again))[1]
  t.equal(
    command,
    "credential_process = env 'ATMOS_AUTH_REALM=r 1' /bin/atmosctl credential-process -i dev --chdir '/a b' --config /c.yaml --profile one --profile two",
  )
})

t.test('what was said lately is marked in a directory of ours alone', async (t) => {
  const home = t.testdir({ run: {}, precious: 'mine' })
  const here = hereIn(home, { XDG_RUNTIME_DIR: join(home, 'run') })
  const runtime = join(home, 'run', 'atmosd')
  t.equal(saidLately(here, 'it'), false, 'no directory, no mark')
  mkdirSync(runtime, { mode: 0o700 })
  t.equal(saidLately(here, 'it'), false)
  t.equal(saidLately(here, 'it'), true)
  t.equal(saidLately({ ...here, now: () => Date.now() + 11_000 }, 'it'), false)
  chmodSync(runtime, 0o777)
  symlinkSync(join(home, 'precious'), join(runtime, 'said-other'))
  t.equal(saidLately({ ...here, now: () => Date.now() + 11_000 }, 'other'), false)
  t.equal(readFileSync(join(home, 'precious'), 'utf8'), 'mine', 'a link there is not followed')
  t.notOk(existsSync(join(runtime, 'said-more')))
})

t.test('what was given up before it was sent is not sent', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'atmosd-'))
  t.teardown(() => rmSync(home, { recursive: true }))
  let asked = 0
  const server = createServer((connection) => {
    connection.once('data', () => {
      asked += 1
      connection.end('HTTP/1.1 200 OK\r\n\r\n{}')
    })
  })
  const socket = join(home, 'control.sock')
  const here = hereIn(home, { ATMOSD_SOCKET: socket })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  t.teardown(() => server.close())
  const request = { method: 'GET', path: '/' } as const
  t.match(await exchange(here, request), { status: 200 })
  const given = { ...request, signal: AbortSignal.abort() }
  await t.rejects(exchange(here, given), { code: 'LoginCancelled' })
  t.equal(asked, 1)
})
