/** Metadata services of grants from the command line: opened, listed, closed, and back after the daemon was killed. */
import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { signedInHome } from '../helpers/cloud-home.ts'
import type { TestHome } from '../helpers/house.ts'
import { freePort } from '../helpers/port.ts'

/** The key that a metadata service gives, as a client of version 2 gets it. */
async function keyFrom(url: string, role: string): Promise<string> {
  const base = url.replace(/\/$/, '')
  const ttl = { 'X-aws-ec2-metadata-token-ttl-seconds': '60' }
  const token = await (await fetch(`${base}/latest/api/token`, { method: 'PUT', headers: ttl })).text()
  const headers = { 'X-aws-ec2-metadata-token': token }
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${base}/latest/meta-data/iam/security-credentials/${role}`, { headers })
    // As SDKs do: a daemon that has just started still opens its vault.
    if (answer.status === 503 && tries < 20) continue
    return ((await answer.json()) as { AccessKeyId: string }).AccessKeyId
  }
}

async function listed(
  home: TestHome,
): Promise<{ id: string; identity: string; port: number; problem?: string }[]> {
  return JSON.parse((await home.atmosctl(['endpoint', 'list', '-f', 'json'])).stdout)
}

t.test('endpoints', async (t) => {
  const { home } = await signedInHome(t)
  const port = await freePort()

  await t.test(
    '92: exec --imds gives a program the service, by an address without a path, and nothing else',
    async (t) => {
      const env = {
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_EC2_INSTANCE_PROFILE_NAME: 'other',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
        AWS_PROFILE: 'other',
        NO_PROXY: 'own.example',
      }
      const print = 'console.log(JSON.stringify(process.env))'
      const args = ['exec', '-i', 'prod-admin', '--imds', '--', process.execPath, '-e', print]
      const { code, stdout, stderr } = await home.atmosctl(args, { env })
      t.equal(code, 0, stderr)
      const seen = JSON.parse(stdout) as Record<string, string>
      t.match(seen, {
        AWS_EC2_METADATA_SERVICE_ENDPOINT: /^http:\/\/127\.0\.0\.1:\d+\/$/,
        AWS_EC2_METADATA_V1_DISABLED: 'true',
        AWS_REGION: 'us-east-1',
        NO_PROXY: /^own\.example,127\.0\.0\.1,/,
        no_proxy: /127\.0\.0\.1/,
        AWS_CONFIG_FILE: '/dev/null',
      })
      const gone = Object.keys(env).filter((name) => name !== 'NO_PROXY')
      for (const name of [...gone, 'AWS_CONTAINER_AUTHORIZATION_TOKEN']) t.notOk(name in seen, name)
    },
  )

  await t.test('one is opened on a port of choice, and listed', async (t) => {
    const { code, stdout, stderr } = await home.atmosctl(['endpoint', 'add', 'imds', '--port', `${port}`])
    t.equal(code, 0, stderr)
    t.match(stdout, `AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:${port}/\n`)
    t.ok(stdout.split('\n').every((line) => line.length <= 80))
    t.match(await keyFrom(`http://127.0.0.1:${port}`, 'dev-admin'), /^ASIA/)
    t.match(
      (await home.atmosctl(['endpoint', 'list'])).stdout,
      new RegExp(
        `^ENDPOINT .*\\n(?:.*\\n)*\\S{8} +dev-admin +http://127\\.0\\.0\\.1:${port} +\\S+ ago +(?:30d|29d 23h)`,
      ),
    )
    t.match(await home.atmosctl(['endpoint', 'add', 'imds', '--port', `${port}`]), {
      code: 6,
      stderr: new RegExp(`127\\.0\\.0\\.1:${port} is taken`),
    })
  })

  await t.test(
    'killed and started again, the daemon answers on the same port for the same grant',
    async (t) => {
      const before = await listed(home)
      const kill = async () => {
        const { pid } = JSON.parse((await home.atmosctl(['status', '-f', 'json'])).stdout) as { pid: number }
        process.kill(pid, 'SIGKILL')
        for (let tries = 0; tries < 100 && (await answers(port)); tries++) await sleep(20)
      }
      await kill()
      t.equal((await home.atmosctl(['daemon', 'start'])).code, 0)
      t.match(await keyFrom(`http://127.0.0.1:${port}`, 'dev-admin'), /^ASIA/)
      t.strictSame(
        (await listed(home)).map(({ id }) => id),
        before.map(({ id }) => id),
      )

      await kill()
      const squatter = await squat(port)
      t.equal(
        (await home.atmosctl(['daemon', 'start'])).code,
        0,
        'which does not keep the daemon from starting',
      )
      const [ours] = (await listed(home)).filter((one) => one.port === port)
      t.match(ours?.problem, /is taken by another program/)
      t.match((await home.atmosctl(['endpoint', 'list'])).stdout, /is taken by another program/)
      await new Promise((resolve) => squatter.close(resolve))
      await home.atmosctl(['daemon', 'restart'])
      t.match(await keyFrom(`http://127.0.0.1:${port}`, 'dev-admin'), /^ASIA/)
    },
  )

  await t.test('one is closed', async (t) => {
    const [ours] = (await listed(home)).filter((one) => one.port === port)
    t.match(await home.atmosctl(['endpoint', 'remove', ours?.id.slice(0, 8) ?? '']), { code: 0, stdout: '' })
    t.notOk(await answers(port))
    t.match(await home.atmosctl(['endpoint', 'remove', 'nothing']), {
      code: 1,
      stderr: /no endpoint "nothing"/,
    })
    t.match(await home.atmosctl(['endpoint', 'remove']), { code: 1, stderr: /endpoint list/ })
  })

  await t.test('what is not understood', async (t) => {
    for (const args of [[], ['add'], ['add', 'gce'], ['add', 'imds', '--port', '80'], ['list', 'a', 'b']])
      t.match(await home.atmosctl(['endpoint', ...args]), { code: 2, stdout: '' }, args.join(' '))
  })

  await t.test('a sign-out closes them all', async (t) => {
    await home.atmosctl(['endpoint', 'add', 'imds', '--port', `${port}`])
    t.ok(await answers(port))
    t.equal((await home.atmosctl(['logout', '--all'])).code, 0)
    t.notOk(await answers(port))
    t.match(await home.atmosctl(['endpoint', 'list']), { code: 0, stdout: 'No endpoints.\n' })
  })
})

/** Takes a port as soon as the one that had it is gone. */
async function squat(port: number): Promise<Server> {
  for (;;) {
    const server = createServer()
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (taken) return server
    await sleep(20)
  }
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  )
}
