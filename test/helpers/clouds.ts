/** A home with integrations of three clouds, on the sandbox; somebody is signed in to gcloud, and Entra ID agrees. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import type { Cloud } from '../cloud/cloud.ts'
import { ENTRA_CA, type Entra, type EntraOptions, startEntra } from '../cloud/entra.ts'
import { SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import { addAccount, signInFile } from '../cloud/google-state.ts'
import { cloudHome } from './cloud-home.ts'
import type { Kubeconfig } from './clusters.ts'
import { ATMOSCTL, type TestHome } from './house.ts'

export const HELPER = join(import.meta.dirname, '..', '..', 'client', 'bin', 'docker-credential-atmos.cjs')
export const DEVELOPER = 'dev@example.com'
export const ROBOT = 'deploy@my-project.iam.gserviceaccount.com'
export const OWN_SERVER = 'c0ffee00-0000-4000-8000-0000000000aa'
export const AKS_ID = `/subscriptions/${SUBSCRIPTIONS.development}/resourceGroups/apps/providers/Microsoft.ContainerService/managedClusters`
export const GKE_ID = 'projects/my-project/locations/europe-west4/clusters'

const config = (google: string, azure: string, more: string) => `auth:
  realm: clouds
  keyring: { type: file }
  providers:
    company-sso: { kind: aws/iam-identity-center, region: us-east-1, start_url: https://company.awsapps.com/start, spec: { endpoint_url: '${google}' } }
    contoso: { kind: azure/device-code, tenant_id: ${TENANT.id}, spec: { endpoint_url: '${azure}' } }
    adc: { kind: gcp/adc, project_id: my-project, spec: { endpoint_url: '${google}' } }
  identities:
    dev-admin: { kind: aws/permission-set, via: { provider: company-sso }, principal: { name: AdminAccess, account: { name: development } } }
    sub: { kind: azure/subscription, default: true, via: { provider: contoso }, principal: { subscription_id: ${SUBSCRIPTIONS.development} } }
    me: { kind: gcp/project, via: { provider: adc }, principal: { project_id: my-project } }
    robot: { kind: gcp/service-account, via: { provider: adc }, principal: { service_account_email: ${ROBOT} } }
  integrations:
    eks: { kind: aws/eks, via: { identity: dev-admin }, spec: { cluster: { name: main, region: us-east-2, alias: aws } } }
    aks: { kind: azure/aks, via: { identity: sub }, spec: { cluster: { name: main, resource_group: apps, alias: azure } } }
    acr: { kind: azure/acr, via: { identity: sub }, spec: { registry: { name: myregistry } } }
    gke: { kind: gcp/gke, via: { identity: me }, spec: { cluster: { name: main, project_id: my-project, location: europe-west4, alias: google } } }
    gar: { kind: gcp/artifact-registry, via: { identity: me }, spec: { registry: { host: europe-docker.pkg.dev } } }
    robot/gke: { kind: gcp/gke, via: { identity: robot }, spec: { auto_provision: false, cluster: { name: main, project_id: my-project, location: europe-west4, alias: robot } } }
${more}`

export interface Clouds extends TestHome {
  cloud: Cloud
  entra: Entra
  /** The files of kubectl and of Docker. */
  kubeFile: string
  dockerFile: string
  kube(): Kubeconfig
  docker(): { credHelpers?: Record<string, string>; auths?: Record<string, { auth: string }> }
  /** Runs atmosctl, which has to succeed. */
  does(...args: string[]): Promise<string>
}

export async function cloudsPlace(t: Test, more = '', entraOptions: EntraOptions = {}): Promise<Clouds> {
  const entra = await startEntra(entraOptions)
  t.teardown(() => entra.close())
  const { home, cloud } = await cloudHome(t, {}, { keyringPassword: 'correct horse battery' }, (url) =>
    config(url, entra.url, more),
  )
  const gcloud = join(home.path, '.config', 'gcloud')
  const bin = join(home.path, 'bin')
  for (const directory of [gcloud, bin]) mkdirSync(directory, { recursive: true })
  const signIn = JSON.stringify(signInFile(cloud.google, DEVELOPER))
  writeFileSync(join(gcloud, 'application_default_credentials.json'), signIn)
  addAccount(cloud.google, ROBOT, DEVELOPER)
  symlinkSync(ATMOSCTL, join(bin, 'atmosctl'))
  symlinkSync(HELPER, join(bin, 'docker-credential-atmos'))
  home.env.PATH = `${bin}:${home.env.PATH}`
  home.env.NODE_EXTRA_CA_CERTS = ENTRA_CA
  const kubeFile = join(home.path, '.kube', 'config')
  const dockerFile = join(home.path, '.docker', 'config.json')
  return {
    ...home,
    cloud,
    entra,
    kubeFile,
    dockerFile,
    kube: () => parse(readFileSync(kubeFile, 'utf8')) as Kubeconfig,
    docker: () => JSON.parse(readFileSync(dockerFile, 'utf8')) as ReturnType<Clouds['docker']>,
    async does(...args) {
      const { code, stdout, stderr } = await home.atmosctl(args)
      t.equal(code, 0, `atmosctl ${args.join(' ')}: ${stderr}`)
      return stdout + stderr
    },
  }
}
