/** Many files as one configuration: where they are found, how they are put over each other, and what may stand in them. */
import { join } from 'node:path'
import t from 'tap'
import { openTrust } from '../../daemon/config/trust.ts'
import { chainTo } from '../../daemon/graph/chain.ts'
import { configPlace } from '../helpers/config-place.ts'
import { failure } from '../helpers/failure.ts'

/** A portal by the name of where it was written; the region tells which file won. */
function portal(region: string, name = 'sso'): string {
  return `auth:\n  providers:\n    ${name}: { kind: aws/iam-identity-center, start_url: 'https://a.b/start', region: ${region} }\n`
}

function identity(name: string, account = '111111111111'): string {
  return `    ${name}: { kind: aws/permission-set, via: { provider: sso }, principal: { name: Admin, account: { id: '${account}' } } }\n`
}

type Region = string | undefined
const regionIn = async (work: ReturnType<Awaited<ReturnType<typeof configPlace>>['open']>): Promise<Region> =>
  (await work).graph.providers.get('sso')?.region

t.test('the places, each over the one before', async (t) => {
  const order: [string, string][] = [
    ['system/atmos.yaml', 'us-east-1'],
    ['home/.atmos/atmos.yaml', 'us-east-2'],
    ['atmos.yaml', 'us-west-1'],
    ['project/atmos.yaml', 'us-west-2'],
    ['pointed/atmos.yaml', 'eu-west-1'],
  ]
  const files: Record<string, string> = {}
  for (const [path, region] of order) {
    files[path] = portal(region)
    const { open, base } = await configPlace(t, { ...files })
    const settings: Record<string, string> = path.startsWith('pointed')
      ? { ATMOS_CLI_CONFIG_PATH: join(base, 'pointed') }
      : {}
    const workspace = await open({ settings })
    t.equal(workspace.graph.providers.get('sso')?.region, region, path)
    t.equal(workspace.file, join(base, path))
    t.strictSame(workspace.problems, [])
  }
})

t.test(
  'a directory of its own is not put over its parents; without one the nearest parent and the git root are',
  async (t) => {
    const { open, base, write } = await configPlace(t, {
      'atmos.yaml': portal('us-east-1', 'far'),
      '.git/HEAD': '',
      'mid/atmos.yaml': portal('us-east-2'),
      'mid/deep/x/y': '',
    })
    const deep = { directory: join(base, 'mid', 'deep') }
    t.strictSame(
      [...(await open(deep)).graph.providers.keys()].sort(),
      ['far', 'sso'],
      'the git root below the parent',
    )
    const withoutRoot = { ...deep, settings: { ATMOS_GIT_ROOT_BASEPATH: 'false' } }
    t.strictSame([...(await open(withoutRoot)).graph.providers.keys()], ['sso'])
    write('mid/deep/.atmos.yaml', portal('eu-west-1', 'own'))
    t.strictSame([...(await open(deep)).graph.providers.keys()], ['own'])
  },
)

t.test('--config and --config-path stand alone', async (t) => {
  const { open, at } = await configPlace(t, {
    'project/atmos.yaml': portal('us-east-1'),
    'a.yaml': portal('us-east-2'),
    'b/atmos.yaml': portal('us-west-2', 'other'),
  })
  const { graph, files } = await open({ config: [at('a.yaml')], configPath: [at('b')] })
  t.strictSame([...graph.providers.keys()], ['sso', 'other'])
  t.equal(graph.providers.get('sso')?.region, 'us-east-2')
  t.strictSame(files, [at('a.yaml'), at('b/atmos.yaml')])
  t.match(await failure(open({ config: [at('none.yaml')] })), {
    code: 'ConfigNotFound',
    message: /none\.yaml/,
  })
  t.match(await failure(open({ configPath: [at('home')] })), { code: 'ConfigNotFound' })
  t.match(await failure(open({ settings: { ATMOS_CLI_CONFIG_PATH: at('nowhere') } })), {
    code: 'ConfigNotFound',
  })
  t.match(await failure(open({ directory: '/' })), { code: 'ConfigNotFound', hint: /auth:/ })
})

