/** The client of Kubernetes, which kubectl, helm and k9s are made of, gets its tokens by what a sign-in enters. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer as createPlainServer, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import { cluster } from '../helpers/clients.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { ATMOSCTL, finished } from '../helpers/house.ts'
import { talkTo } from '../helpers/talk.ts'

const TLS = join(import.meta.dirname, '..', 'fixtures', 'tls')
const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => readFileSync(join(TLS, name)))
const { skip, command } = cluster

const integration = `  integrations:
    dev/eks:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { cluster: { name: main, region: us-east-2, alias: dev } }
`

/** A home with a kubeconfig, and a cluster that takes what it does not refuse. */
async function place(t: Test) {
  const config = (url: string) => exampleConfig(url) + integration
  const { home, cloud } = await cloudHome(t, {}, {}, config)
  const tokens: (string | undefined)[] = []
  const refused = new Set<string | undefined>()
  const answer: RequestListener = (request, response) => {
    const token = request.headers.authorization
    tokens.push(token)
    response.writeHead(refused.has(token) ? 401 : 200, { 'Content-Type': 'application/json' }).end('{}')
  }
  const listen = async (server: Server) => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    t.teardown(() => server.close())
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const secure = `https://${await listen(createServer({ key, cert: certificate }, answer))}`
  const plain = `http://${await listen(createPlainServer(answer))}`
  cloud.cluster('main', { endpoint: secure, authority: certificate?.toString('base64') ?? '' })

  const bin = join(home.path, 'bin')
  const plugin = join(bin, 'atmosctl')
  mkdirSync(bin)
  symlinkSync(ATMOSCTL, plugin)
  home.env.PATH = `${bin}:${home.env.PATH}`
  t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  const runs = join(home.path, 'runs')
  rmSync(plugin)
  writeFileSync(plugin, `#!/bin/sh\necho run >> '${runs}'\nexec '${process.execPath}' '${ATMOSCTL}' "$@"\n`)
  chmodSync(plugin, 0o755)

  const file = join(home.path, '.kube', 'config')
  const start = () => spawn(command[0] ?? '', { cwd: '/', env: home.env })
  return {
    home,
    tokens,
    refused,
    plugin,
    start,
    ran: () => (existsSync(runs) ? readFileSync(runs, 'utf8').split('\n').length - 1 : 0),
    withoutTls() {
      const text = readFileSync(file, 'utf8').replace(secure, plain)
      writeFileSync(file, text.replace(/^ +certificate-authority-data:.*\n/m, ''))
    },
  }
}

t.test(
  '226, 237: a token is used until the cluster refuses it, and then a new one is got, once',
  { skip },
  async (t) => {
    const { tokens, refused, ran, start } = await place(t)
    const { ask, end } = talkTo(start())
    t.match(await ask(), { status: 200 })
    t.match(await ask(), { status: 200 })
    t.match(tokens[0], /^Bearer k8s-aws-v1\./)
    t.strictSame([tokens[1], ran()], [tokens[0], 1], 'kept by the client')
    await sleep(1_100) // a signature is of its second
    refused.add(tokens[0])
    t.match(await ask(), { status: 401 })
    t.match(await ask(), { status: 200 })
    t.not(tokens.at(-1), tokens[0], 'a fresh one')
    t.equal(ran(), 2)
    end()
  },
)

t.test('232: a plugin that fails says what to do once, however often it is run', { skip }, async (t) => {
  const { home, ran, start, tokens } = await place(t)
  const file = join(home.path, '.kube', 'config')
  const entered = readFileSync(file)
  await home.atmosctl(['logout', '--all'])
  writeFileSync(file, entered)
  const { stdout, stderr } = await finished(start(), '\n'.repeat(5))
  t.equal(stdout.match(/exit code 4/g)?.length, 5)
  t.equal(ran(), 5)
  t.equal(stderr.match(/Nobody is signed in/g)?.length, 5)
  t.equal(stderr.match(/Run `atmosctl login/g)?.length, 1)
  t.strictSame(tokens, [])
})

t.test('234: where the plugin is missing, it is said how to get it', { skip }, async (t) => {
  const { plugin, start } = await place(t)
  rmSync(plugin)
  const { stdout } = await finished(start(), '\n')
  t.match(JSON.parse(stdout), { error: /executable atmosctl not found[\s\S]*atmosctl/ })
})

t.test('235: a cluster without TLS gets no token, and the plugin is not run', { skip }, async (t) => {
  const { ran, start, tokens, withoutTls } = await place(t)
  withoutTls()
  const { ask, end } = talkTo(start())
  t.match(await ask(), { status: 200 })
  t.strictSame([tokens, ran()], [[undefined], 0])
  end()
})
