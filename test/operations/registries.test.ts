/** Registry tokens as sessions: one flight, kept fresh, and hosts by their names. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openRegistries } from '../../daemon/grants/registries.ts'
import { applyIntegrations } from '../../daemon/operations/integrations.ts'
import { registryCredential } from '../../daemon/operations/registries.ts'
import { processToken } from '../../daemon/upstream/ecr.ts'
import { ecrHosts, ecrRegistryOf } from '../../shared/ecr-host.ts'
import { registryHost } from '../../shared/registry-host.ts'
import { exampleConfig } from '../cloud/example.ts'
import { manualClock, turned } from '../helpers/clock.ts'
import { running } from '../helpers/running.ts'

const HOUR = 3_600_000
const HOST = '111111111111.dkr.ecr.us-east-2.amazonaws.com'

t.test('223: one call for all who ask, and a new token hours before the end', async (t) => {
  const clock = manualClock(Date.now())
  const config = (url: string) => `${exampleConfig(url)}  integrations:
    dev/ecr:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { registry: { account_id: "111111111111", region: us-east-2 } }
`
  const at = await running({ clock, config, cloud: { lifetimes: { roleCredentialsSeconds: 43_200 } } })
  t.teardown(() => at.stop())
  const { house } = at.app
  await turned(clock, at.signIn())
  const request = {
    workspace: at.workspace,
    registries: [],
    kubeconfigs: [],
    file: '/dev/null',
    static: false,
  }
  const reply = await applyIntegrations(house, { ...request, auto: true })
  t.match(reply, { applied: [{ integration: 'dev/ecr', identity: 'dev-admin' }] })
  t.strictSame(reply.failed, [])
  t.notMatch(JSON.stringify(reply), /secret/, 'no token that was not asked for')
  const ask = () => registryCredential(house, { host: HOST })
  const first = await ask()
  t.ok((first.expiresAt ?? 0) > clock.now() + 11 * HOUR)
  t.equal(at.cloud.calls('GetAuthorizationToken'), 1)

  clock.jump(8.9 * HOUR)
  t.equal((await ask()).secret, first.secret, 'held while it is fresh')
  clock.jump(0.2 * HOUR)
  t.not((await ask()).secret, first.secret, 'given out with hours left')
  t.equal(at.cloud.calls('GetAuthorizationToken'), 2)

  house.registryChains.forget(HOST)
  await house.broker.drop(await house.registryChains.of(house.registries.at(HOST) as never))
  at.cloud.resetCalls()
  at.cloud.delay('GetAuthorizationToken', 50)
  const many = await Promise.all(Array.from({ length: 20 }, ask))
  t.equal(new Set(many.map(({ secret }) => secret)).size, 1)
  t.equal(at.cloud.calls('GetAuthorizationToken'), 1, 'one flight')
  t.strictSame(await registryCredential(house, { host: 'ghcr.io' }), {})
})

t.test('hosts are kept, with all the places that they were entered in', async (t) => {
  const path = join(t.testdir({}), 'registries.json')
  const registries = await openRegistries(path)
  const standing = { directory: '/work', config: [], configPath: [], profiles: [], settings: {} }
  const keyring = { type: 'memory' } as const
  const of = (id: string, file: string, digest?: string) => ({
    ...{ id, identity: 'dev', realm: 'r', standing, keyring, variables: [], sealed: false },
    places: [{ file, ...(digest === undefined ? {} : { digest }) }],
  })
  const two = async (name: string) => {
    for (const number of [1, 2, 3, 4, 5]) await registries.add(of(`${name}-${number}`, '/one'))
  }
  await Promise.all([two('a'), two('b'), two('c')])
  await registries.add(of('a-1', '/one', 'digest'))
  await registries.add(of('a-1', '/two'))
  await registries.add(of('a-1', '/one'))
  const read = await openRegistries(path)
  t.equal(read.list().length, 15)
  t.strictSame(read.at('a-1')?.places, [{ file: '/one', digest: 'digest' }, { file: '/two' }])
  const gone = await read.forget(({ id }) => id.startsWith('a'))
  t.equal(gone.length, 5)
  t.equal((await openRegistries(path)).list().length, 10)
  writeFileSync(path, '{')
  await t.rejects(openRegistries(path), { code: 'StoreDamaged' })
})

t.test('hosts in every partition', async (t) => {
  const cases: [region: string, ...hosts: string[]][] = [
    ['us-east-1', 'ecr.us-east-1.amazonaws.com', 'ecr-fips.us-east-1.amazonaws.com'],
    ['eu-central-2', 'ecr.eu-central-2.amazonaws.com'],
    ['ap-southeast-1', 'ecr.ap-southeast-1.amazonaws.com'],
    ['cn-northwest-1', 'ecr.cn-northwest-1.amazonaws.com.cn'],
    ['us-gov-east-1', 'ecr.us-gov-east-1.amazonaws.com', 'ecr-fips.us-gov-east-1.amazonaws.com'],
    ['us-iso-east-1', 'ecr.us-iso-east-1.c2s.ic.gov'],
    ['us-isob-east-1', 'ecr.us-isob-east-1.sc2s.sgov.gov'],
    ['eusc-de-east-1', 'ecr.eusc-de-east-1.amazonaws.eu'],
  ]
  for (const [region, ...hosts] of cases) {
    const registry = { account_id: '012345678901', region }
    const whole = hosts.map((host) => `012345678901.dkr.${host}`)
    t.strictSame(ecrHosts(registry), whole, region)
    for (const host of whole) t.strictSame(ecrRegistryOf(host), registry, host)
  }
  t.strictSame(ecrRegistryOf('012345678901.dkr-ecr.us-west-2.on.aws')?.region, 'us-west-2')
  for (const host of [
    'public.ecr.aws',
    '12345.dkr.ecr.us-east-1.amazonaws.com',
    '012345678901.dkr.ecr.us-east-1.amazonaws.com.evil.example',
    '012345678901.dkr.ecr.cn-north-1.amazonaws.com',
    'x012345678901.dkr.ecr.us-east-1.amazonaws.com',
    'localhost:5000',
    '',
  ])
    t.equal(ecrRegistryOf(host), undefined, host)
  t.equal(registryHost('https://index.docker.io/v1/'), 'index.docker.io')
  t.equal(registryHost('[::1]:5000/x'), '[::1]:5000')
})

t.test('an answer that is no token', async (t) => {
  const text = (plain: string) => Buffer.from(plain).toString('base64')
  t.match(processToken(text('AWS:a:b'), 5), { username: 'AWS', expiresAt: 5 })
  t.equal(processToken(text('AWS:a:b'), 5).token.reveal(), 'a:b')
  for (const [encoded, end] of [
    [undefined, 5],
    ['', 5],
    [text('AWS'), 5],
    [text('AWS:'), 5],
    [text(':x'), 5],
    [text('AWS:x'), undefined],
  ] as const)
    t.throws(() => processToken(encoded, end), { code: 'UpstreamUnavailable' }, `${encoded}`)
})
