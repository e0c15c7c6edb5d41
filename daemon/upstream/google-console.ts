/** Where Google Cloud's console is, and what people call its parts. Pure. */
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import { destinationIn } from './portal-address.ts'

const HOST = 'console.cloud.google.com'

const PATHS = new Map(
  `home=home/dashboard dashboard=home/dashboard compute=compute/instances gce=compute/instances vm=compute/instances
  gke=kubernetes/list kubernetes=kubernetes/list storage=storage/browser gcs=storage/browser iam=iam-admin/iam
  serviceaccounts=iam-admin/serviceaccounts bigquery=bigquery run=run functions=functions/list sql=sql/instances
  logs=logs/query monitoring=monitoring secrets=security/secret-manager kms=security/kms
  pubsub=cloudpubsub/topic/list vpc=networking/networks/list network=networking/networks/list
  loadbalancing=net-services/loadbalancing/list dns=net-services/dns/zones artifacts=artifacts builds=cloud-build/builds
  spanner=spanner/instances firestore=firestore apis=apis/dashboard billing=billing quotas=iam-admin/quotas`
    .split(/\s+/)
    .map((entry) => entry.split('=') as [string, string]),
)

/** The console's address for what a person asked for: the project, a short name, or an address. Usage otherwise. */
export function googleDestination(wanted: string | undefined, { project, account }: CloudFacts): string {
  return destinationIn(wanted ?? 'home', {
    domain: HOST,
    names: [...PATHS.keys()],
    addressOf(name) {
      const address = new URL(PATHS.get(name) ?? '', `https://${HOST}/`)
      if (project !== undefined) address.searchParams.set('project', project)
      if (account !== undefined && !account.endsWith('gserviceaccount.com'))
        address.searchParams.set('authuser', account)
      return address.href
    },
  })
}
