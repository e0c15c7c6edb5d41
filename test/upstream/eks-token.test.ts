/** Signed addresses as the AWS SDK makes them, and tokens as a cluster of EKS takes them. */
import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import t from 'tap'
import { execCredential, execInfo } from '../../client/render/exec-credential.ts'
import { eksToken } from '../../daemon/upstream/eks-token.ts'
import { presigned } from '../../daemon/upstream/sigv4-presign.ts'
import { Secret } from '../../shared/secret.ts'
import { aws } from '../helpers/chains.ts'

const NOW = Date.UTC(2026, 4, 6, 7, 8, 9, 123)
const MINUTE = 60_000

/** The hash that the SDK's signer is built with, on Node's own. */
function hashOf(key?: string | Uint8Array) {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
  return {
    update: (data: string | Uint8Array) => void hash.update(data),
    digest: async (): Promise<Uint8Array> => hash.digest(),
    reset() {},
  }
}
const Sha256 = function constructed(key?: string | Uint8Array) {
  return hashOf(key)
} as unknown as NonNullable<ConstructorParameters<typeof SignatureV4>[0]['sha256']>

t.test('the same signature as the SDK makes', async (t) => {
  const rows = [
    {
      host: 'sts.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      service: 'sts',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { 'x-k8s-aws-id': 'main' },
    },
    {
      host: 'sts.cn-north-1.amazonaws.com.cn',
      region: 'cn-north-1',
      service: 'sts',
      query: { b: "it's (a) *test*/+=&", B: 'ä', a: '' },
      headers: { 'x-k8s-aws-id': '  two   words ' },
    },
    { host: 'x.example', region: 'us-east-1', service: 'other', query: {}, headers: {} },
  ]
  for (const row of rows) {
    const credential = {
      ...aws(NOW),
      sessionToken: new Secret('IQoJ/+=='),
      secretAccessKey: new Secret('a/b+c'),
    }
    const ours = new URL(presigned(credential, { ...row, now: NOW, seconds: 60 }))
    const credentials = {
      accessKeyId: credential.accessKeyId,
      secretAccessKey: credential.secretAccessKey.reveal(),
      sessionToken: credential.sessionToken.reveal(),
    }
    const signer = new SignatureV4({ ...row, credentials, sha256: Sha256 })
    const theirs = await signer.presign(
      {
        protocol: 'https:',
        hostname: row.host,
        method: 'GET',
        path: '/',
        query: row.query,
        headers: { host: row.host, ...row.headers },
      },
      { expiresIn: 60, signingDate: new Date(NOW), unhoistableHeaders: new Set(Object.keys(row.headers)) },
    )
    t.strictSame(Object.fromEntries(ours.searchParams), { ...theirs.query }, row.host)
  }
})

/** What aws-iam-authenticator checks before it asks STS (pkg/token, verifier); the address and the cluster. */
function verified(token: string, cluster: string): URL {
  const fail = (why: string) => {
    throw new Error(why)
  }
  if (token.length > 4_096) fail('too long')
  if (!/^k8s-aws-v1\.[\w-]+$/.test(token)) fail('prefix or padding')
  const url = new URL(Buffer.from(token.slice(11), 'base64url').toString())
  if (url.protocol !== 'https:' || url.pathname !== '/' || url.port) fail('address')
  if (!/^sts\.[a-z\d-]+\.amazonaws\.com(?:\.cn)?$/.test(url.host)) fail('host')
  const names = [...url.searchParams.keys()].map((name) => name.toLowerCase())
  const allowed = [
    'action',
    'version',
    ...['algorithm', 'credential', 'date', 'expires', 'security-token', 'signature', 'signedheaders'].map(
      (name) => `x-amz-${name}`,
    ),
  ]
  if (new Set(names).size !== names.length || names.some((name) => !allowed.includes(name)))
    fail('parameters')
  if (url.searchParams.get('X-Amz-Expires') !== '60') fail('expires')
  if (url.searchParams.get('X-Amz-SignedHeaders') !== 'host;x-k8s-aws-id') fail(`${cluster} is not signed`)
  return url
}

t.test(
  '227, 228, 229, 230, 231: a token: its parameters, its length, its form, its end, its host',
  async (t) => {
    const rows: [region: string, host: string, lifeMs: number, goodMs: number][] = [
      ['us-east-1', 'sts.us-east-1.amazonaws.com', 60 * MINUTE, 14 * MINUTE],
      ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com', 15 * MINUTE, 14 * MINUTE],
      ['cn-northwest-1', 'sts.cn-northwest-1.amazonaws.com.cn', 10 * MINUTE, 9 * MINUTE],
    ]
    for (const [region, host, lifeMs, goodMs] of rows) {
      const { token, expiresAt } = eksToken(aws(NOW + lifeMs), { cluster: 'main', region }, NOW)
      t.equal(verified(token.reveal(), 'main').host, host)
      t.equal(expiresAt - NOW, goodMs, region)
    }
    const cluster = { cluster: 'main', region: 'us-east-1' }
    const long = (bytes: number) => ({ ...aws(NOW), sessionToken: new Secret('x'.repeat(bytes)) })
    t.ok(verified(eksToken(long(2_400), cluster, NOW).token.reveal(), 'main'))
    t.throws(() => eksToken(long(3_000), cluster, NOW), {
      code: 'UpstreamInvalid',
      message: /has \d+ bytes, and EKS takes 4096/,
    })
    t.throws(() => eksToken(aws(NOW), { cluster: 'main', region: 'us-iso-east-1' }, NOW), {
      code: 'KindUnsupported',
    })
  },
)

t.test('225, 226: the version that the kubeconfig asks for', async (t) => {
  const group = 'client.authentication.k8s.io'
  const rows: [text: string | undefined, apiVersion: string, interactive: boolean][] = [
    [undefined, `${group}/v1`, true],
    ['', `${group}/v1`, true],
    ['not json', `${group}/v1`, true],
    ['null', `${group}/v1`, true],
    [`{"apiVersion":"${group}/v1","spec":{"interactive":true}}`, `${group}/v1`, true],
    [
      `{"apiVersion":"${group}/v1beta1","kind":"ExecCredential","spec":{"interactive":false}}`,
      `${group}/v1beta1`,
      false,
    ],
  ]
  for (const [text, apiVersion, interactive] of rows)
    t.strictSame(execInfo(text), { apiVersion, interactive }, String(text))
  for (const version of [`"${group}/v1alpha1"`, '"v1"', '7'])
    t.throws(
      () => execInfo(`{"apiVersion":${version}}`),
      { code: 'Usage', hint: /\/v1 or .*\/v1beta1/ },
      version,
    )
  const info = { apiVersion: `${group}/v1beta1`, interactive: true }
  t.equal(
    execCredential(info, { identity: 'dev', token: 'k8s-aws-v1.abc', expiresAt: NOW }),
    `{"apiVersion":"${group}/v1beta1","kind":"ExecCredential","status":{"expirationTimestamp":"2026-05-06T07:08:09Z","token":"k8s-aws-v1.abc"}}\n`,
  )
})
