/** `atmosctl eks-token` as kubectl runs it; the sandbox's STS checks what is in the token. */
import { readFileSync, utimesSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { cloudHome } from '../helpers/cloud-home.ts'
import type { Outcome } from '../helpers/house.ts'

const { home, cloud } = await cloudHome(t)
home.env.ATMOSD_LOG_LEVEL = 'trace'

const GROUP = 'client.authentication.k8s.io'
const V1BETA1 = JSON.stringify({
  apiVersion: `${GROUP}/v1beta1`,
  kind: 'ExecCredential',
  spec: { interactive: false },
})
const eks = (args: string[] = [], env: Record<string, string> = {}) =>
  home.atmosctl(['eks-token', '--cluster-name', 'main', '--region', 'eu-west-1', ...args], { env })

interface ExecCredential {
  apiVersion: string
  kind: string
  status: { token: string; expirationTimestamp: string }
}
const parsed = ({ stdout }: Outcome) => JSON.parse(stdout) as ExecCredential

/** Asks the sandbox's STS as a cluster asks the real one. */
function whoIs(
  { status: { token } }: ExecCredential,
  cluster: string,
): Promise<{ status: number; body: string }> {
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString())
  const headers = { Host: url.host, 'x-k8s-aws-id': cluster }
  const { port } = new URL(cloud.url)
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: `/${url.search}`, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
      .once('error', reject)
      .end()
  })
}

t.test(
  '232: without a sign-in, it fails at once and prints no answer, and the hint once in ten seconds',
  async (t) => {
    const hint = /Nobody is signed in to "company-sso"\.\n {2}Run `atmosctl login/
    const asked = () => eks([], { KUBERNETES_EXEC_INFO: V1BETA1 })
    t.match(await asked(), { code: 4, stdout: '', stderr: hint })
    for (let again = 0; again < 2; again++)
      t.match(
        await asked(),
        { code: 4, stdout: '', stderr: /^[^\n]*Nobody is signed in[^\n]*\n$/ },
        'hint once',
      )
    t.match(await eks(), { code: 4, stderr: hint }, 'a person is told each time')
    utimesSync(join(home.path, 'run', 'atmosd', 'said-eks-token'), 0, Date.now() / 1000 - 11)
    t.match(await asked(), { code: 4, stderr: hint }, 'and kubectl after ten seconds')
    t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
  },
)

t.test('226, 227, 230: a token for the cluster, and for no other, for fourteen minutes', async (t) => {
  const outcome = await eks()
  t.match(outcome, { code: 0, stderr: '', stdout: /^\{.*\}\n$/ })
  const credential = parsed(outcome)
  t.match(credential, { apiVersion: `${GROUP}/v1`, kind: 'ExecCredential' })
  t.match(credential.status.expirationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  const left = Date.parse(credential.status.expirationTimestamp) - Date.now()
  t.ok(left > 13.5 * 60_000 && left <= 14 * 60_000, `${left} ms`)
  const { status, body } = await whoIs(credential, 'main')
  t.equal(status, 200)
  t.match(body, /<Arn>arn:aws:sts::111111111111:assumed-role\/AWSReservedSSO_AdminAccess_/)
  t.match(await whoIs(credential, 'other'), { status: 403, body: /SignatureDoesNotMatch/ })
  const prod = await eks(['-i', 'prod-admin'])
  t.match(await whoIs(parsed(prod), 'main'), { status: 200, body: /assumed-role\/ProductionAdmin/ })
})

t.test(
  '225, 231: in the version that is asked for; of the region of the identity where none is named',
  async (t) => {
    t.equal(parsed(await eks([], { KUBERNETES_EXEC_INFO: V1BETA1 })).apiVersion, `${GROUP}/v1beta1`)
    const plain = parsed(await home.atmosctl(['auth', 'eks-token', '--cluster-name', 'main']))
    const address = Buffer.from(plain.status.token.slice(11), 'base64url').toString()
    t.match(address, /^https:\/\/sts\.us-east-1\.amazonaws\.com\/\?/)
  },
)

t.test('233: it reads nothing, waits for no input to end, and prints the answer alone', async (t) => {
  const child = home.start(['eks-token', '--cluster-name', 'main', '--region', 'eu-west-1'])
  const said = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    said.err += chunk
  })
  child.stdin?.write('whatever')
  t.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
  t.match(said, { out: /^\{"apiVersion":[^\n]*\}\n$/, err: /^$/ })
})

t.test('what cannot be meant', async (t) => {
  const alpha = JSON.stringify({ apiVersion: `${GROUP}/v1alpha1` })
  const rows: [what: string, run: () => Promise<Outcome>, code: number, stderr: RegExp][] = [
    ['no cluster', () => home.atmosctl(['eks-token']), 2, /needs the name of a cluster/],
    ['no name', () => eks(['--cluster-name', 'a b']), 2, /--cluster-name: "a b" is no name of a cluster/],
    ['no region', () => eks(['--region', 'evil.example/#']), 2, /--region: "evil.example\/#" is no region/],
    ['an old version', () => eks([], { KUBERNETES_EXEC_INFO: alpha }), 2, /asks for .*v1alpha1/],
    ['switched off', () => eks([], { ATMOS_IDENTITY: 'off' }), 2, /switched off .* no token/],
    ['nobody', () => eks(['-i', 'nobody']), 3, /no identity "nobody"/],
    [
      'a partition without public hosts',
      () => eks(['--region', 'us-iso-east-1']),
      3,
      /the hosts of us-iso-east-1/,
    ],
  ]
  for (const [what, run, code, stderr] of rows) t.match(await run(), { code, stdout: '', stderr }, what)
})

t.test('no secret is in the log', async (t) => {
  const { status } = parsed(await eks())
  const log = readFileSync(join(home.path, '.local', 'share', 'atmosd', 'daemon.log'), 'utf8')
  t.match(log, /"cluster":"main","region":"eu-west-1".*"msg":"cluster token made"/)
  for (const secret of [status.token, ...cloud.secrets()]) t.notOk(log.includes(secret))
})
