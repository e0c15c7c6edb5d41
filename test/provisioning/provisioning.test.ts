/** Assignments of a portal as identities of a running daemon. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { openWorkspaces } from '../../daemon/config/workspaces.ts'
import { chainOfProvider, chainTo } from '../../daemon/graph/chain.ts'
import { catalog } from '../../daemon/kinds/catalog.ts'
import { listWorkspace } from '../../daemon/operations/listing.ts'
import { signIn } from '../../daemon/operations/login.ts'
import { logout } from '../../daemon/operations/logout.ts'
import { provisionDaily } from '../../daemon/provisioning/daily.ts'
import { type Found, listAssignments } from '../../daemon/provisioning/listing.ts'
import { paceOf, REQUESTS_PER_SECOND } from '../../daemon/provisioning/pace.ts'
import { systemClock } from '../../daemon/system/clock.ts'
import { silentLog } from '../../daemon/system/log.ts'
import { AuthError } from '../../shared/errors.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import { startCloud } from '../cloud/cloud.ts'
import type { Account } from '../cloud/state.ts'
import { manualClock, turned } from '../helpers/clock.ts'
import { testHome } from '../helpers/house.ts'
import { seededRandom } from '../helpers/random.ts'
import { raw } from '../helpers/raw.ts'
import { type Running, type RunningOptions, running } from '../helpers/running.ts'

const [DEV, PROD, AUDIT] = ['111111111111', '222222222222', '333333333333'] as const

function config(url: string, more = '', spec = '', realm = 'one'): string {
  return `auth:
  realm: ${realm}
  keyring: { type: memory }
  providers:
    sso:
      kind: aws/iam-identity-center
      region: us-east-1
      start_url: https://company.awsapps.com/start
      auto_provision_identities: true
      spec: { endpoint_url: '${url}'${spec} }
  identities:
    written: { kind: aws/permission-set, via: { provider: sso }, principal: { name: ReadOnly, account: { name: audit } } }
${more}`
}

async function place(
  t: Tap,
  options: RunningOptions & { more?: string; spec?: string } = {},
): Promise<Running> {
  const daemon = await running({
    listingsPerSecond: 1_000,
    config: (url) => config(url, options.more, options.spec),
    ...options,
  })
  t.teardown(daemon.stop)
  return daemon
}
type Tap = Pick<typeof t, 'teardown'>

/** All events of a sign-in to the provider. */
async function login(daemon: Running, request: object = { provider: 'sso' }, workspace = daemon.workspace) {
  const events: LoginEvent[] = []
  const leave = new AbortController().signal
  await signIn(daemon.app.house, { workspace, ...request } as never, (event) => events.push(event), leave)
  return events
}

async function names(daemon: Running, workspace = daemon.workspace): Promise<string[]> {
  const { identities } = await listWorkspace(daemon.app.house, { workspace })
  return identities.map(({ name }) => name).sort()
}

async function ask(daemon: Running, grant: { path: string; token: string }) {
  const answer = await raw(
    daemon.port,
    `GET ${grant.path} HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: ${grant.token}\r\nConnection: close\r\n\r\n`,
    5_000,
  )
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, string> }
}

const account = (id: string, name: string, roles = ['Admin', 'ReadOnly']): Account => ({ id, name, roles })
const three = () => [account(DEV, 'dev'), account(PROD, 'prod'), account(AUDIT, 'audit')]

t.test('at once in the running daemon, from all pages', async (t) => {
  const daemon = await place(t, { cloud: { accounts: three(), pageSize: 1 } })
  t.strictSame(await names(daemon), ['written'])
  const events = await login(daemon)
  t.match(events.at(-1), { type: 'done', session: { provider: 'sso' } })
  const progress = events.filter(({ type }) => type === 'progress')
  t.match(progress[0], { done: 0, total: 3, what: 'accounts' })
  t.match(progress.at(-1), { done: 3, total: 3 })
  t.strictSame(await names(daemon), [
    ...['audit', 'dev', 'prod'].flatMap((name) => [`${name}/Admin`, `${name}/ReadOnly`]),
    'written',
  ])
  t.equal(daemon.cloud.calls('ListAccounts'), 3)
  t.equal(daemon.cloud.calls('ListAccountRoles'), 6)
  const { identities, problems } = await listWorkspace(daemon.app.house, { workspace: daemon.workspace })
  t.strictSame(problems, [])
  t.match(
    identities.find(({ name }) => name === 'dev/Admin'),
    {
      kind: 'aws/permission-set',
      via: { provider: 'sso' },
      tags: ['provisioned', DEV],
      provisioned: true,
    },
  )
  const { status, body } = await ask(daemon, await daemon.grant('DEV/admin'))
  t.match([status, body.AccountId], [200, DEV], 'names are found in any case')
  await daemon.grant('written')
  t.equal(daemon.cloud.calls('ListAccounts'), 3, 'the kept list says which account a name means')

  await logout(daemon.app.house, { workspace: daemon.workspace, provider: 'sso' } as never)
  t.strictSame(await names(daemon), ['written'], 'a sign-out forgets them')
})

