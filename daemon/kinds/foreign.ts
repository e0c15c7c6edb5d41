/** Kinds of Atmos's own that atmosd leaves to Atmos. A configuration may hold them; nothing is signed in with them. */
import * as z from 'zod'
import type { CredentialType } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import type { AnyKind } from './contract.ts'

/** Their names, by layer. */
export const foreignKinds: Readonly<Record<AnyKind['role'], readonly string[]>> = {
  provider: ['atmos/pro', 'mock', 'mock/aws'],
  identity: [
    'ambient',
    'atmos/pro',
    'aws/emulator',
    'azure/emulator',
    'gcp/emulator',
    'kubernetes/emulator',
    'mock',
    'mock/aws',
  ],
  integration: ['github/sts'],
}
const ANY: readonly CredentialType[] = [
  'aws',
  'aws-sso-token',
  'saml-assertion',
  'oidc-token',
  'azure-token',
  'gcp-token',
]
const config = z.looseObject({})

/** The kind of that name, whose every use is KindUnsupported; undefined where Atmos has none either. */
export function foreignKind(role: AnyKind['role'], name: string): AnyKind | undefined {
  if (!foreignKinds[role].includes(name)) return undefined
  const refuse = async (): Promise<never> => {
    throw new AuthError('KindUnsupported', `${name} is for Atmos itself; atmosd does not sign in with it.`, {
      hint: 'Use an identity of another kind.',
    })
  }
  if (role === 'provider') return { role, config, yields: 'oidc-token', interactive: false, login: refuse }
  const accepts = name.endsWith('/emulator') || name === 'ambient' ? [] : ANY
  return role === 'identity'
    ? { role, config, accepts, yields: 'aws', assume: refuse }
    : { role, config, accepts: ANY }
}

export function isForeign(role: AnyKind['role'], name: string): boolean {
  return foreignKinds[role].includes(name)
}
