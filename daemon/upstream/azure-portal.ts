/** Where Azure's portal is, and what people call its parts. Pure. */
import { azureCloud } from '../../shared/azure-clouds.ts'
import type { CloudFacts } from '../../shared/cloud-facts.ts'
import { destinationIn } from './portal-address.ts'

const BROWSE = '/blade/HubsExtension/BrowseResource/resourceType/'

/** As Atmos has them: names, and the type of resource that they list. */
const LISTS: readonly [names: string, type: string][] = [
  ['vm virtualmachines', 'Microsoft.Compute/VirtualMachines'],
  ['storage storageaccounts', 'Microsoft.Storage/StorageAccounts'],
  ['network vnet virtualnetworks', 'Microsoft.Network/VirtualNetworks'],
  ['cosmosdb cosmos', 'Microsoft.DocumentDb/databaseAccounts'],
  ['sql sqldatabases', 'Microsoft.Sql/servers/databases'],
  ['keyvault kv', 'Microsoft.KeyVault/vaults'],
  ['aks kubernetes', 'Microsoft.ContainerService/managedClusters'],
  ['functions functionapps', 'Microsoft.Web/sites/kind/functionapp'],
  ['appservice webapps', 'Microsoft.Web/sites'],
  ['containers containerinstances', 'Microsoft.ContainerInstance/containerGroups'],
]

/** The portal's address for what a person asked for: the subscription, a short name, or an address. Usage otherwise. */
export function azureDestination(wanted: string | undefined, facts: CloudFacts): string {
  const { portal: host } = azureCloud(facts.cloud)
  const tenant = `https://${host}/#@${encodeURIComponent(facts.tenant ?? '')}`
  const overview = facts.subscription ? `/resource/subscriptions/${facts.subscription}/overview` : ''
  const places = new Map<string, string>([
    ['home', ''],
    ['subscription', overview],
    ['sub', overview],
    ['resourcegroups', '/blade/HubsExtension/BrowseResourceGroups'],
    ['rg', '/blade/HubsExtension/BrowseResourceGroups'],
    ['monitor', '/blade/Microsoft_Azure_Monitoring/AzureMonitoringBrowseBlade'],
    ['monitoring', '/blade/Microsoft_Azure_Monitoring/AzureMonitoringBrowseBlade'],
    ...LISTS.flatMap(([names, type]) =>
      names.split(' ').map((name) => [name, `${BROWSE}${encodeURIComponent(type)}`] as const),
    ),
  ])
  return destinationIn(wanted ?? (overview ? 'subscription' : 'home'), {
    domain: host,
    names: [...places.keys()],
    addressOf: (name) => `${tenant}${places.get(name) ?? ''}`,
  })
}