t.test('which ones, and under which names', async (t) => {
  const cases: [string, Account[], string, string[]][] = [
    ['include', three(), "include: ['d*']", ['dev/Admin', 'dev/ReadOnly']],
    ['include by id, exclude', three(), `include: ['${PROD}/*'], exclude: ['*/read?nly']`, ['prod/Admin']],
    ['nothing', three(), "exclude: ['*']", []],
    [
      'twice the same name',
      [account(DEV, 'team', ['A']), account(PROD, 'Team', ['A']), account(AUDIT, 'other', ['A'])],
      "include: ['*']",
      ['Team-222222222222/A', 'other/A', 'team-111111111111/A'],
    ],
    [
      'a name that looks like the other one with its id',
      [account(DEV, 'a', ['A']), account(PROD, 'A', ['A']), account(AUDIT, `a-${DEV}`, ['A'])],
      "include: ['*/A']",
      [`A-${PROD}/A`, `a-${DEV}-${AUDIT}/A`, `a-${DEV}/A`],
    ],
    ['a slash in the name', [account(DEV, 'x/y', ['A'])], "include: ['x/*/A']", ['x/y/A']],
  ]
  for (const [what, accounts, provisioning, expected] of cases) {
    const daemon = await place(t, { cloud: { accounts }, spec: `, provisioning: { ${provisioning} }` })
    await login(daemon)
    t.strictSame(await names(daemon), [...expected, 'written'].sort(), what)
    t.strictSame((await listWorkspace(daemon.app.house, { workspace: daemon.workspace })).problems, [], what)
  }
})

t.test('what is written wins, and adds', async (t) => {
  const more = `    Dev/admin: { alias: mine, default: true }
    prod/Admin: { kind: aws/permission-set, via: { provider: sso }, principal: { name: ReadOnly, account: { id: '${AUDIT}' } } }
    dev/ReadOnly: { kind: aws/assume-role, via: { identity: written }, principal: { assume_role: 'arn:aws:iam::222222222222:role/Other' } }
    below: { kind: aws/assume-role, via: { identity: PROD/readonly }, principal: { assume_role: 'arn:aws:iam::222222222222:role/Below' } }
    audit/ReadOnly: !unset
    named: { kind: aws/permission-set, alias: audit/Admin, via: { provider: sso }, principal: { name: Admin, account: { id: '${AUDIT}' } } }
`
  const daemon = await place(t, { cloud: { accounts: three() }, more })
  const before = await listWorkspace(daemon.app.house, { workspace: daemon.workspace })
  t.strictSame(
    before.problems.map(({ severity }) => severity),
    ['warning', 'warning'],
    'before the first sign-in',
  )
  t.match(await login(daemon, { identity: 'below' }), [
    { type: 'failed', failure: { code: 'IdentityUnknown' } },
  ])
  await login(daemon)
  const { identities, problems } = await listWorkspace(daemon.app.house, { workspace: daemon.workspace })
  t.strictSame(problems, [])
  const find = (wanted: string) => identities.find(({ name }) => name === wanted)
  t.match(find('dev/Admin'), { alias: 'mine', default: true, kind: 'aws/permission-set' })
  t.equal(find('dev/ReadOnly')?.kind, 'aws/assume-role')
  t.notOk(find('audit/Admin'), 'an alias is written too')
  t.notOk(find('audit/ReadOnly'), 'what is unset is away')
  t.equal((await ask(daemon, await daemon.grant('mine'))).body.AccountId, DEV)
  t.equal((await ask(daemon, await daemon.grant('prod/Admin'))).body.AccountId, AUDIT)
  t.equal((await ask(daemon, await daemon.grant('below'))).status, 200)
})

