/** A web address, a version control system or a registry, as go-getter reads them. */
const REMOTE =
  /^(?:[a-z][a-z0-9+.-]*:\/\/|[a-z]+::|git@|(?:www\.)?(?:github|gitlab|bitbucket)\.(?:com|org)\/)/i

/** Whether an import or an include is of another machine; those are not read. */
export function isRemote(target: string): boolean {
  return REMOTE.test(target)
}
