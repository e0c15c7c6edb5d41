import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { EMERGENCY_KEYS } from '../cloud/example.ts'
import { USER } from '../cloud/state.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { finished, type TestHome } from '../helpers/house.ts'
import { filesIn, leaks } from '../helpers/secrets.ts'

/** Process ids of the daemons of a home. */
function daemonsOf(home: TestHome): string[] {
  const holds = (pid: string, name: string, text: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1').includes(text)
    } catch {
      return false // it has ended
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => holds(pid, 'cmdline', 'dist/atmosd.mjs') && holds(pid, 'environ', `HOME=${home.path}\0`))
}

t.test('the keyring file', async (t) => {
  const { home } = await cloudHome(t, {}, { keyringPassword: 'correct horse' })
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  t.equal((await home.atmosctl(['exec', '-i', 'emergency', '--', 'true'], { env: EMERGENCY_KEYS })).code, 0)
  const state = join(home.path, '.local', 'share', 'atmosd')

  await t.test('nothing secret is on the disk in plain text', async (t) => {
    const env = JSON.parse((await home.atmosctl(['env', '-f', 'json'])).stdout) as Record<string, string>
    const token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? ''
    const asked = await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
      headers: { authorization: token },
    })
    const { SecretAccessKey, Token } = (await asked.json()) as Record<string, string>
    const secrets = [SecretAccessKey ?? '', Token ?? '', token, USER.secretAccessKey, 'correct horse']
    t.strictSame(leaks(filesIn(state), secrets), [])
    for (const name of readdirSync(state))
      t.equal(statSync(join(state, name)).mode & 0o077, 0, `${name} is nobody else's`)
  })

  await t.test('it outlives the daemon, and a wrong password opens nothing', async (t) => {
    await home.atmosctl(['daemon', 'stop'])
    const wrong = await home.atmosctl(['whoami'], { env: { ATMOS_KEYRING_PASSWORD: 'wrong wrong' } })
    t.match(wrong, {
      code: 7,
      stderr: /does not open the keyring file .*\n {2}Set ATMOS_KEYRING_PASSWORD to the right one/,
    })
    t.match(
      await home.atmosctl(['whoami']),
      { code: 0, stdout: /dev-admin/ },
      'the right one does, in the same daemon',
    )
  })
})

t.test('a port that is taken, and the daemon says so', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { home } = await cloudHome(t, {}, { port })
  const { code, stderr } = await home.atmosctl(['list'])
  t.equal(code, 6)
  t.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port} is taken by another program\\.\\n.*ATMOSD_LISTEN`))
})

t.test('an unsafe runtime directory is refused', async (t) => {
  const { home } = await cloudHome(t)
  mkdirSync(join(home.path, 'run', 'atmosd'))
  chmodSync(join(home.path, 'run', 'atmosd'), 0o777)
  t.match(await home.atmosctl(['list']), { code: 6, stderr: /can be entered by others \(mode 777\)/ })
})

t.test('a socket in a directory of somebody else’s is not spoken to', async (t) => {
  const { home } = await cloudHome(t)
  const runtime = join(home.path, 'run', 'atmosd')
  const asked = createServer()
  mkdirSync(runtime, { mode: 0o777 })
  chmodSync(runtime, 0o777)
  await new Promise<void>((resolve) => asked.listen(join(runtime, 'control.sock'), resolve))
  t.teardown(() => asked.close())
  let connections = 0
  asked.on('connection', (socket) => {
    connections += 1
    socket.destroy()
  })
  t.match(await home.atmosctl(['login'], { env: { ATMOS_KEYRING_PASSWORD: 'correct horse' } }), {
    code: 6,
    stderr: /The daemon is not asked, as .*mode 777\)\.\n {2}It must be a directory of yours alone/,
  })
  t.equal(connections, 0)
})

t.test('a daemon that is stopped in the middle of a sign-in', async (t) => {
  const { home, cloud } = await cloudHome(t, { approval: 'manual' })
  const login = home.start(['login', '--no-browser'])
  while (cloud.pending().length === 0) await sleep(20)
  t.match(await home.atmosctl(['daemon', 'stop']), { code: 0, stderr: 'Stopped.\n' })
  t.match(await finished(login), { code: 6, stderr: /The daemon (?:stopped in the middle|does not answer)/ })
})

t.test('208: one daemon writes one state, whatever socket it serves', async (t) => {
  const { home } = await cloudHome(t)
  t.equal((await home.atmosctl(['list'])).code, 0)
  const env = { ATMOSD_SOCKET: join(home.path, 'other', 'control.sock') }
  t.match(await home.atmosctl(['list'], { env }), {
    code: 6,
    stderr: /Another daemon uses .*share\/atmosd\.\n.*ATMOSD_STATE/,
  })
})

t.test('fifty clients at once, and one daemon', async (t) => {
  const { home } = await cloudHome(t)
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => home.atmosctl(['list', '-f', 'json'])))
  t.strictSame([...new Set(outcomes.map(({ code, stderr }) => `${code} ${stderr}`))], ['0 '])
  t.equal(daemonsOf(home).length, 1)
})
