/** Providers and identities, as a table or a tree. */

import { formatDuration } from '../../shared/duration.ts'
import type { ListedIdentity, ListedProvider, SessionState, WorkspaceReply } from '../../shared/replies.ts'
import type { Paint } from '../style.ts'
import { table } from './table.ts'

interface Shown {
  paint: Paint
  /** Columns of the terminal, where there is one. */
  columns?: number
  /** Epoch milliseconds. */
  now: number
}

export function listingTable({ providers, identities }: WorkspaceReply, shown: Shown): string {
  const { paint } = shown
  const providerRows = providers.map((provider) => [
    mark(provider.state, paint),
    provider.name,
    provider.kind,
    provider.region ?? '-',
    left(provider, shown),
    provider.startUrl ?? '-',
  ])
  const identityRows = identities.map((identity) => [
    mark(identity.state, paint),
    identity.name,
    identity.kind,
    via(identity) ?? '-',
    identity.default ? '✓' : '',
    identity.alias ?? '-',
    left(identity, shown),
  ])
  return [
    paint('bold', 'PROVIDERS'),
    table(['', 'NAME', 'KIND', 'REGION', 'EXPIRES', 'START URL'], providerRows, shown.columns),
    paint('bold', 'IDENTITIES'),
    table(['', 'NAME', 'KIND', 'VIA', 'DEFAULT', 'ALIAS', 'EXPIRES'], identityRows),
  ].join('\n')
}

/** Each provider with the identities that come from it; at the end those that stand alone. */
export function listingTree(reply: WorkspaceReply, shown: Shown): string {
  const { paint } = shown
  const roots = reply.providers.map((provider) => {
    const children = reply.identities.filter(
      ({ via }) => via && 'provider' in via && via.provider === provider.name,
    )
    return [headline(provider, shown), ...branches(children, reply, shown)]
  })
  const alone = reply.identities.filter(({ via }) => via === undefined)
  if (alone.length > 0) roots.push([paint('dim', 'without a provider'), ...branches(alone, reply, shown)])
  return roots.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function branches(children: readonly ListedIdentity[], reply: WorkspaceReply, shown: Shown): string[] {
  return children.flatMap((child, index) => {
    const last = index === children.length - 1
    const below = reply.identities.filter(
      ({ via }) => via && 'identity' in via && via.identity === child.name,
    )
    const inner = branches(below, reply, shown).map((line) => `${last ? '   ' : '│  '}${line}`)
    return [`${last ? '└─ ' : '├─ '}${headline(child, shown)}`, ...inner]
  })
}

function headline(node: ListedProvider | ListedIdentity, shown: Shown): string {
  const { paint } = shown
  const notes = [
    paint('dim', `(${node.kind})`),
    'default' in node && node.default ? paint('cyan', 'default') : '',
    'principal' in node && node.principal ? paint('dim', node.principal) : '',
    node.state === 'none' ? '' : left(node, shown),
  ]
  return [mark(node.state, paint), paint('bold', node.name), ...notes].filter((part) => part !== '').join(' ')
}

function mark(state: SessionState, paint: Paint): string {
  const looks = { fresh: 'green', due: 'yellow', expired: 'red', none: 'dim' } as const
  return paint(looks[state], state === 'none' ? '○' : '●')
}

function left({ state, expiresAt }: { state: SessionState; expiresAt?: number }, { now }: Shown): string {
  if (state === 'none' || expiresAt === undefined) return '-'
  return state === 'expired' ? 'expired' : formatDuration(expiresAt - now)
}

function via({ via }: ListedIdentity): string | undefined {
  return via && ('provider' in via ? via.provider : via.identity)
}
