/** The variables that give Google Cloud's tools their credentials, and those that would win over them. Pure. */
import { basename, join } from 'node:path'
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import type { GoogleCredentialReply } from '../../shared/credential-reply.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { type Before, type Environment, type GrantFile, given, noProxy } from './change.ts'

/** Credentials, files of them and accounts that the tools look at before any metadata server. */
const OTHERS = [
  'GOOGLE_CREDENTIALS',
  'GOOGLE_BACKEND_CREDENTIALS',
  'GOOGLE_CLOUD_KEYFILE_JSON',
  'GCLOUD_KEYFILE_JSON',
  'GOOGLE_IMPERSONATE_SERVICE_ACCOUNT',
  'GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT',
  'CLOUDSDK_AUTH_ACCESS_TOKEN_FILE',
  'CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE',
  'CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT',
  'CLOUDSDK_CORE_ACCOUNT',
  'CLOUDSDK_ACTIVE_CONFIG_NAME',
  'BOTO_CONFIG',
  'BOTO_PATH',
]
/** A token as it is, which nobody renews: gcloud's own and terraform's. */
const STATIC = ['CLOUDSDK_AUTH_ACCESS_TOKEN', 'GOOGLE_OAUTH_ACCESS_TOKEN']
/** What keeps a client from a metadata server on this machine. */
const METADATA_OTHERS = ['NO_GCE_CHECK', 'GCE_METADATA_MTLS_MODE']
const METADATA = ['GCE_METADATA_HOST', 'GCE_METADATA_ROOT', 'GCE_METADATA_IP', 'METADATA_SERVER_DETECTION']
const FILES = ['GOOGLE_APPLICATION_CREDENTIALS', 'CLOUDSDK_CONFIG']

/** What wins over the metadata server where it is set. */
export const googleWinners = [...OTHERS, ...STATIC, ...METADATA_OTHERS]

/** Names that decide whose credentials a tool uses. */
export const googleReserved = [...OTHERS, ...STATIC, ...METADATA_OTHERS, ...METADATA, ...FILES]

/** Google's Java library takes an external_account with https addresses alone, and asks the metadata server otherwise. */
const JAVA = new Set([
  'java',
  'mvn',
  'mvnw',
  'gradle',
  'gradlew',
  'sbt',
  'scala',
  'kotlin',
  'jbang',
  'clojure',
])

type Grant = Pick<GrantReply, 'url' | 'token' | 'exchange' | 'directory' | 'facts'>
type Own = Readonly<Record<string, string>>

/**
 * A credential file of the type external_account, which carries a secret, for all libraries that read one; the metadata
 * server for gcloud, gsutil, bq and Java. `program` is what is going to run, where it is known.
 */
export function googleEnvironment(grant: Grant, own: Own, env: Before, program?: string): Environment {
  const directory = grant.directory ?? ''
  const config = join(directory, 'gcloud')
  const host = new URL(grant.url).host
  const file = externalAccount(grant, directory)
  const isJava = program !== undefined && JAVA.has(basename(program))
  const set = {
    ...places(grant.facts),
    ...own,
    GCE_METADATA_HOST: host,
    GCE_METADATA_ROOT: host,
    GCE_METADATA_IP: host,
    METADATA_SERVER_DETECTION: 'assume-present',
    CLOUDSDK_CONFIG: config,
    ...(isJava ? {} : { GOOGLE_APPLICATION_CREDENTIALS: file.path }),
    ...noProxy(own, env),
  }
  // gcloud asks once in ten minutes whether there is a metadata server, and keeps the answer in this file.
  const files = [file, { path: join(config, 'gce'), text: 'True' }]
  const unset = [
    ...OTHERS,
    ...STATIC,
    ...METADATA_OTHERS,
    ...(isJava ? ['GOOGLE_APPLICATION_CREDENTIALS'] : []),
  ]
  return { set, unset, files }
}

/** The token itself as variables, for tools that can ask nobody. */
export function googleStatic({ accessToken, facts }: GoogleCredentialReply, own: Own): Environment {
  const tokens = Object.fromEntries(STATIC.map((name) => [name, accessToken]))
  return {
    set: { ...places(facts), ...own, ...tokens },
    unset: [...OTHERS, 'GOOGLE_APPLICATION_CREDENTIALS'],
  }
}

/** Project, region and zone under every name that one of the tools reads. */
function places({ project, region, zone }: CloudFacts = {}): Record<string, string> {
  return given({
    GOOGLE_CLOUD_PROJECT: project,
    GCLOUD_PROJECT: project,
    GOOGLE_PROJECT: project,
    CLOUDSDK_CORE_PROJECT: project,
    GOOGLE_CLOUD_REGION: region,
    GOOGLE_REGION: region,
    CLOUDSDK_COMPUTE_REGION: region,
    GOOGLE_CLOUD_ZONE: zone,
    GOOGLE_ZONE: zone,
    CLOUDSDK_COMPUTE_ZONE: zone,
  })
}

/** See https://google.aip.dev/auth/4117. The audience names a pool, as the libraries want it to, and is looked at by nobody else. */
function externalAccount({ exchange, token, facts = {} }: Grant, directory: string): GrantFile {
  const pool = `projects/${facts.projectNumber ?? '0'}/locations/global/workloadIdentityPools/atmosd`
  const document = {
    type: 'external_account',
    audience: `//iam.googleapis.com/${pool}/providers/atmosd`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${exchange}/token`,
    credential_source: {
      url: `${exchange}/subject`,
      headers: { Authorization: `Bearer ${token}` },
      format: { type: 'json', subject_token_field_name: 'subject_token' },
    },
    ...(facts.project === undefined ? {} : { quota_project_id: facts.project }),
  }
  return { path: join(directory, 'google.json'), text: `${JSON.stringify(document, null, 2)}\n` }
}
