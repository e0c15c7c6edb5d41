/** A running daemon with Google's kinds on the sandbox, a home for credential files, and shells that have them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { wanting } from '../../daemon/graph/wanting.ts'
import { ADC_VARIABLES } from '../../daemon/upstream/google-adc-place.ts'
import type { GcpToken, OidcToken } from '../../shared/credential.ts'
import type { Want } from '../../shared/want.ts'
import { addAccount, NUMBER, signInFile } from '../cloud/google-state.ts'
import { chainOf } from './identities.ts'
import { type Running, type RunningOptions, running } from './running.ts'

export const DEVELOPER = 'dev@example.com'
export const TERRAFORM = 'terraform@my-project.iam.gserviceaccount.com'
export const AUDIENCE = 'https://service.example'

/** `wif` is what the provider of that name says besides its pool. */
export function googleConfig(url: string, wif = ''): string {
  return `auth:
  realm: sandbox
  keyring: { type: memory }
  providers:
    adc: { kind: gcp/adc, project_id: my-project, region: us-central1, spec: { endpoint_url: '${url}' } }
    narrow: { kind: gcp/adc, scopes: [https://www.googleapis.com/auth/drive], spec: { endpoint_url: '${url}' } }
    wif:
      kind: gcp/workload-identity-federation
      project_id: my-project
      project_number: "${NUMBER}"
      workload_identity_pool_id: github-pool
      workload_identity_provider_id: github-provider
      ${wif}
      spec: { endpoint_url: '${url}' }
  identities:
    me: { kind: gcp/project, default: true, via: { provider: adc }, principal: { project_id: production-project, zone: us-central1-a } }
    drive: { kind: gcp/project, via: { provider: narrow }, principal: { project_id: production-project } }
    ci: { kind: gcp/project, via: { provider: wif }, principal: { project_id: production-project } }
    terraform: { kind: gcp/service-account, via: { provider: adc }, principal: { service_account_email: ${TERRAFORM}, project_id: my-project } }
    reader: { kind: gcp/service-account, via: { provider: adc }, principal: { service_account_email: ${TERRAFORM}, scopes: [https://www.googleapis.com/auth/devstorage.read_only], lifetime: 10m } }
    lasting: { kind: gcp/service-account, via: { provider: adc }, principal: { service_account_email: ${TERRAFORM}, lifetime: 2h } }
    further: { kind: gcp/service-account, via: { identity: terraform }, principal: { service_account_email: last@my-project.iam.gserviceaccount.com, delegates: [between@my-project.iam.gserviceaccount.com] } }
`
}

export interface GooglePlace {
  daemon: Running
  /** A home directory with nothing in it. */
  home: string
  /** Writes a file below the home; its path. */
  write(name: string, content: string | object): string
  /** Writes gcloud's own file in the home. */
  signIn(content: string | object): string
  /** The daemon as a shell with these variables alone sees it. */
  shell(variables?: Record<string, string>): Running
}

export async function googlePlace(
  t: { teardown(work: () => unknown): void },
  options: RunningOptions & { wif?: string; names?: readonly string[] } = {},
): Promise<GooglePlace> {
  const daemon = await running({ config: (url) => googleConfig(url, options.wif), ...options })
  const home = mkdtempSync(join(tmpdir(), 'atmosd-google-'))
  t.teardown(async () => {
    await daemon.stop()
    rmSync(home, { recursive: true, force: true })
  })
  addAccount(daemon.cloud.google, TERRAFORM, DEVELOPER)
  const jobs = ['GITHUB_ACTIONS', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  const none = [...ADC_VARIABLES, ...jobs, ...(options.names ?? [])].map((name) => [name, null] as const)
  const write = (name: string, content: string | object) => {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  return {
    daemon,
    home,
    write,
    signIn: (content) => write('.config/gcloud/application_default_credentials.json', content),
    shell: (variables = { HOME: home }) => ({
      ...daemon,
      workspace: { ...daemon.workspace, environment: { ...Object.fromEntries(none), ...variables } },
    }),
  }
}

/** One where a developer is signed in to gcloud. */
export async function signedInPlace(...args: Parameters<typeof googlePlace>): Promise<GooglePlace> {
  const place = await googlePlace(...args)
  place.signIn(signInFile(place.daemon.cloud.google, DEVELOPER))
  return place
}

export async function tokenFor(shell: Running, identity: string, want?: Want): Promise<GcpToken> {
  const chain = wanting(await chainOf(shell, identity), want)
  return (await shell.app.house.broker.session(chain)).credential as GcpToken
}

export async function idTokenFor(shell: Running, identity: string, audience = AUDIENCE): Promise<OidcToken> {
  return (await tokenFor(shell, identity, { audience })) as unknown as OidcToken
}

/** What Google knows of a token that it gave. */
export function known({ cloud }: Running, { accessToken }: GcpToken) {
  return cloud.google.accessTokens.get(accessToken.reveal())
}
