/**
 * What Kubernetes's client asks of a program that gives credentials, and what it reads of it
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 */
import type { ClusterTokenReply } from '../../shared/cluster-token-reply.ts'
import { formatInstant } from '../../shared/duration.ts'
import { AuthError } from '../../shared/errors.ts'

const GROUP = 'client.authentication.k8s.io'
const VERSIONS = ['v1', 'v1beta1'].map((version) => `${GROUP}/${version}`)

export interface ExecInfo {
  /** The version of the answer: any other is refused. */
  apiVersion: string
  /** Whether standard input may be read. */
  interactive: boolean
}

/** KUBERNETES_EXEC_INFO; without it, somebody tries the command by hand. Usage where its version is unknown. */
export function execInfo(text: string | undefined): ExecInfo {
  const { apiVersion = VERSIONS[0], spec } = objectIn(text)
  const known = VERSIONS.find((version) => version === apiVersion)
  if (known) return { apiVersion: known, interactive: spec?.interactive !== false }
  throw new AuthError('Usage', `The kubeconfig asks for ${String(apiVersion)}, which is not known here.`, {
    hint: `Set apiVersion of its exec entry to ${VERSIONS.join(' or ')}.`,
  })
}

export function execCredential({ apiVersion }: ExecInfo, { token, expiresAt }: ClusterTokenReply): string {
  const status = { expirationTimestamp: formatInstant(expiresAt), token }
  return `${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\n`
}

function objectIn(text: string | undefined): { apiVersion?: unknown; spec?: { interactive?: unknown } } {
  try {
    return (JSON.parse(text ?? '{}') as object | null) ?? {}
  } catch {
    return {}
  }
}
