/** What tools of Google Cloud and Azure are given, what is taken from them, and the files beside it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { applied } from '../../client/environment/change.ts'
import { environmentOf, secretsIn, staticEnvironmentOf } from '../../client/environment/environment.ts'
import { writeFiles } from '../../client/environment/files.ts'
import type { GrantReply } from '../../shared/replies.ts'

const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))

const common = { id: 'id', identity: 'dev', token: 'secret', region: 'us-east-1', expiresAt: 0, directory }
const google: GrantReply = {
  ...common,
  dialect: 'gce-metadata',
  url: 'http://127.0.0.1:40001',
  exchange: 'http://127.0.0.1:9191/gcp/id',
  facts: { project: 'my-project', projectNumber: '123', region: 'us-central1' },
}
const azure: GrantReply = {
  ...common,
  dialect: 'azure-identity',
  url: 'http://127.0.0.1:9191/azure/id',
  path: 'in-path',
  facts: { subscription: 'sub', tenant: 'ten', location: 'eastus' },
}
const textOf = (name: string) => readFileSync(join(directory, name), 'utf8')

t.test(
  'Google Cloud: a credential file with a secret, and a metadata server for who reads none',
  async (t) => {
    const before = {
      PATH: '/bin',
      GOOGLE_CREDENTIALS: '{}',
      GOOGLE_OAUTH_ACCESS_TOKEN: 'old',
      CLOUDSDK_CORE_ACCOUNT: 'me@example.com',
      NO_GCE_CHECK: 'true',
      AWS_PROFILE: 'kept',
    }
    const change = environmentOf(google, before)
    const after = applied(before, change)
    const host = '127.0.0.1:40001'
    const direct = '127.0.0.1,localhost,169.254.169.254,169.254.170.2,metadata.google.internal'
    t.strictSame(after, {
      PATH: '/bin',
      AWS_PROFILE: 'kept',
      GCE_METADATA_HOST: host,
      GCE_METADATA_ROOT: host,
      GCE_METADATA_IP: host,
      METADATA_SERVER_DETECTION: 'assume-present',
      CLOUDSDK_CONFIG: join(directory, 'gcloud'),
      GOOGLE_APPLICATION_CREDENTIALS: join(directory, 'google.json'),
      GOOGLE_CLOUD_PROJECT: 'my-project',
      GCLOUD_PROJECT: 'my-project',
      GOOGLE_PROJECT: 'my-project',
      CLOUDSDK_CORE_PROJECT: 'my-project',
      GOOGLE_CLOUD_REGION: 'us-central1',
      GOOGLE_REGION: 'us-central1',
      CLOUDSDK_COMPUTE_REGION: 'us-central1',
      NO_PROXY: direct,
      no_proxy: direct,
    })

    writeFiles(change)
    t.match(JSON.parse(textOf('google.json')), {
      type: 'external_account',
      token_url: 'http://127.0.0.1:9191/gcp/id/token',
      credential_source: {
        url: 'http://127.0.0.1:9191/gcp/id/subject',
        headers: { Authorization: 'Bearer secret' },
      },
      quota_project_id: 'my-project',
    })
    t.equal(statSync(join(directory, 'google.json')).mode & 0o777, 0o600)
    t.equal(statSync(join(directory, 'gcloud')).mode & 0o777, 0o700)
    t.equal(
      textOf('gcloud/gce'),
      'True',
      '143: gcloud asks the metadata server and does not remember another answer',
    )
  },
)

t.test(
  '160: Java takes no credential file with http in it, so it has the metadata server alone',
  async (t) => {
    const before = { GOOGLE_APPLICATION_CREDENTIALS: '/home/me/key.json' }
    for (const program of ['java', '/usr/bin/mvn', './gradlew']) {
      const { GOOGLE_APPLICATION_CREDENTIALS, GCE_METADATA_HOST } = applied(
        before,
        environmentOf(google, before, program),
      )
      t.strictSame(
        [GOOGLE_APPLICATION_CREDENTIALS, GCE_METADATA_HOST],
        [undefined, '127.0.0.1:40001'],
        program,
      )
    }
    const after = applied(before, environmentOf(google, before, 'terraform'))
    t.equal(after.GOOGLE_APPLICATION_CREDENTIALS, join(directory, 'google.json'))
  },
)

t.test('Azure: an identity with a secret header, and one in a path for who can send none', async (t) => {
  const before = {
    AZURE_CLIENT_SECRET: 'x',
    ARM_CLIENT_ID: 'x',
    ARM_ACCESS_KEY: 'x',
    IMDS_ENDPOINT: 'http://169.254.169.254',
    AZURE_AUTHORITY_HOST: 'x',
    MSI_SECRET: 'x',
  }
  const change = environmentOf(azure, before)
  t.match(applied(before, change), {
    IDENTITY_ENDPOINT: 'http://127.0.0.1:9191/azure/id/msi/token',
    IDENTITY_HEADER: 'secret',
    MSI_ENDPOINT: 'http://127.0.0.1:9191/azure/id/in-path/cloudshell',
    ARM_USE_MSI: 'true',
    ARM_MSI_ENDPOINT: 'http://127.0.0.1:9191/azure/id/in-path/metadata/identity/oauth2/token',
    ARM_USE_CLI: 'false',
    ARM_SUBSCRIPTION_ID: 'sub',
    AZURE_SUBSCRIPTION_ID: 'sub',
    ARM_TENANT_ID: 'ten',
    AZURE_CONFIG_DIR: join(directory, 'azure'),
    ARM_LOCATION: 'eastus',
  })
  const left = Object.keys(before).filter((name) => name in applied(before, change))
  t.strictSame(left, [], '195: nothing is left that would win')
  writeFiles(change)
  const { subscriptions } = JSON.parse(textOf('azure/azureProfile.json'))
  t.match(subscriptions, [{ id: 'sub', tenantId: 'ten', isDefault: true, environmentName: 'AzureCloud' }])

  const government = environmentOf({ ...azure, facts: { ...azure.facts, cloud: 'usgovernment' } }, before)
  t.match(government.set, {
    ARM_ENVIRONMENT: 'usgovernment',
    AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
  })
})

t.test('194: an endpoint never without its header', async (t) => {
  const { set } = environmentOf(azure, {})
  t.ok(set.IDENTITY_ENDPOINT && set.IDENTITY_HEADER)
})

t.test('a token as it is', async (t) => {
  const token = { identity: 'dev', region: '', expiresAt: 0, accessToken: 'ya29', facts: { project: 'p' } }
  const before = { GOOGLE_APPLICATION_CREDENTIALS: 'x' }
  const change = staticEnvironmentOf({ ...token, type: 'gcp-token' })
  t.match(applied(before, change), {
    GOOGLE_OAUTH_ACCESS_TOKEN: 'ya29',
    CLOUDSDK_AUTH_ACCESS_TOKEN: 'ya29',
    GOOGLE_CLOUD_PROJECT: 'p',
    GOOGLE_APPLICATION_CREDENTIALS: undefined,
  })
  t.strictSame(secretsIn(change), ['ya29', 'ya29'])
  t.throws(() => staticEnvironmentOf({ ...token, type: 'azure-token' }), { code: 'Usage' })
})

t.test('an identity’s own variables decide nothing that is ours to decide', async (t) => {
  const variables = { GOOGLE_APPLICATION_CREDENTIALS: '/evil', MSI_SECRET: 'x', TF_LOG: 'info' }
  const { set } = environmentOf({ ...google, variables }, {})
  t.equal(set.GOOGLE_APPLICATION_CREDENTIALS, join(directory, 'google.json'))
  t.equal(set.MSI_SECRET, undefined)
  t.equal(set.TF_LOG, 'info')
})
