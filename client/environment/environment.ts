/** The variables that give a tool its credentials, by the dialect of its grant. Pure. */
import type { CredentialReply } from '../../shared/credential-reply.ts'
import type { GrantReply } from '../../shared/replies.ts'
import { awsEnvironment, awsReserved, awsStatic, imdsEnvironment } from './aws.ts'
import { azureEnvironment, azureReserved, azureStatic } from './azure.ts'
import type { Before, Environment } from './change.ts'
import { googleEnvironment, googleReserved, googleStatic } from './google.ts'

/** Names that decide whose credentials a tool uses; an identity's own variables may have any other. */
const RESERVED = new Set([...awsReserved, ...googleReserved, ...azureReserved])

/** `program` is what is going to run, where that is known. */
export function environmentOf(grant: GrantReply, env: Before, program?: string): Environment {
  const own = allowed(grant)
  switch (grant.dialect) {
    case 'aws-container':
      return awsEnvironment(grant, own, env)
    case 'aws-imds':
      return imdsEnvironment(grant, own, env)
    case 'gce-metadata':
      return googleEnvironment(grant, own, env, program)
    case 'azure-identity':
      return azureEnvironment(grant, own, env)
  }
}

/** The credential itself as variables, for tools that cannot ask an endpoint. */
export function staticEnvironmentOf(credential: CredentialReply): Environment {
  const own = allowed(credential)
  switch (credential.type) {
    case 'aws':
      return awsStatic(credential, own)
    case 'gcp-token':
      return googleStatic(credential, own)
    case 'azure-token':
      return azureStatic()
  }
}

const SECRETS = [
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'CLOUDSDK_AUTH_ACCESS_TOKEN',
  'GOOGLE_OAUTH_ACCESS_TOKEN',
  'IDENTITY_HEADER',
  'MSI_ENDPOINT',
  'ARM_MSI_ENDPOINT',
]

/** The values that no log may show. */
export function secretsIn({ set }: Environment): string[] {
  return SECRETS.flatMap((name) => set[name] ?? [])
}

/** Names of an identity's own variables that are left out, since the tool would get other credentials by them. */
export function refusedVariables({ variables = {} }: Pick<GrantReply, 'variables'>): string[] {
  return Object.keys(variables).filter((name) => RESERVED.has(name))
}

function allowed({ variables = {} }: Pick<GrantReply, 'variables'>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !RESERVED.has(name)))
}
