/**
 * The host, and the port where one is given, of a registry as tools write it: with or without a scheme, with or
 * without a path. Empty where there is none.
 */
export function registryHost(written: string): string {
  const [host = ''] = written
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .split(/[/?#]/, 1)
  return host.toLowerCase()
}
