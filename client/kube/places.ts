/** Where kubectl looks (kubernetes.io, "Organizing cluster access using kubeconfig files"). */
import { join, resolve } from 'node:path'
import type { Here } from '../here.ts'

/** Those of KUBECONFIG, else the one in the home directory. */
export function kubeconfigs({ env, home, cwd }: Here): string[] {
  const named = (env.KUBECONFIG ?? '').split(':').filter((path) => path !== '')
  return named.length > 0 ? named.map((path) => resolve(cwd, path)) : [join(home, '.kube', 'config')]
}
