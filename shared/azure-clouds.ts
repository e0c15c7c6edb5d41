/** Azure's clouds: where one signs in, where resources are managed, and what az and terraform call them. */
export const azureClouds = {
  public: {
    login: 'https://login.microsoftonline.com',
    management: 'https://management.azure.com',
    az: 'AzureCloud',
    arm: undefined,
  },
  usgovernment: {
    login: 'https://login.microsoftonline.us',
    management: 'https://management.usgovcloudapi.net',
    az: 'AzureUSGovernment',
    arm: 'usgovernment',
  },
  china: {
    login: 'https://login.chinacloudapi.cn',
    management: 'https://management.chinacloudapi.cn',
    az: 'AzureChinaCloud',
    arm: 'china',
  },
} as const

export type AzureCloud = keyof typeof azureClouds