t.test('drop-ins and imports are below the file that has them', async (t) => {
  const { open, at, write } = await configPlace(t, {
    'project/atmos.yaml': `import:\n  - parts/**/*\n  - ./single\n${portal('us-west-2')}`,
    'project/atmos.d/one.yaml': portal('us-east-1', 'dropped'),
    'project/.atmos.d/deep/two.yml': portal('us-east-2', 'dropped'),
    'project/atmos.d/README.md': 'not: [yaml',
    'project/parts/x/a.yaml': `import: ../y/b.yaml\n${portal('us-west-1', 'a')}`,
    'project/parts/y/b.yaml': `import: [../x/a.yaml]\n${portal('eu-west-1', 'b')}`,
    'project/single.yaml': portal('eu-west-1'),
  })
  const { graph, problems, files } = await open()
  t.strictSame(problems, [])
  t.equal(graph.providers.get('sso')?.region, 'us-west-2', 'the file itself wins')
  t.equal(graph.providers.get('dropped')?.region, 'us-east-2', '.atmos.d after atmos.d')
  t.strictSame(
    [...graph.providers.keys()].sort(),
    ['a', 'b', 'dropped', 'sso'],
    'imports of imports, circles and all',
  )
  t.equal(files.at(-1), at('project/atmos.yaml'))

  write(
    'project/atmos.yaml',
    `import:\n  - https://example.com/a.yaml\n  - github.com/x/y\n  - nothing/*\n  - 7\n${portal('us-west-2')}`,
  )
  t.strictSame(
    (await open()).problems.map(({ line, message }) => `${line} ${message}`),
    [
      '2 The import https://example.com/a.yaml is remote, which is not supported.',
      '3 The import github.com/x/y is remote, which is not supported.',
      '4 The import nothing/* matches no file.',
      '5 An import must be the path of a file.',
    ],
  )
})

t.test('drop-ins of the checkout are below its own files, and not below those of the user', async (t) => {
  const realm = (name: string) => `auth: { realm: ${name} }\n`
  const { open, base } = await configPlace(t, {
    'system/atmos.yaml': realm('system'),
    'home/.atmos/atmos.yaml': realm('home'),
    'repo/.git/HEAD': '',
    'repo/atmos.d/one.yaml': realm('repo'),
    'repo/deep/x': '',
    'repo/own/atmos.yaml': portal('us-east-1'),
  })
  const realmIn = async (directory: string) => (await open({ directory: join(base, directory) })).graph.realm
  t.equal(await realmIn('repo'), 'repo')
  t.equal(await realmIn('repo/deep'), 'repo')
  t.equal(await realmIn('repo/own'), 'repo', 'below a directory of its own, too')
  const settings = { ATMOS_GIT_ROOT_BASEPATH: 'false' }
  t.equal((await open({ directory: join(base, 'repo'), settings })).graph.realm, 'repo')
})

t.test('merging', async (t) => {
  const { open, write } = await configPlace(t, {
    'project/atmos.d/base.yaml': `auth:
  realm: below
  providers:
    sso: { kind: aws/iam-identity-center, start_url: 'https://a.b/start', region: us-east-1, tags: [a, b] }
  identities:
    Dev.Admin: { kind: aws/permission-set, via: { provider: sso }, principal: { name: Admin, account: { id: '111111111111' } }, alias: d }
    role: { kind: aws/assume-role, via: { identity: dev.admin }, principal: { assume_role: 'arn:aws:iam::111111111111:role/x', external_id: abc } }
    gone: { kind: aws/permission-set, via: { provider: sso }, principal: { name: Admin, account: { id: '111111111111' } } }
`,
    'project/atmos.yaml': '',
  })
  const upper = async (text: string) => {
    write('project/atmos.yaml', text)
    const { graph, problems } = await open()
    t.strictSame(problems, [], text)
    return graph
  }
  t.equal((await upper('auth: { realm: above }')).realm, 'above')
  t.equal((await upper('auth: {}')).realm, 'below')
  const deep = await upper(
    "auth: { identities: { dev.admin: { principal: { account: { id: '222222222222' } } } } }",
  )
  t.match(deep.identities.get('Dev.Admin')?.config, {
    principal: { name: 'Admin', account: { id: '222222222222' } },
  })
  t.equal(chainTo(deep, 'DEV.ADMIN').steps.length, 2, 'found in any case, with its dot')
  t.equal(chainTo(deep, 'd').steps.at(-1)?.node.name, 'Dev.Admin', 'and by its alias')

  const other = await upper(
    "auth: { identities: { role: { via: { provider: sso }, kind: aws/permission-set, principal: { name: A, account: { id: '111111111111' } } } } }",
  )
  t.equal(other.identities.get('role')?.kindName, 'aws/permission-set', 'another kind replaces the whole')
  const via = await upper(
    'auth: { identities: { base: { kind: aws/user, credentials: { access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: x } }, role: { via: { identity: base } } } }',
  )
  t.match(
    chainTo(via, 'role').steps.map(({ node }) => node.name),
    ['base', 'role'],
  )
  t.notOk((await upper('auth: { identities: { gone: !unset } }')).identities.has('gone'))
  for (const empty of ['auth:', 'auth: { providers: , identities: }', 'auth: { providers: { sso: } }']) {
    const { providers, identities } = await upper(empty)
    t.strictSame([providers.size, identities.size], [1, 3], `${empty} takes nothing away`)
  }
})

