/** Azure's clouds: their addresses, and what az and terraform call them. Nothing else in the house has them. Pure. */
export const azureClouds = {
  public: {
    /** Where one signs in. */
    login: 'https://login.microsoftonline.com',
    /** Azure Resource Manager. */
    management: 'https://management.azure.com',
    portal: 'portal.azure.com',
    /** What the hosts of its container registries end in. */
    registries: 'azurecr.io',
    az: 'AzureCloud',
    /** terraform knows this one without a name. */
    terraform: undefined,
  },
  usgovernment: {
    login: 'https://login.microsoftonline.us',
    management: 'https://management.usgovcloudapi.net',
    portal: 'portal.azure.us',
    registries: 'azurecr.us',
    az: 'AzureUSGovernment',
    terraform: 'usgovernment',
  },
  china: {
    login: 'https://login.chinacloudapi.cn',
    management: 'https://management.chinacloudapi.cn',
    portal: 'portal.azure.cn',
    registries: 'azurecr.cn',
    az: 'AzureChinaCloud',
    terraform: 'china',
  },
} as const

export type AzureCloud = keyof typeof azureClouds

/** Their names, as a configuration has them. */
export const azureCloudNames = Object.keys(azureClouds) as [AzureCloud, ...AzureCloud[]]

/** The one of a name, which is the public one unless something else is said. */
export function azureCloud(name: AzureCloud | '' | undefined) {
  return azureClouds[name || 'public']
}
