import type { Applied } from './integration-replies.ts'

/** The command of atmosctl that applies an integration of a type and a kind. */
export function commandFor(type: Applied['type'] | undefined, kind = 'aws/'): string {
  if (type === 'kubeconfig') return 'update-kubeconfig'
  return kind.startsWith('aws/') ? 'ecr-login' : 'registry-login'
}
