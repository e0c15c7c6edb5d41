/** Somebody who is signed in to every cloud by the tools' own means: files and variables that no tool of ours may use. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestHome } from './house.ts'
import { leaks } from './secrets.ts'

const secret = (of: string) => `secret-of-somebody-${of}`
const OWN_SUBSCRIPTION = '99999999-9999-4999-8999-999999999999'

const adc = {
  type: 'authorized_user',
  client_id: 'own.apps.googleusercontent.com',
  client_secret: secret('adc-client'),
  refresh_token: secret('adc'),
}
const azureAccount = {
  id: OWN_SUBSCRIPTION,
  name: 'own',
  state: 'Enabled',
  user: { name: 'somebody@else.example', type: 'user' },
  isDefault: true,
  tenantId: OWN_SUBSCRIPTION,
  environmentName: 'AzureCloud',
}
const files: Readonly<Record<string, string>> = {
  '.config/gcloud/application_default_credentials.json': JSON.stringify(adc),
  '.config/gcloud/configurations/config_default': '[core]\naccount = somebody@else.example\nproject = own\n',
  '.config/gcloud/active_config': 'default',
  '.azure/azureProfile.json': JSON.stringify({ subscriptions: [azureAccount] }),
  '.azure/msal_token_cache.json': JSON.stringify({ RefreshToken: { own: { secret: secret('msal') } } }),
  '.azure/clouds.config': `[AzureCloud]\nsubscription = ${OWN_SUBSCRIPTION}\n`,
  '.aws/credentials': `[default]\naws_access_key_id = AKIAOFSOMEBODYELSE00\naws_secret_access_key = ${secret('aws-file')}\n`,
  '.aws/config': '[default]\nregion = eu-west-1\n',
  'own-key.json': JSON.stringify({ ...adc, refresh_token: secret('key') }),
}

/** What the shell has, which is its own identity at each cloud. */
const variables: Readonly<Record<string, string>> = {
  GOOGLE_CREDENTIALS: JSON.stringify({ ...adc, refresh_token: secret('google-credentials') }),
  GOOGLE_OAUTH_ACCESS_TOKEN: secret('google-token'),
  CLOUDSDK_AUTH_ACCESS_TOKEN: secret('gcloud-token'),
  CLOUDSDK_CORE_ACCOUNT: 'somebody@else.example',
  AZURE_CLIENT_ID: OWN_SUBSCRIPTION,
  AZURE_TENANT_ID: OWN_SUBSCRIPTION,
  AZURE_CLIENT_SECRET: secret('azure-client'),
  ARM_CLIENT_ID: OWN_SUBSCRIPTION,
  ARM_TENANT_ID: OWN_SUBSCRIPTION,
  ARM_SUBSCRIPTION_ID: OWN_SUBSCRIPTION,
  ARM_CLIENT_SECRET: secret('arm-client'),
  ARM_ACCESS_KEY: Buffer.from(secret('arm-storage')).toString('base64'),
  AWS_ACCESS_KEY_ID: 'AKIAOFSOMEBODYELSE00',
  AWS_SECRET_ACCESS_KEY: secret('aws'),
}

export interface OwnSignIns {
  /** The variables of their shell. */
  env: Record<string, string>
  /** Their files that are not as they were, and files that are new beside them. */
  changed(): string[]
  /** What there is of theirs in texts that somebody heard. */
  heardIn(texts: readonly string[]): number
}

/** Signs them in. */
export function ownSignIns({ path: home }: Pick<TestHome, 'path'>): OwnSignIns {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
  }
  const folders = ['.config', '.azure', '.aws']
  const look = () => {
    const below = folders.flatMap((folder) =>
      readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    const found = [...below, 'own-key.json'].filter((name) => statSync(join(home, name)).isFile())
    return new Map(
      found.map((name) => [name, `${statSync(join(home, name)).mtimeMs} ${readFileSync(join(home, name))}`]),
    )
  }
  const before = look()
  const theirs = ['secret-of-somebody', variables.ARM_ACCESS_KEY ?? '', OWN_SUBSCRIPTION, 'somebody@else']
  return {
    env: { ...variables, GOOGLE_APPLICATION_CREDENTIALS: join(home, 'own-key.json') },
    changed() {
      const after = look()
      const names = new Set([...before.keys(), ...after.keys()])
      return [...names].filter((name) => before.get(name) !== after.get(name))
    },
    heardIn: (texts) =>
      leaks(
        texts.map((text, index) => [String(index), text]),
        theirs,
      ).length,
  }
}
