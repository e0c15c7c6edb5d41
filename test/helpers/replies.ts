import { select, type Wanted } from '../../client/render/selection.ts'
import { painter } from '../../client/style.ts'
import type { ListedIdentity, WorkspaceReply } from '../../shared/replies.ts'

export const plain = { paint: painter(false), now: 0 }
export const ESCAPE = '\u001b'
export const everything: Wanted = { names: [], tags: [] }

export const reply: WorkspaceReply = {
  file: '/project/atmos.yaml',
  files: ['/project/base.yaml', '/project/atmos.yaml'],
  realm: 'r',
  problems: [],
  providers: [
    {
      name: 'company-sso',
      kind: 'aws/iam-identity-center',
      region: 'us-east-1',
      startUrl: 'https://company.awsapps.com/start',
      default: true,
      tags: ['sso'],
      state: 'fresh',
      expiresAt: 3_900_000,
    },
  ],
  identities: [
    {
      name: 'dev',
      kind: 'aws/permission-set',
      default: true,
      via: { provider: 'company-sso' },
      principal: 'Admin in development',
      state: 'due',
      expiresAt: 600_000,
    },
    {
      name: 'prod',
      kind: 'aws/assume-role',
      default: false,
      via: { identity: 'dev' },
      alias: 'p',
      tags: ['Live', 'x'],
      state: 'expired',
      expiresAt: 1,
    },
    { name: 'user', kind: 'aws/user', default: false, state: 'none' },
  ],
  integrations: [{ name: 'docker', kind: 'aws/ecr', via: { identity: 'dev' } }],
}
export const all = select(reply, everything)

export function identity(name: string, via?: ListedIdentity['via']): ListedIdentity {
  return { name, kind: 'aws/assume-role', default: false, state: 'none', ...(via ? { via } : {}) }
}

export function replyOf(identities: ListedIdentity[], more: Partial<WorkspaceReply> = {}): WorkspaceReply {
  return { file: '/p/atmos.yaml', realm: 'r', problems: [], providers: [], identities, ...more }
}

/** Names that each language has a use for. */
export const nasty = [
  'a"b',
  "it's",
  'back\\slash\\n',
  'ends\\',
  'team/dev.v1',
  'größe-漢字-🙂',
  '<b>&amp;</b>',
  'semi;colon:#35;',
  'style:x#quot;y"z',
  '%%{init}%%',
  '[(x)] --> {y}|z|',
  '`code` **bold** _it_',
  '1. one',
  'end',
  '\\N \\G',
  'line\nbreak\u001b[31m',
]
export const nastyReply = replyOf(
  nasty.map((name) => identity(name, { provider: 'a"b' })),
  {
    providers: [{ name: 'a"b', kind: 'k"\\', state: 'none' }],
    integrations: [{ name: 'x"', kind: 'y\\', via: { identity: 'gone"\\' } }],
  },
)
