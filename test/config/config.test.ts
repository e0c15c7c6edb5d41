/** Configurations, good and bad: every problem with its place, all at once. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openTrust } from '../../daemon/config/trust.ts'
import { openWorkspaces } from '../../daemon/config/workspaces.ts'
import { chainOfProvider, chainTo, endpointOf } from '../../daemon/graph/chain.ts'
import { chosenIdentity } from '../../daemon/graph/choice.ts'
import { catalog } from '../../daemon/kinds/catalog.ts'
import { exampleConfig } from '../cloud/example.ts'
import { loadText } from '../helpers/loaded.ts'
import { seededRandom } from '../helpers/random.ts'
import { standing } from '../helpers/standing.ts'

const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))

const KEYS = {
  EMERGENCY_AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  EMERGENCY_AWS_SECRET_ACCESS_KEY: 'secret',
}

/** Problems as `line:column message | hint`. */
async function problems(text: string, environment?: Record<string, string | null>): Promise<string[]> {
  const { problems } = await loadText(text, environment)
  return problems.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint ? ` | ${hint}` : ''}`,
  )
}

const PORTAL =
  'auth:\n  providers:\n    sso: { kind: aws/iam-identity-center, region: us-east-1, start_url: https://a.awsapps.com/start }\n  identities:\n'
const set = (name: string, via: string, more = '') =>
  `    ${name}: { kind: aws/permission-set, via: ${via}, principal: { name: Admin, account: { name: dev } }${more} }\n`
const role = (name: string, via: string, principal = "assume_role: 'arn:aws:iam::111111111111:role/x'") =>
  `    ${name}: { kind: aws/assume-role, via: ${via}, principal: { ${principal} } }\n`

t.test('a sound configuration has no problems', async (t) => {
  t.strictSame(await problems(exampleConfig('http://127.0.0.1:1'), KEYS), [])
  t.strictSame(await problems(exampleConfig('https://aws.example'), KEYS), [])
})

/** `«` stands where a problem is told to be, in the order of the problems. */
const bad: [string, string, string[]][] = [
  [
    'broken YAML',
    'auth:\n  providers: {\n«',
    ['Flow map in block collection must be sufficiently indented and end with a }.'],
  ],
  [
    'a key twice',
    'auth:\n  realm: a\n  «realm: b\n',
    ['The key "realm" stands twice in the same place. | Remove one of the two.'],
  ],
  [
    'no auth section',
    '«stacks: {}\n',
    ['There is no `auth:` section. | Add one with a provider and an identity.'],
  ],
  ['an empty file', '«', ['There is no `auth:` section. | Add one with a provider and an identity.']],
  [
    'an unknown section',
    'auth:\n  «identites: {}\n',
    ['auth has no setting "identites". | Did you mean "identities"?'],
  ],
  [
    'a realm that cannot be',
    'auth: { realm: «Company }\n',
    ['realm must be lower-case letters and digits, joined by single - or _.'],
  ],
  [
    'a log level that cannot be',
    'auth: { logs: { level: «info } }\n',
    ['logs.level must be one of Debug, Info, Warn, Error.'],
  ],
  [
    'a keyring that is not here',
    'auth: { keyring: { type: «system } }\n',
    ['The keyring type "system" is not supported here. | Use `file`, an encrypted file, or `memory`.'],
  ],
  [
    'one key of two',
    'auth: { identities: { u: { kind: aws/user, credentials: «{ secret_access_key: x } } } }\n',
    ['identities.u.credentials needs both access_key_id and secret_access_key, or neither.'],
  ],
  [
    'a variable whose name is none',
    'auth: { identities: { u: { kind: aws/user, env: [{ key: «"A;id", value: x }] } } }\n',
    ['identities.u.env.0.key must be the name of an environment variable.'],
  ],
  [
    'a variable whose value no environment holds',
    'auth: { identities: { u: { kind: aws/user, env: [{ key: A, value: «"a\\0b" }] } } }\n',
    ['identities.u.env.0.value cannot hold a NUL character.'],
  ],
  [
    'an unknown kind',
    'auth: { providers: { a: { kind: «aws/iam-identity-centre } } }\n',
    [
      'The provider "a" has the unknown kind "aws/iam-identity-centre". | Did you mean "aws/iam-identity-center"?',
    ],
  ],
  [
    'an identity’s kind in a provider',
    'auth: { providers: { a: { kind: «aws/user } } }\n',
    ['The provider "a" has the kind "aws/user", which is one of identities. | Put it under `identities:`.'],
  ],
  ['no kind', 'auth: { providers: { «a: { region: us-east-1 } } }\n', ['providers.a.kind is missing.']],
  [
    'missing and wrong fields of a provider',
    'auth: { providers: { «a: { kind: aws/iam-identity-center, region: «mars } } }\n',
    ['providers.a.start_url is missing.', 'providers.a.region must be an AWS region such as us-east-1.'],
  ],
  [
    'http beyond this machine',
    'auth: { providers: { a: { kind: aws/iam-identity-center, region: us-east-1, start_url: https://a.b, spec: { endpoint_url: «"http://evil.example" } } } }\n',
    ['providers.a.spec.endpoint_url must be an https address, or http on 127.0.0.1, [::1] or localhost.'],
  ],
  [
    'a service that is none',
    'auth: { providers: { a: { kind: aws/iam-identity-center, region: us-east-1, start_url: https://a.b, spec: { endpoints: { «s3: "https://a.b" } } } } }\n',
    ['providers.a.spec.endpoints has no setting "s3".'],
  ],
  [
    'a dangling via',
    `${PORTAL}${set('dev', '{ provider: «sos }')}`,
    ['Identity "dev" refers to the provider "sos", which does not exist. | Did you mean "sso"?'],
  ],
  [
    'a dangling identity',
    `${PORTAL}${role('dev', '{ identity: «x }')}`,
    ['Identity "dev" refers to the identity "x", which does not exist. | Known: dev.'],
  ],
  [
    'both parents',
    `${PORTAL}${set('dev', '«{ provider: sso, identity: dev }')}`,
    ['The via of identity "dev" names both a provider and an identity. | Give exactly one of the two.'],
  ],
  [
    'neither parent',
    `${PORTAL}${set('dev', '«{}')}`,
    ['The via of identity "dev" names neither a provider nor an identity. | Give exactly one of the two.'],
  ],
  [
    'no parent at all',
    `${PORTAL}    dev: «{ kind: aws/permission-set, principal: { name: A, account: { id: '111111111111' } } }\n`,
    ['Identity "dev" has no parent. | Add `via: { provider: NAME }` or `via: { identity: NAME }`.'],
  ],
  [
    'a parent where none may be',
    `${PORTAL}    u: { kind: aws/user, via: «{ provider: sso }, credentials: { access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: x } }\n`,
    ['Identity "u" has a via, but aws/user stands alone. | Remove the via.'],
  ],
  [
    'a link that does not fit',
    `${PORTAL}${role('prod', '«{ provider: sso }')}`,
    [
      'Identity "prod" (aws/assume-role) cannot follow "sso" (aws/iam-identity-center): it needs aws or saml-assertion or oidc-token and gets aws-sso-token. | Put an aws/permission-set identity between them.',
    ],
  ],
  [
    'another link that does not fit',
    `${PORTAL}${set('dev', '{ provider: sso }')}${set('b', '«{ identity: dev }')}`,
    [
      'Identity "b" (aws/permission-set) cannot follow "dev" (aws/permission-set): it needs aws-sso-token and gets aws. | Choose another parent.',
    ],
  ],
  [
    'a circle of one',
    `${PORTAL}${role('a', '«{ identity: a }')}`,
    ['Identities refer to each other in a circle: a → a. | Let one of them begin at a provider.'],
  ],
  [
    'a circle of three, and one that leads into it',
    `${PORTAL}${role('x', '{ identity: a }')}${role('a', '«{ identity: b }')}${role('b', '{ identity: c }')}${role('c', '{ identity: a }')}`,
    ['Identities refer to each other in a circle: a → b → c → a. | Let one of them begin at a provider.'],
  ],
  [
    'a wrong role',
    `${PORTAL}${set('dev', '{ provider: sso }')}${role('p', '{ identity: dev }', 'assume_role: «Admin')}`,
    ['identities.p.principal.assume_role must be a role ARN such as arn:aws:iam::123456789012:role/Name.'],
  ],
  [
    'durations',
    `${PORTAL}${set('dev', '{ provider: sso }')}${role('p', '{ identity: dev }', "assume_role: 'arn:aws:iam::111111111111:role/x', duration: «13h")}${role('q', '{ identity: dev }', "assume_role: 'arn:aws:iam::111111111111:role/x', duration: «soon")}`,
    [
      'identities.p.principal.duration must be from 15m to 12h.',
      'identities.q.principal.duration is not a duration such as 3600, 1h30m or 12h.',
    ],
  ],
  [
    'a setting deep inside',
    `${PORTAL}    dev: { kind: aws/permission-set, via: { provider: sso }, «principal: { name: A, «acount: { name: dev } } }\n`,
    [
      'identities.dev.principal.account is missing.',
      'identities.dev.principal has no setting "acount". | Did you mean "account"?',
    ],
  ],
  [
    'an account without name and id',
    `${PORTAL}    dev: { kind: aws/permission-set, via: { provider: sso }, principal: { name: A, account: «{} } }\n`,
    ['identities.dev.principal.account needs a name or an id.'],
  ],
  [
    'an account id of 11 digits',
    `${PORTAL}    dev: { kind: aws/permission-set, via: { provider: sso }, principal: { name: A, account: { id: «'12345678901' } } }\n`,
    [
      'identities.dev.principal.account.id must be the 12 digits of an AWS account; quote them when they begin with 0.',
    ],
  ],
]

t.test('bad configurations, one problem each', async (t) => {
  for (const [name, marked, messages] of bad) {
    const places = [...marked.matchAll(/«/g)].map(({ index }) => {
      const before = marked.slice(0, index).replaceAll('«', '').split('\n')
      return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
    })
    const expected = messages.map((message, index) => `${places[index]} ${message}`)
    t.strictSame(await problems(marked.replaceAll('«', '')), expected, name)
  }
})

t.test('all problems at once, in the order of the file', async (t) => {
  const found = await problems(`auth:
  keyrng: {}
  providers:
    a: { kind: aws/iam-identity-center, region: mars, start_url: https://a.b }
    b: { kind: aws/nothing }
  identities:
    c: { kind: aws/permission-set, via: { provider: b }, principal: { name: A, account: { id: '1' } } }
    d: { kind: aws/assume-role, via: { identity: e }, principal: {} }
`)
  t.match(found, [
    /^2:3 .*keyring/,
    /^4:49 .*region/,
    /^5:16 .*unknown kind/,
    /^7:95 .*12 digits/,
    /^8:50 .*"e", which does not/,
    /^8:\d+ .*assume_role/,
  ])
  t.equal(found.length, 6)
})

t.test('!env', async (t) => {
  const text = exampleConfig('http://127.0.0.1:1')
  const { graph, problems: found } = await loadText(text, {
    EMERGENCY_AWS_ACCESS_KEY_ID: null,
    EMERGENCY_AWS_SECRET_ACCESS_KEY: null,
  })
  t.match(found, [
    { severity: 'warning', message: /EMERGENCY_AWS_ACCESS_KEY_ID is not set/, line: 23 },
    { severity: 'warning', line: 24 },
  ])
  t.equal(found.length, 2)
  t.throws(() => chainTo(graph, 'emergency'), {
    code: 'EnvironmentMissing',
    message: /EMERGENCY_AWS_ACCESS_KEY_ID and EMERGENCY_AWS_SECRET_ACCESS_KEY/,
  })
  t.ok(chainTo(graph, 'prod-admin'), 'the others are usable')

  const { graph: one } = await loadText(text, KEYS)
  const { graph: other } = await loadText(text, { ...KEYS, EMERGENCY_AWS_SECRET_ACCESS_KEY: 'another' })
  t.not(
    chainTo(one, 'emergency').steps[0]?.key,
    chainTo(other, 'emergency').steps[0]?.key,
    'another secret is another session',
  )

  const fallback =
    'auth: { providers: { a: { kind: aws/iam-identity-center, region: !env REGION us-west-2, start_url: https://a.b } } }'
  t.equal((await loadText(fallback, { REGION: null })).graph.providers.get('a')?.region, 'us-west-2')
  t.equal((await loadText(fallback, { REGION: 'eu-west-1' })).graph.providers.get('a')?.region, 'eu-west-1')
  t.strictSame(await problems(fallback, { REGION: 'mars' }), [
    '1:66 providers.a.region must be an AWS region such as us-east-1.',
  ])
  t.strictSame(
    (await loadText('auth: {}\nvars: { x: !env NOT_OURS }')).names,
    [],
    'outside of auth it is not ours',
  )
})

t.test('other tags', async (t) => {
  t.strictSame(
    await problems('auth: {}\nstacks: { x: !terraform.output a.b }'),
    [],
    'other sections are not ours',
  )
  t.match(await problems('auth: { realm: !random 5 }'), ['1:16 There is no YAML function !random here.'])
})

t.test('anchors and merge keys', async (t) => {
  const { graph, problems: found } = await loadText(`auth:
  providers:
    one: &base { kind: aws/iam-identity-center, region: us-east-1, start_url: https://a.b/start }
    two: { <<: *base, region: eu-west-1 }
`)
  t.strictSame(found, [])
  t.equal(graph.providers.get('two')?.region, 'eu-west-1')
})

t.test('the keys of sessions', async (t) => {
  const { graph } = await loadText(exampleConfig('http://127.0.0.1:1'), KEYS)
  const key = async (change: (text: string) => string, name = 'prod-admin') => {
    const changed = await loadText(change(exampleConfig('http://127.0.0.1:1')), KEYS)
    return chainTo(changed.graph, name).steps.map((step) => step.key)
  }
  const [portal, dev, prod] = chainTo(graph, 'prod-admin').steps.map((step) => step.key)
  t.strictSame(await key((text) => text), [portal, dev, prod], 'the same every time')
  t.strictSame(
    await key((text) => text.replace('account: { name: development }', 'account: {name: development  }')),
    [portal, dev, prod],
    'however it is written',
  )
  for (const [name, from, to, same] of [
    ['realm', 'realm: sandbox', 'realm: other', [true, false, false]],
    ['start_url', 'company.awsapps', 'other.awsapps', [false, false, false]],
    ['region', 'us-east-1', 'eu-west-1', [false, false, false]],
    ['permission set', 'name: AdminAccess', 'name: ReadOnly', [true, false, false]],
    ['account', 'name: development', 'name: audit', [true, false, false]],
    ['role', 'role/ProductionAdmin', 'role/Other', [true, true, false]],
    ['session name', 'session_name: sandbox', 'session_name: other', [true, true, false]],
    ['endpoint', '127.0.0.1:1', '127.0.0.1:2', [false, false, false]],
  ] as const) {
    const keys = await key((text) => text.replace(from, to))
    t.strictSame(
      keys.map((one, index) => one === [portal, dev, prod][index]),
      same,
      `${name}: what it changes`,
    )
  }
  t.equal(chainOfProvider(graph, 'company-sso').steps[0]?.key, portal)
})

t.test('what is inherited along a chain', async (t) => {
  const { graph } = await loadText(`auth:
  providers:
    sso: { kind: aws/iam-identity-center, region: eu-west-1, start_url: https://a.b, spec: { endpoint_url: https://all.example, endpoints: { sts: https://sts.example } } }
  identities:
    a: { kind: aws/permission-set, via: { provider: sso }, alias: Ally, principal: { name: A, account: { id: '111111111111' } } }
    b: { kind: aws/assume-role, via: { identity: a }, principal: { assume_role: 'arn:aws:iam::111111111111:role/x', region: us-west-2 } }
    c: { kind: aws/assume-role, via: { identity: b }, principal: { assume_role: 'arn:aws:iam::111111111111:role/y' }, spec: { endpoint_url: https://mine.example } }
    u: { kind: aws/user, credentials: { access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: x } }
`)
  t.strictSame(
    ['a', 'b', 'c', 'u'].map((name) => chainTo(graph, name).region),
    ['eu-west-1', 'us-west-2', 'us-west-2', 'us-east-1'],
  )
  t.equal(endpointOf(chainTo(graph, 'a'), 'sso'), 'https://all.example')
  t.equal(endpointOf(chainTo(graph, 'b'), 'sts'), 'https://sts.example')
  t.equal(endpointOf(chainTo(graph, 'c'), 'sts'), 'https://mine.example', 'the nearest counts')
  t.equal(endpointOf(chainTo(graph, 'u'), 'sts'), undefined)
  t.equal(chainTo(graph, 'ally').steps.at(-1)?.node.name, 'a', 'by alias, in any case')
  t.throws(() => chainTo(graph, 'al1y'), { code: 'IdentityUnknown' })
  t.throws(() => chosenIdentity(graph, undefined), {
    code: 'IdentityRequired',
    details: { candidates: ['a', 'b', 'c', 'u'] },
  })
  t.equal(chosenIdentity(graph, 'b'), 'b')
})

t.test('the default identity', async (t) => {
  const text = (marks: string[]) =>
    `auth:\n  identities:\n${marks.map((mark, index) => `    i${index}: { kind: aws/user, default: ${mark}, credentials: { access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: x } }\n`).join('')}`
  t.equal(chosenIdentity((await loadText(text(['false', 'true']))).graph, undefined), 'i1')
  const two = (await loadText(text(['true', 'false', 'true']))).graph
  t.throws(() => chosenIdentity(two, undefined), {
    code: 'IdentityRequired',
    details: { candidates: ['i0', 'i2'] },
  })
  const empty = (await loadText('auth: {}')).graph
  t.throws(() => chosenIdentity(empty, undefined), { code: 'IdentityUnknown' })
})

t.test('workspaces: asked for what they need, loaded once, and again when the file changes', async (t) => {
  const place = join(directory, 'workspace')
  mkdirSync(place)
  const file = join(place, 'atmos.yaml')
  writeFileSync(file, exampleConfig('http://127.0.0.1:1'))
  const homes = { system: join(directory, 'system'), home: join(directory, 'home') }
  const trust = await openTrust(join(directory, 'trust.json'))
  const workspaces = openWorkspaces({ catalog, vault: '/state/vault.json', homes, trust })
  await t.rejects(workspaces.open(standing(place)), {
    code: 'EnvironmentNeeded',
    details: { names: ['EMERGENCY_AWS_ACCESS_KEY_ID', 'EMERGENCY_AWS_SECRET_ACCESS_KEY'] },
  })
  const reference = standing(place, KEYS)
  const first = await workspaces.open(reference)
  t.equal(await workspaces.open(standing(place, { ...KEYS })), first)
  t.not(await workspaces.open(standing(place, { ...KEYS, EMERGENCY_AWS_SECRET_ACCESS_KEY: 'x' })), first)
  writeFileSync(file, `${exampleConfig('http://127.0.0.1:1')}  keyrng: {}\n`)
  t.not(await workspaces.open(reference), first)
  await t.rejects(workspaces.sound(reference), {
    code: 'ConfigInvalid',
    details: { problems: [{ message: /keyrng/, column: 3 }] },
  })
})

t.test('whatever is written, loading tells and does not throw', async (t) => {
  const random = seededRandom(7)
  const text = exampleConfig('http://127.0.0.1:1')
  const pieces = [
    '{',
    '}',
    ':',
    '\n',
    '  ',
    '- ',
    '!env X',
    '&a ',
    '*a',
    '"',
    "'",
    '#',
    '\t',
    'null',
    '[]',
    '0',
    'kind',
    '\u0000',
    'é',
  ]
  for (let round = 0; round < 400; round++) {
    let mutated = text
    for (let change = 0; change <= round % 4; change++) {
      const at = Math.floor(random.unit() * mutated.length)
      const piece = pieces[Math.floor(random.unit() * pieces.length)] ?? ''
      mutated = mutated.slice(0, at) + piece + mutated.slice(at + Math.floor(random.unit() * 6))
    }
    const found = (await loadText(mutated, KEYS)).problems
    const sound = found.every(
      ({ line, column, message }) => line >= 1 && column >= 1 && /[.!?]$/.test(message),
    )
    if (!sound) t.fail(`${JSON.stringify(found)}\n${mutated}`)
  }
  t.pass('400 mutations')
})
