/** The chain of what a tool wants besides the usual token. Its sessions have keys of their own. Pure. */
import { createHash } from 'node:crypto'
import { AuthError } from '../../shared/errors.ts'
import type { Want } from '../../shared/want.ts'
import { type Chain, lastStep, type Step } from './chain.ts'

/**
 * From the last step upward, what hands its parent's token on wants of its parent what is wanted of it. The first step
 * that does not gives the token: in place of its usual one, or derived from its session by a step more. BadRequest
 * where it gives no such token.
 */
export function wanting(chain: Chain, want: Want | undefined): Chain {
  if (!want) return chain
  const giver = chain.steps.findLastIndex(({ node: { kind } }) => !('passesOn' in kind && kind.passesOn))
  const steps = chain.steps.flatMap((step, index) => {
    if (index < giver) return [step]
    const wanted = { ...step, key: keyOf(step, want), wanted: { want, usual: step.key } }
    return index === giver && isDerived(step) ? [step, wanted] : [wanted]
  })
  const { node } = chain.steps[giver] ?? lastStep(chain)
  const { kind } = node
  const gives = kind.role !== 'integration' && ('scopes' in want ? kind.scoped : kind.identify !== undefined)
  if (gives) return { ...chain, steps }
  const what = 'scopes' in want ? 'tokens of other scopes' : 'identity tokens'
  throw new AuthError('BadRequest', `"${node.name}" (${node.kindName}) gives no ${what}.`)
}

/** A sign-in that asked a person is not asked for again: its session gives the other tokens. */
function isDerived({ node: { kind } }: Step): boolean {
  return kind.role === 'provider' && kind.derive !== undefined
}

function keyOf({ key }: Step, want: Want): string {
  const said = 'scopes' in want ? ['scopes', ...[...want.scopes].sort()] : ['audience', want.audience]
  return createHash('sha256')
    .update(JSON.stringify(['want', key, ...said]))
    .digest('hex')
}