t.test('accounts that vanish, and that are renamed', async (t) => {
  const daemon = await place(t, { cloud: { accounts: three() } })
  await login(daemon)
  const [dev, prod] = [await daemon.grant('dev/Admin'), await daemon.grant('prod/Admin')]
  daemon.cloud.assign([account(PROD, 'production'), account(AUDIT, 'prod')])
  await login(daemon)
  t.strictSame(
    (await names(daemon)).filter((name) => name.endsWith('/Admin')),
    ['prod/Admin', 'production/Admin'],
  )
  const { chains, grants, workspaces, keyrings } = daemon.app.house
  const { chainResolver } = await import('../../daemon/operations/grant.ts')
  const resolve = chainResolver(workspaces, keyrings)
  const behind = (id: string) => grants.list().find((grant) => grant.id === id) as never
  t.match((await resolve(behind(prod.id))).steps.at(-1)?.node.name, 'production/Admin')
  await t.rejects(resolve(behind(dev.id)), {
    code: 'IdentityUnknown',
    message: '"sso" no longer provides "dev/Admin" to you.',
  })
  for (const { id } of [dev, prod]) chains.forget(id) // as the look after five seconds does
  t.equal((await ask(daemon, prod)).body.AccountId, PROD, 'the account counts and not its name')
  t.match(await ask(daemon, dev), { status: 403, body: { Message: /no longer provides/ } })
})

t.test('a sign-in to an identity lists behind its back, and not again and again', async (t) => {
  const clock = { ...systemClock }
  const daemon = await place(t, { cloud: { accounts: three() }, clock })
  const { provisioning } = daemon.app.house
  const listings = () => daemon.cloud.calls('ListAccountRoles') / 3
  t.match(
    await login(daemon, { identity: 'written' }),
    [{}, {}, {}, { type: 'progress' }],
    'the first is waited for',
  )
  t.equal(listings(), 1)
  await login(daemon, { identity: 'written' })
  t.equal(listings(), 1, 'the list is recent')
  clock.now = () => systemClock.now() + 3_500_000 // the sign-in is due, and the list still recent
  await daemon.app.house.broker.drop(
    chainOfProvider((await daemon.app.house.workspaces.open(daemon.workspace)).graph, 'sso'),
  )
  daemon.cloud.delay('ListAccounts', 200)
  const events = await login(daemon, { identity: 'prod/Admin' })
  t.notOk(events.some(({ type }) => type === 'progress'))
  await provisioning.refresh(
    chainTo((await daemon.app.house.workspaces.open(daemon.workspace)).graph, 'written'),
  )
  t.equal(listings(), 2, 'a new sign-in lists anew, and who asks meanwhile joins')
})

t.test('failures', async (t) => {
  const daemon = await place(t, { cloud: { accounts: three() } })
  await login(daemon)
  const all = await names(daemon)
  daemon.cloud.fault({
    operation: 'ListAccountRoles',
    kind: 'status',
    status: 403,
    code: 'ForbiddenException',
    times: 1,
  })
  t.match(
    (await login(daemon)).filter(({ type }) => type === 'warning'),
    [{ message: /^The roles in dev could not be listed/ }],
    'one account',
  )
  t.strictSame(await names(daemon), all, 'keeps what it had')
  daemon.cloud.fault({
    operation: 'ListAccounts',
    kind: 'status',
    status: 403,
    code: 'ForbiddenException',
    times: 1,
  })
  const events = await login(daemon)
  t.match(events.slice(-2), [
    { type: 'warning', message: /^The accounts could not be listed/ },
    { type: 'done' },
  ])
  t.strictSame(await names(daemon), all)
  daemon.cloud.revokeAccessTokens()
  t.match((await login(daemon)).at(-1), { type: 'done' }, 'a token that the portal forgot is renewed')
})

t.test('429 is backed off and not lost', async (t) => {
  const clock = manualClock()
  const daemon = await place(t, { cloud: { accounts: three(), now: clock.now }, clock })
  await turned(clock, login(daemon, { identity: 'written' }), 50)
  for (const operation of ['ListAccounts', 'ListAccountRoles'] as const)
    daemon.cloud.fault({ operation, kind: 'status', status: 429, code: 'TooManyRequestsException', times: 4 })
  daemon.cloud.resetCalls()
  const events = await turned(clock, login(daemon), 50)
  t.notOk(events.some(({ type }) => type === 'warning'))
  t.equal((await names(daemon)).length, 7)
  t.equal(daemon.cloud.calls('ListAccountRoles'), 3 + 4)
})

