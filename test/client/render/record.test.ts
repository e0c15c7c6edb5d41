import t from 'tap'
import { parse } from 'yaml'
import { readArguments } from '../../../client/command.ts'
import { list } from '../../../client/commands/list.ts'
import { validate } from '../../../client/commands/validate.ts'
import { listingRecord } from '../../../client/render/record.ts'
import { type Selection, select, type Wanted } from '../../../client/render/selection.ts'
import { wantedOf } from '../../../client/wanted.ts'
import type { WorkspaceReply } from '../../../shared/replies.ts'

import { everything, identity, nastyReply, reply, replyOf } from '../../helpers/replies.ts'

t.test('for programs', async (t) => {
  const leaky = structuredClone(reply)
  Object.assign(leaky.identities[0] ?? {}, { secret_access_key: 'hunter2', credentials: { a: 'hunter2' } })
  const record = listingRecord(select(leaky, everything))
  t.strictSame(record, {
    file: '/project/atmos.yaml',
    files: ['/project/base.yaml', '/project/atmos.yaml'],
    realm: 'r',
    providers: [
      {
        name: 'company-sso',
        kind: 'aws/iam-identity-center',
        region: 'us-east-1',
        start_url: 'https://company.awsapps.com/start',
        default: true,
        tags: ['sso'],
        state: 'fresh',
        expiration: '1970-01-01T01:05:00Z',
      },
    ],
    identities: [
      {
        name: 'dev',
        kind: 'aws/permission-set',
        via: { provider: 'company-sso' },
        principal: 'Admin in development',
        default: true,
        tags: [],
        state: 'due',
        expiration: '1970-01-01T00:10:00Z',
      },
      {
        name: 'prod',
        kind: 'aws/assume-role',
        via: { identity: 'dev' },
        alias: 'p',
        default: false,
        tags: ['Live', 'x'],
        state: 'expired',
        expiration: '1970-01-01T00:00:00Z',
      },
      { name: 'user', kind: 'aws/user', default: false, tags: [], state: 'none' },
    ],
    integrations: [{ name: 'docker', kind: 'aws/ecr', via: { identity: 'dev' } }],
  })
  const bare = listingRecord(select(replyOf([]), everything))
  t.strictSame(bare, {
    file: '/p/atmos.yaml',
    files: ['/p/atmos.yaml'],
    realm: 'r',
    providers: [],
    identities: [],
    integrations: [],
  })
  t.strictSame(Object.keys(bare), Object.keys(record), 'the same keys in the same order')
  const part = listingRecord(select(reply, { ...everything, section: 'providers' }))
  t.notOk('identities' in part || 'integrations' in part, 'what was not asked for is absent')
})

t.test('a part of it', async (t) => {
  const names = ({ providers, identities, integrations }: Selection) => ({
    ...(providers ? { p: providers.map(({ name }) => name) } : {}),
    ...(identities ? { i: identities.map(({ name }) => name) } : {}),
    ...(integrations ? { t: integrations.map(({ name }) => name) } : {}),
  })
  const cases: [Partial<Wanted>, object][] = [
    [{}, { p: ['company-sso'], i: ['dev', 'prod', 'user'], t: ['docker'] }],
    [{ section: 'providers' }, { p: ['company-sso'] }],
    [{ section: 'identities' }, { i: ['dev', 'prod', 'user'] }],
    [{ section: 'identities', names: ['USER', 'Dev', 'dev'] }, { i: ['dev', 'user'] }],
    [{ section: 'identities', names: ['P'] }, { i: ['prod'] }],
    [{ tags: ['live'] }, { p: [], i: ['prod'], t: [] }],
    [{ tags: ['nothing', 'SSO', 'x'] }, { p: ['company-sso'], i: ['prod'], t: [] }],
    [{ section: 'providers', tags: ['sso'] }, { p: ['company-sso'] }],
  ]
  for (const [wanted, expected] of cases)
    t.strictSame(names(select(reply, { ...everything, ...wanted })), expected, JSON.stringify(wanted))
  const tagged = structuredClone(reply)
  if (tagged.identities[0]) tagged.identities[0].tags = ['d']
  t.strictSame(names(select(tagged, { names: [], tags: ['d'] })), { p: [], i: ['dev'], t: ['docker'] })
  const twins = replyOf([identity('Dev'), identity('dev')])
  t.strictSame(names(select(twins, { section: 'identities', names: ['dev'], tags: [] })), { i: ['dev'] })

  const faults: [WorkspaceReply, Partial<Wanted>, { code: string; message: RegExp; hint: RegExp }][] = [
    [
      reply,
      { section: 'identities', names: ['pord'] },
      { code: 'IdentityUnknown', message: /identity "pord"/, hint: /"prod"/ },
    ],
    [
      reply,
      { section: 'providers', names: ['dev'] },
      { code: 'ProviderUnknown', message: /provider "dev"/, hint: /atmosctl list/ },
    ],
    [
      reply,
      { tags: ['a', 'b'] },
      { code: 'IdentityUnknown', message: /"a" or "b"/, hint: /^Tags: Live, sso, x\.$/ },
    ],
    [
      reply,
      { section: 'providers', tags: ['live'] },
      { code: 'IdentityUnknown', message: /"live"/, hint: /^Tags: sso\.$/ },
    ],
    [
      replyOf([identity('a')]),
      { tags: ['a'] },
      { code: 'IdentityUnknown', message: /"a"/, hint: /Nothing here has tags/ },
    ],
  ]
  for (const [whole, wanted, expected] of faults)
    t.throws(() => select(whole, { ...everything, ...wanted }), expected)
})

t.test('what the options ask for', async (t) => {
  const wanted = (argv: string[], env = {}) =>
    wantedOf({ env } as Parameters<typeof wantedOf>[0], readArguments('list', list, argv))
  for (const [argv, expected, env] of [
    [[], { names: [], tags: [] }],
    [['--providers'], { section: 'providers', names: [], tags: [] }],
    [['--identities='], { section: 'identities', names: [], tags: [] }],
    [['--providers=a, b,', '--providers=c'], { section: 'providers', names: ['a', 'b', 'c'], tags: [] }],
    [['--identities', '-f', 'json'], { section: 'identities', names: [], tags: [] }],
    [['--tags', 'a,b', '--tags=c'], { names: [], tags: ['a', 'b', 'c'] }],
    [[], { names: [], tags: ['e', 'f'] }, { ATMOS_AUTH_TAGS: 'e,f' }],
    [['--tags', 'a'], { names: [], tags: ['a'] }, { ATMOS_AUTH_TAGS: 'e' }],
  ] as const)
    t.strictSame(wanted([...argv], env), expected, argv.join(' '))
  t.throws(() => wanted(['--providers=a', '--identities']), { code: 'Usage', message: /exclude/ })
  t.throws(() => wanted(['--identities', 'a']), { code: 'Usage', hint: /--identities=a$/ })
  t.ok(readArguments('list', list, ['--interactive']).text('interactive') === 'true')
  for (const [name, command] of Object.entries({ list, validate }))
    for (const example of command.examples ?? [])
      t.doesNotThrow(() => readArguments(name, command, example.split(' ')), example)
})

t.test('YAML, whatever a name is', async (t) => {
  const { stringify } = await import('yaml')
  const record = listingRecord(select(nastyReply, everything))
  t.strictSame(parse(stringify(record, { lineWidth: 0 })), record)
})
