/** Where the tools of each cloud look for credentials, as far as it can win over atmosd. Data alone. */
import { awsWinners } from '../environment/aws.ts'
import { azureWinners } from '../environment/azure.ts'
import { googleWinners } from '../environment/google.ts'

/** A file that tools use on their own. */
export interface FileSource {
  /** Below the home directory. */
  path: string
  /** The variable that moves it. */
  movedBy?: string
  /** What makes it count; without this its being there does. */
  holds?: RegExp
  /** Completes "… is used by …". */
  users: string
}

export interface CloudSources {
  cloud: string
  /** Variables that lead a tool to atmosd, the first of which says so by a loopback address. */
  endpoint: string
  /** Variables that win over it, in no order. */
  winners: readonly string[]
  /** Variables with a file that wins, unless it is one of a grant's own. */
  pointers: readonly string[]
  files: readonly FileSource[]
}

export const sources: readonly CloudSources[] = [
  {
    cloud: 'AWS',
    endpoint: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    winners: awsWinners,
    pointers: [],
    files: [
      {
        path: '.aws/credentials',
        movedBy: 'AWS_SHARED_CREDENTIALS_FILE',
        holds: /^\s*\[default\]/m,
        users: 'all of its SDKs, for its [default] profile',
      },
      {
        path: '.aws/config',
        movedBy: 'AWS_CONFIG_FILE',
        holds: /^\s*\[default\][^[]*^\s*(?:credential_process|role_arn|sso_)/m,
        users: 'all of its SDKs, for its [default] profile',
      },
    ],
  },
  {
    cloud: 'Google Cloud',
    endpoint: 'GCE_METADATA_HOST',
    winners: googleWinners,
    pointers: ['GOOGLE_APPLICATION_CREDENTIALS'],
    files: [
      {
        path: '.config/gcloud/application_default_credentials.json',
        movedBy: 'GOOGLE_APPLICATION_CREDENTIALS',
        users: 'all of its libraries; Go and terraform find it there whatever CLOUDSDK_CONFIG says',
      },
    ],
  },
  {
    cloud: 'Azure',
    endpoint: 'IDENTITY_ENDPOINT',
    winners: azureWinners,
    pointers: [],
    files: [
      {
        path: '.azure/azureProfile.json',
        movedBy: 'AZURE_CONFIG_DIR',
        holds: /"subscriptions"\s*:\s*\[\s*\{/,
        users: 'az, and what asks az: terraform, and the SDKs last of all',
      },
    ],
  },
]