t.test('two realms', async (t) => {
  const daemon = await place(t, { cloud: { accounts: three() } })
  const { mkdirSync, writeFileSync } = await import('node:fs')
  const directory = `${daemon.workspace.directory}/other`
  mkdirSync(directory)
  writeFileSync(
    `${directory}/atmos.yaml`,
    config(daemon.cloud.url, '', ', provisioning: { exclude: [none] }', 'two'),
  )
  const other = { ...daemon.workspace, directory }
  await login(daemon)
  t.equal((await names(daemon, other)).length, 1, 'the list is of one realm')
  daemon.cloud.assign([account(DEV, 'dev')])
  await login(daemon, { provider: 'sso' }, other)
  t.equal((await names(daemon, other)).length, 3)
  t.equal((await names(daemon)).length, 7)
  t.equal(daemon.cloud.calls('StartDeviceAuthorization'), 1, 'the sign-in is of both')
})

t.test('a locked keyring hides the list, and says so', async (t) => {
  const daemon = await place(t, { cloud: { accounts: three() } })
  let locked: AuthError | undefined = new AuthError('PasswordRequired', 'The keyring file is locked.')
  const accounts = [{ ...account(DEV, 'dev') }]
  const lists = {
    version: () => 0,
    async of() {
      if (locked) throw locked
      return { listedAt: 0, accounts }
    },
  }
  const homes = { system: '/nowhere', home: '/nowhere' }
  const { trust } = daemon.app.house
  const workspaces = openWorkspaces({ catalog, vault: '/nowhere', homes, trust, lists })
  const { graph } = await workspaces.sound(daemon.workspace)
  t.equal(graph.identities.size, 1)
  t.throws(() => chainTo(graph, 'dev/Admin'), { code: 'PasswordRequired' })
  t.equal(chainTo(graph, 'written').steps.length, 2)
  locked = undefined
  const open = (await workspaces.sound(daemon.workspace)).graph
  t.equal(chainTo(open, 'dev/Admin').steps.length, 2, 'it is looked at again')
  t.throws(() => chainTo(open, 'zzz'), { code: 'IdentityUnknown', hint: /A portal may provide it after/ })
})

t.test('a name of an account is asked for once, and again where it means another one', async (t) => {
  const daemon = await place(t, {
    cloud: { accounts: three() },
    config: (url) => config(url).replace('auto_provision_identities: true', 'flow: device'),
  })
  await daemon.signIn('written')
  const { broker, workspaces } = daemon.app.house
  const chain = chainTo((await workspaces.open(daemon.workspace)).graph, 'written')
  await broker.renew(chain)
  t.equal(daemon.cloud.calls('ListAccounts'), 1)
  t.equal(daemon.cloud.calls('ListAccountRoles'), 0, 'nothing is listed unasked')
  daemon.cloud.assign([account(DEV, 'audit')])
  t.match(await broker.renew(chain), { credential: { accountId: DEV } })
  t.equal(daemon.cloud.calls('ListAccounts'), 2)
})

t.test('a sign-out during a listing', async (t) => {
  const daemon = await place(t, { cloud: { accounts: three() } })
  await login(daemon)
  const { provisioning, workspaces } = daemon.app.house
  const chain = chainOfProvider((await workspaces.open(daemon.workspace)).graph, 'sso')
  daemon.cloud.delay('ListAccountRoles', 100)
  const begun = Promise.withResolvers<void>()
  const listing = provisioning.refresh(chain, () => begun.resolve())
  const ended = t.rejects(listing, { code: 'LoginRequired', message: /meanwhile/ })
  await begun.promise
  await daemon.app.house.broker.drop(chain)
  await provisioning.lists.forget(chain)
  await ended
  t.strictSame(await names(daemon), ['written'], 'nothing comes back')
})

