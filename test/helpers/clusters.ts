/** Clusters of EKS for tests: a home with integrations for them, and an API server that checks who asks, as EKS does. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { request as ask } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import type { startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { startApiServer } from './api-server.ts'
import { cloudHome } from './cloud-home.ts'
import { ATMOSCTL, finished, type Outcome, type TestHome } from './house.ts'

const TLS = join(import.meta.dirname, '..', 'fixtures', 'tls')
export const certificate = readFileSync(join(TLS, 'certificate.pem'))

export const integrations = `  integrations:
    dev/eks:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { cluster: { name: main, region: us-east-2, alias: dev } }
    prod/eks:
      kind: aws/eks
      via: { identity: prod-admin }
      spec: { cluster: { name: main, region: eu-west-1, kubeconfig: { path: kube/prod, mode: "0640" } } }
    by-hand:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { auto_provision: false, cluster: { name: lab, region: us-east-2, alias: lab } }
    strict:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { auto_provision: false, cluster: { name: lab, region: us-east-2, alias: theirs, kubeconfig: { update: error } } }
    replacing:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { auto_provision: false, cluster: { name: lab, region: us-east-2, alias: theirs, kubeconfig: { update: replace } } }
`

export interface Exec {
  apiVersion: string
  command: string
  args: string[]
  env?: { name: string; value: string }[]
  installHint: string
  interactiveMode: string
  provideClusterInfo: boolean
}
export interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, string> }[]
  users: { name: string; user: { exec: Exec } }[]
  contexts: { name: string; context: { cluster: string; user: string } }[]
  'current-context'?: string
}
export interface Place extends TestHome {
  cloud: Awaited<ReturnType<typeof startCloud>>
  /** The usual file. */
  file: string
  kube(file?: string): Kubeconfig
  login(env?: Record<string, string>): Promise<Outcome>
}

export async function place(
  t: Test,
  keyring: 'memory' | 'file' = 'memory',
  more = integrations,
): Promise<Place> {
  const config = (url: string) => exampleConfig(url, keyring) + more
  const { home, cloud } = await cloudHome(t, {}, { keyringPassword: 'correct horse battery' }, config)
  const bin = join(home.path, 'bin')
  mkdirSync(bin)
  symlinkSync(ATMOSCTL, join(bin, 'atmosctl'))
  home.env.PATH = `${bin}:${home.env.PATH}`
  const file = join(home.path, '.kube', 'config')
  return {
    ...home,
    cloud,
    file,
    kube: (path = file) => parse(readFileSync(path, 'utf8')) as Kubeconfig,
    login: (env = {}) => home.atmosctl(['login', '--no-browser'], { env }),
  }
}

/** Runs a user's plugin as kubectl does. */
export function plugin(at: Pick<Place, 'env'>, { exec }: { exec: Exec }, cwd = '/'): Promise<Outcome> {
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
  const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]))
  const env = { ...at.env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) }
  return finished(spawn(exec.command, exec.args, { cwd, env }))
}

/** An API server that lets in whoever the sandbox's STS takes for somebody, as EKS does. */
export async function apiServer(t: Test, at: Pick<Place, 'cloud'>, cluster: string): Promise<string> {
  const { url, authority } = await startApiServer(t, async (token) => {
    const who = URL.parse(Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString())
    return who ? whoIs(at.cloud.url, who, cluster) : undefined
  })
  at.cloud.cluster(cluster, { endpoint: url, authority })
  return url
}

/** Whose token it is, as STS says when it is asked as a cluster asks; undefined where it does not. */
function whoIs(cloud: string, { host, search }: URL, cluster: string): Promise<string | undefined> {
  const { port } = new URL(cloud)
  const headers = { host, 'x-k8s-aws-id': cluster }
  return new Promise((resolve) => {
    ask({ host: '127.0.0.1', port, path: `/${search}`, headers }, (answer) => {
      let body = ''
      answer.on('data', (chunk) => {
        body += chunk
      })
      answer.once('end', () => resolve(/<Arn>([^<]+)/.exec(body)?.[1]))
    }).end()
  })
}

/** The status with which an API server answers a token. */
export function version(server: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(
      `${server}/version`,
      { ca: certificate, headers: { authorization: `Bearer ${token}` } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      },
    )
      .once('error', reject)
      .end()
  })
}

/** A kubectl whose exec plugins speak v1 (kubernetes/kubernetes, CHANGELOG-1.22), as a version such as 1.32. */
export const kubectlVersion = /"gitVersion": "v(1\.(?:2[4-9]|[3-9]\d)[^"]*)"/.exec(
  spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' }).stdout ?? '',
)?.[1]

/** Runs kubectl, from a directory that has no configuration. */
export function kubectl(at: Pick<Place, 'env'>, ...args: string[]): Promise<Outcome> {
  return finished(spawn('kubectl', args, { cwd: '/', env: at.env }))
}
