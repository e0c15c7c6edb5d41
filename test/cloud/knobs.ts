/** What a test can turn: how long operations take, how they fail, and how often they were called. */

export const operations = [
  'RegisterClient',
  'StartDeviceAuthorization',
  'CreateToken',
  'Authorize',
  'GetRoleCredentials',
  'ListAccounts',
  'ListAccountRoles',
  'Logout',
  'AssumeRole',
  'AssumeRoleWithWebIdentity',
  'AssumeRoleWithSAML',
  'AssumeRoot',
  'GetSessionToken',
  'GetCallerIdentity',
  'GetAuthorizationToken',
  'GetPublicAuthorizationToken',
  'DescribeCluster',
  'IdToken',
  'ContainerCredentials',
  'InstanceMetadata',
  'GetSigninToken',
  'ConsoleLogin',
  'GoogleToken',
  'GoogleTokenInfo',
  'GoogleExchange',
  'GenerateAccessToken',
  'GenerateIdToken',
  'GkeCluster',
  'SigninAuthorize',
  'CreateOAuth2Token',
  'EntraConfiguration',
  'EntraDeviceCode',
  'EntraToken',
  'EntraAuthorize',
  'ArmSubscription',
  'AksCredential',
  'AcrExchange',
] as const
export type Operation = (typeof operations)[number]

export interface Fault {
  operation: Operation
  /** `status` answers with an error, `reset` breaks the connection, `hang` never answers, the others answer 200. */
  kind: 'status' | 'reset' | 'hang' | 'garbage' | 'empty' | 'huge'
  status?: number
  /** The cloud's name of the error. */
  code?: string
  message?: string
  /** OAuth's name of it. */
  error?: string
  retryAfterSeconds?: number
  /** A claims challenge of Entra ID's, as JSON. */
  claims?: string
  /** How many calls it strikes; without it, all until it is cleared. */
  times?: number
}

export interface Knobs {
  count(operation: Operation): void
  calls(operation?: Operation): number
  reset(): void
  setDelay(operation: Operation, ms: number): void
  delayOf(operation: Operation): number
  add(fault: Fault): void
  clear(): void
  /** Takes note of a request, where somebody listens. */
  hear(request: object): void
  /** What requests say from now on, each as a text that grows no more. */
  record(): string[]
  /** The fault that strikes this call. */
  strike(operation: Operation): Fault | undefined
}

export function knobs(): Knobs {
  const counts = new Map<Operation, number>()
  const delays = new Map<Operation, number>()
  const records: string[][] = []
  let faults: Fault[] = []
  return {
    hear(request) {
      for (const record of records) record.push(JSON.stringify(request))
    },
    record() {
      const record: string[] = []
      records.push(record)
      return record
    },
    count: (operation) => void counts.set(operation, (counts.get(operation) ?? 0) + 1),
    calls: (operation) =>
      operation ? (counts.get(operation) ?? 0) : [...counts.values()].reduce((sum, count) => sum + count, 0),
    reset: () => counts.clear(),
    setDelay: (operation, ms) => void delays.set(operation, ms),
    delayOf: (operation) => delays.get(operation) ?? 0,
    add: (fault) => void faults.push({ ...fault }),
    clear: () => {
      faults = []
      delays.clear()
    },
    strike(operation) {
      const fault = faults.find((one) => one.operation === operation)
      if (fault?.times !== undefined) {
        fault.times -= 1
        if (fault.times <= 0) faults = faults.filter((one) => one !== fault)
      }
      return fault
    },
  }
}