t.test('the daily look', async (t) => {
  const daemon = await place(t, { cloud: { accounts: three() } })
  await login(daemon)
  const { provisioning, clock: now } = daemon.app.house
  let later = 0
  const clock = { ...now, now: () => now.now() + later }
  const daily = provisionDaily({ provisioning, clock, random: seededRandom(), log: silentLog })
  t.teardown(daily.stop)
  daemon.cloud.assign([account(DEV, 'dev')])
  await daily.catchUp()
  t.equal((await names(daemon)).length, 7, 'not yet')
  later = 24 * 3_600_000
  await daily.catchUp()
  t.equal((await names(daemon)).length, 3)
})

t.test('500 accounts with 20 permission sets', async (t) => {
  const roles = Array.from({ length: 20 }, (_, index) => `Set${index}`)
  const accounts = Array.from({ length: 500 }, (_, index) =>
    account(String(100_000_000_000 + index), `account-${index}`, roles),
  )
  const daemon = await place(t, { cloud: { accounts: three(), pageSize: 100 }, listingsPerSecond: 400 })
  await login(daemon)
  const tool = await daemon.grant('prod/Admin')
  daemon.cloud.assign([...accounts, account(PROD, 'prod')])
  daemon.cloud.resetCalls()

  const listed = { done: false }
  const events = login(daemon).finally(() => {
    listed.done = true
  })
  let answered = 0
  for (; !listed.done; answered++) t.equal((await ask(daemon, tool)).status, 200)
  t.ok(answered > 1, 'tools are served meanwhile')
  t.match((await events).at(-1), { type: 'done' })
  const calls = daemon.cloud.calls('ListAccounts') + daemon.cloud.calls('ListAccountRoles')
  t.equal(calls, 6 + 501)
  t.equal((await names(daemon)).length, 10_003)
  await logout(daemon.app.house, { workspace: daemon.workspace, provider: 'sso' } as never)
  t.strictSame(await names(daemon), ['written'])
})

t.test('the pace on a turned clock', async (t) => {
  const clock = manualClock()
  const sent: number[] = []
  const accounts = Array.from({ length: 500 }, (_, index) => ({ id: String(index), name: `a${index}` }))
  const request = async <T>(items: T[]) => {
    sent.push(clock.monotonic())
    await clock.sleep(120)
    return { items, next: undefined }
  }
  const source = { accounts: () => request(accounts), roles: () => request(['A']), close() {} }
  const signal = new AbortController().signal
  const listing = { source, pace: paceOf(clock), clock, signal, report() {} }
  let found: Found | undefined
  const began = clock.monotonic()
  let endedAt = 0
  void listAssignments(listing).then((result) => {
    found = result
    endedAt = clock.monotonic()
  })
  while (!found) await clock.advance(100)
  t.equal(found.accounts.length, 500)
  t.ok(endedAt - began < 1.1 * (501 / REQUESTS_PER_SECOND) * 1_000, `${endedAt - began} ms`)
  const inAnySecond = sent.map((from) => sent.filter((at) => at >= from && at < from + 1_000).length)
  t.ok(Math.max(...inAnySecond) < 20, 'fewer than 20 in any second')
})

t.test('a restarted daemon knows them without asking', async (t) => {
  const home = testHome({ keyringPassword: 'correct horse' })
  const cloud = await startCloud({
    accounts: three(),
    approval: 'automatic',
    lifetimes: { pollIntervalSeconds: 0.05 },
  })
  t.teardown(async () => {
    await home.remove()
    await cloud.close()
  })
  home.config(config(cloud.url).replace('type: memory', 'type: file'))
  const signedIn = await home.atmosctl(['login', '--provider', 'sso', '--no-browser'])
  t.equal(signedIn.code, 0, signedIn.stderr)
  t.match(signedIn.stderr, /Listing accounts: 0 of 3/)
  const before = await home.atmosctl(['list', '--identities', '-f', 'json'])
  t.match(JSON.parse(before.stdout).identities, { length: 7 })
  await home.atmosctl(['daemon', 'stop'])
  cloud.resetCalls()
  const after = await home.atmosctl(['list', '--identities', '-f', 'json'])
  t.strictSame(
    JSON.parse(after.stdout).identities.map(({ name }: { name: string }) => name),
    JSON.parse(before.stdout).identities.map(({ name }: { name: string }) => name),
  )
  t.equal(cloud.calls('ListAccounts'), 0)
  const vault = readFileSync(`${home.path}/.local/share/atmosd/vault.json`, 'utf8')
  t.notMatch(vault, /ReadOnly|111111111111/, 'account lists are not public')
})
