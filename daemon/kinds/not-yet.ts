/** What this version checks but cannot do yet: said when it is loaded, and again when it is asked for. */
import { AuthError } from '../../shared/errors.ts'
import type { AnyKind } from './contract.ts'

const MARK = Symbol('not yet')

/** Stands in for a `login` or an `assume` that is still to come: KindUnsupported. */
export function notYet(kind: string): () => Promise<never> {
  const refuse = async (): Promise<never> => {
    throw new AuthError('KindUnsupported', `This version of atmosd cannot sign in with ${kind} yet.`, {
      hint: 'It checks the configuration of this kind; use an identity of another kind.',
    })
  }
  return Object.assign(refuse, { [MARK]: true })
}

/** What a kind cannot do in this version, to complete "This version …"; undefined where it does all. */
export function whatIsMissing(kind: AnyKind): string | undefined {
  if (kind.role === 'integration') return kind.apply ? undefined : 'but does not apply it yet'
  const work = kind.role === 'provider' ? kind.login : kind.assume
  return MARK in work ? 'but cannot sign in with it yet' : undefined
}
