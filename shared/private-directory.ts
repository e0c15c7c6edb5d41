/** What both sides look at before they trust a directory with a socket in it. */
interface Looked {
  isDirectory(): boolean
  uid: number
  mode: number
}

/** Why a directory is not of this user alone, to complete "PATH …"; undefined where it is. `looked` is of lstat(2). */
export function whyNotPrivate(looked: Looked, uid: number): string | undefined {
  if (!looked.isDirectory()) return 'is not a directory'
  if (looked.uid !== uid) return `belongs to user ${looked.uid}`
  const others = looked.mode & 0o077
  return others === 0 ? undefined : `can be entered by others (mode ${(looked.mode & 0o777).toString(8)})`
}