t.test('profiles', async (t) => {
  const { open, at } = await configPlace(t, {
    'project/atmos.yaml': `profiles: { base_path: mine, default: laptop }\n${portal('us-east-1')}  identities:\n${identity('dev')}`,
    'project/mine/laptop/auth.yaml': portal('us-east-2'),
    'project/.atmos/profiles/ci/deep/later.yaml': portal('us-west-2'),
    'project/.atmos/profiles/ci/atmos.yaml': portal('us-west-1'),
    'config/atmos/profiles/xdg/auth.yaml': portal('eu-west-1'),
    'home/.config/atmos/profiles/homely/auth.yaml': portal('eu-west-2'),
    'project/profiles/last/auth.yaml': portal('eu-central-1'),
  })
  t.equal(await regionIn(open()), 'us-east-2', 'the default one')
  t.equal(
    await regionIn(open({ settings: { ATMOS_PROFILE: 'last' } })),
    'eu-central-1',
    'ATMOS_PROFILE before it',
  )
  t.equal(
    await regionIn(open({ profiles: ['ci'], settings: { ATMOS_PROFILE: 'last' } })),
    'us-west-2',
    'and --profile before that; atmos.yaml of a profile first',
  )
  t.equal(await regionIn(open({ profiles: ['ci', 'last'] })), 'eu-central-1', 'from left to right')
  t.equal(await regionIn(open({ profiles: ['homely'] })), 'eu-west-2')
  t.equal(
    await regionIn(open({ profiles: ['xdg'], settings: { XDG_CONFIG_HOME: at('config') } })),
    'eu-west-1',
  )
  t.match(await failure(open({ profiles: ['laptpo'] })), {
    code: 'ProfileUnknown',
    hint: 'Did you mean "laptop"?',
    details: { candidates: ['ci', 'homely', 'laptop', 'last'] },
  })
  t.match(await failure(open({ profiles: ['dev'] })), { hint: /identity has that name: choose it with -i/ })
})

t.test('YAML functions', async (t) => {
  const { open, at, write } = await configPlace(t, {
    '.git/HEAD': '',
    'project/atmos.yaml': `
shared: &region us-west-2
auth:
  realm: !env REALM "from-default"
  keyring: { type: file, spec: { path: !repo-root } }
  logs: { file: !cwd logs/auth.log }
  providers:
    sso: { kind: aws/iam-identity-center, start_url: !include.raw url.txt, region: *region }
    other: !include parts.yaml .portals."the other"
  identities:
    user:
      kind: aws/user
      credentials: { access_key_id: !env KEY, secret_access_key: !env "SECRET" }
`,
    'project/url.txt': 'https://a.b/start',
    'project/parts.yaml': `portals:\n  the other: { kind: aws/iam-identity-center, start_url: !env URL https://c.d/start, region: eu-west-1 }\n`,
  })
  const values = { REALM: null, KEY: 'AKIAIOSFODNN7EXAMPLE', SECRET: 's', URL: null }
  t.match(await failure(open()), {
    code: 'EnvironmentNeeded',
    details: { names: ['REALM', 'URL', 'KEY', 'SECRET'] },
  })
  const { graph, problems } = await open({ environment: values })
  t.strictSame(problems, [])
  t.equal(graph.realm, 'from-default')
  t.strictSame(graph.keyring, { type: 'file', vault: at('atmosd-vault.json') }, 'a directory holds the vault')
  t.match(graph.providers.get('sso'), { region: 'us-west-2', startUrl: 'https://a.b/start' })
  t.match(graph.providers.get('other'), { startUrl: 'https://c.d/start', region: 'eu-west-1' })

  const faults: [string, string][] = [
    ['!random 5', 'There is no YAML function !random here.'],
    ['!envv X', 'There is no YAML function !envv here. Did you mean !env?'],
    ['!include none.yaml', `${at('project/none.yaml')} cannot be included: it is not there.`],
    ['!include https://x.y/z.yaml', 'The include https://x.y/z.yaml is remote, which is not supported.'],
    ['!include parts.yaml .nothing', `${at('project/parts.yaml')} has nothing at nothing.`],
    ['!include self.yaml', `${at('project/self.yaml')} includes itself.`],
  ]
  write('project/self.yaml', '!include self.yaml\n')
  for (const [call, expected] of faults) {
    write('project/atmos.yaml', `auth:\n  providers:\n    sso: ${call}\n`)
    const found = (await open()).problems.map(({ message, hint = '' }) => `${message} ${hint}`.trim())
    t.strictSame(found, [expected], call)
  }
  write('project/atmos.yaml', `components: { terraform: !terraform.output x }\n${portal('us-east-1')}`)
  t.strictSame((await open()).problems, [], 'functions outside of auth are none of our business')
})

