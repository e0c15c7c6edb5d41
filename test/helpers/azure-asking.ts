/** Requests of Azure's tools, as they write them. */
import type { AzureEndpoint } from './azure-endpoint.ts'
import { type RawAnswer, raw } from './raw.ts'

export interface AzureRequest {
  method?: string
  /** Header lines beside Host. */
  lines?: readonly string[]
  form?: string
}

/** One for a path below the grant's address. */
export function ask(
  { port, base }: AzureEndpoint,
  path: string,
  { method = 'GET', lines = [], form }: AzureRequest = {},
): Promise<RawAnswer> {
  const type = 'Content-Type: application/x-www-form-urlencoded'
  const posted = form === undefined ? [] : [type, `Content-Length: ${Buffer.byteLength(form)}`]
  const head = [`${method} ${base}${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...lines, ...posted]
  return raw(port, `${head.join('\r\n')}\r\n\r\n${form ?? ''}`, 5_000)
}

const asked = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

/** As App Service is asked. */
export function askService(
  endpoint: AzureEndpoint,
  fields: Record<string, string> = {},
  lines = [`X-IDENTITY-HEADER: ${endpoint.secret}`],
): Promise<RawAnswer> {
  const all = { 'api-version': '2019-08-01', resource: 'https://management.azure.com/', ...fields }
  return ask(endpoint, `/msi/token?${asked(all)}`, { lines })
}

export const metadataPath = ({ path }: AzureEndpoint) => `/${path}/metadata/identity/oauth2/token`

/** As a virtual machine's metadata service is asked. */
export function askMachine(
  endpoint: AzureEndpoint,
  fields: Record<string, string> = {},
  lines = ['Metadata: true'],
): Promise<RawAnswer> {
  const all = { 'api-version': '2018-02-01', resource: 'https://management.azure.com/', ...fields }
  return ask(endpoint, `${metadataPath(endpoint)}?${asked(all)}`, { lines })
}

/** As the Cloud Shell is asked. */
export function askShell(
  endpoint: AzureEndpoint,
  fields: Record<string, string> = {},
  lines = ['Metadata: true'],
): Promise<RawAnswer> {
  const form = asked({ resource: 'https://management.core.windows.net/', ...fields })
  return ask(endpoint, `/${endpoint.path}/cloudshell`, { method: 'POST', lines, form })
}