t.test('!append', async (t) => {
  const list = (tag: string) =>
    `auth:\n  identities:\n    u: { kind: aws/user, tags: ${tag}[b], credentials: { access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: x } }\n`
  const { open, write } = await configPlace(t, {
    'project/atmos.d/a.yaml': list('').replace('[b]', '[1, a]'),
    'project/atmos.yaml': list(''),
  })
  t.strictSame((await open()).problems, [], 'a list is replaced, and with it what was wrong in it')
  write('project/atmos.yaml', list('!append '))
  t.match(
    (await open()).problems,
    [{ message: 'identities.u.tags.0 must be a text.', line: 3 }],
    'or appended to',
  )
})

t.test('commands run only where they are allowed', async (t) => {
  const { open, at, trust, write } = await configPlace(t, {
    'project/atmos.yaml': `${portal('us-east-1')}  identities:
    user:
      kind: aws/user
      credentials: { access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: !exec vault read key }
`,
  })
  const untrusted = await open()
  t.match(untrusted.problems, [
    {
      severity: 'warning',
      message: /`!exec vault read key` is not allowed, so identities\.user/,
      hint: /atmosctl trust/,
    },
  ])
  t.throws(() => chainTo(untrusted.graph, 'user'), { code: 'ConfigUntrusted', hint: /atmosctl trust/ })
  t.ok(await open(), 'the rest works')

  const { readFileSync } = await import('node:fs')
  const { digestOf } = await import('../../daemon/config/trust.ts')
  const path = at('project/atmos.yaml')
  const text = readFileSync(path, 'utf8')
  await trust.add([{ path, digest: digestOf(text) }])
  t.match(await failure(open()), { code: 'EnvironmentNeeded', details: { names: ['$(vault read key)'] } })
  const { graph } = await open({ environment: { '$(vault read key)': 'printed' } })
  t.equal(chainTo(graph, 'user').steps.length, 1)
  t.match((await open({ environment: { '$(vault read key)': null } })).problems, [
    { message: /gave nothing/ },
  ])
  t.ok((await openTrust(at('trust.json'))).trusts(path, text), 'it is kept')

  write('project/atmos.yaml', text.replace('read key', 'read key | tee /tmp/x'))
  t.throws(() => chainTo(graph, 'nobody'), { code: 'IdentityUnknown' })
  t.match((await open()).problems, [{ message: /not allowed/ }], 'a changed file is another one')
})

t.test('problems are at their places in whichever file', async (t) => {
  const { open, at } = await configPlace(t, {
    'project/atmos.yaml': `import: part.yaml\nauth:\n  identities:\n${identity('one', '12')}    two: { kind: aws/permission-set, via: { provider: ssso } }\n`,
    'project/part.yaml': `auth:\n  providers:\n    sso: { kind: aws/iam-identity-center, region: nowhere, start_url: 'https://a.b' }\n`,
    'project/.atmos.d/broken.yaml': 'auth: {\n',
  })
  const { problems } = await open()
  t.strictSame(
    problems.map(
      ({ file, line, column, source }) => `${file}:${line}:${column} ${source?.trim().slice(0, 8)}`,
    ),
    [
      `${at('project/.atmos.d/broken.yaml')}:2:1 `,
      `${at('project/part.yaml')}:3:51 sso: { k`,
      `${at('project/atmos.yaml')}:4:103 one: { k`,
      `${at('project/atmos.yaml')}:5:5 two: { k`,
      `${at('project/atmos.yaml')}:5:55 two: { k`,
    ],
  )
})

t.test('anchors, merge keys, and files that would grow without end', async (t) => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`),
  ].join('\n')
  const { open, write } = await configPlace(t, {
    'project/atmos.yaml': `
base: &base { kind: aws/permission-set, via: { provider: sso }, principal: { name: Admin, account: { id: '111111111111' } } }
${portal('us-east-1')}  identities:
    one: { <<: *base, alias: o }
    two: { <<: [*base, { alias: x }], principal: { name: Other, account: { id: '222222222222' } } }
`,
  })
  const { graph, problems } = await open()
  t.strictSame(problems, [])
  t.match(graph.identities.get('two'), { alias: 'x', config: { principal: { name: 'Other' } } })
  write('project/atmos.yaml', `${bomb}\nauth: *i\n`)
  t.match((await open()).problems, [{ message: /nested too deeply or too large/ }])
  write('project/atmos.yaml', 'auth: &x { providers: { y: *x } }\n')
  t.match((await open()).problems[0], { message: /nested too deeply/ })
})
