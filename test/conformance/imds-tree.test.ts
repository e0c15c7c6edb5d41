/** What the metadata of a grant consists of, byte for byte. */
import t from 'tap'
import { roleNameOf } from '../../daemon/endpoints/imds.ts'
import { type Metadata, metadataOf, ROLES } from '../helpers/asking.ts'
import { freePort } from '../helpers/port.ts'
import { type Running, running } from '../helpers/running.ts'

let daemon: Running
let imds: Metadata

t.before(async () => {
  daemon = await running()
  await daemon.signIn('dev-admin')
  imds = await metadataOf(daemon, 'dev-admin')
})
t.teardown(() => daemon.stop())

t.test('70: what there is not', async (t) => {
  for (const path of [
    'nothing',
    'meta-data/nothing',
    'meta-data/iam/info',
    'dynamic/x',
    'api',
    'constructor',
  ])
    t.equal((await imds.get(`/latest/${path}`)).status, 404, path)
  for (const path of ['/2021-01-03/meta-data/', '/__proto__/'])
    t.equal((await imds.get(path)).status, 404, path)
})

t.test(
  '74, 75: the one role, with a slash and without, and no line break that botocore would keep',
  async (t) => {
    for (const path of [ROLES, ROLES.slice(0, -1), `${ROLES}?a=b`]) {
      const { status, headers, body } = await imds.get(path)
      t.equal(status, 200)
      t.equal(headers['content-type'], 'text/plain')
      t.equal(body, 'dev-admin', path)
    }
  },
)

t.test('76, 82: its credentials, whose end has whole seconds', async (t) => {
  const { status, body } = await imds.get(`${ROLES}dev-admin`)
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
  t.equal(status, 200)
  t.match(JSON.parse(body), {
    Code: 'Success',
    Type: 'AWS-HMAC',
    AccessKeyId: /^ASIA/,
    SecretAccessKey: /.+/,
    Token: /.+/,
    Expiration: instant,
    LastUpdated: instant,
  })
  t.match(JSON.parse((await imds.get(`${ROLES}dev-admin/`)).body), { Code: 'Success' })
})

t.test('77: another role there is not', async (t) => {
  for (const path of [`${ROLES}other`, `${ROLES}../x`, `${ROLES}dev-admin/x`, `${ROLES}DEV-ADMIN`])
    t.equal((await imds.get(path)).status, 404, path)
})

t.test('78: the form with an account there is not, which is what SDKs go back from', async (t) => {
  for (const path of ['security-credentials-extended/', 'security-credentials-extended/dev-admin'])
    t.equal((await imds.get(`/latest/meta-data/iam/${path}`)).status, 404, path)
})

t.test('83: the region, and a zone of it', async (t) => {
  const placed = '/latest/meta-data/placement/'
  for (const path of ['region', 'region/']) t.equal((await imds.get(`${placed}${path}`)).body, 'us-east-1')
  for (const path of ['availability-zone', 'availability-zone/'])
    t.equal((await imds.get(`${placed}${path}`)).body, 'us-east-1a')
})

t.test('84: the document of the instance has region and account', async (t) => {
  const document = JSON.parse((await imds.get('/latest/dynamic/instance-identity/document')).body)
  t.match(document, { region: 'us-east-1', accountId: /^\d{12}$/ })
})

t.test('85: nothing of the machine is told', async (t) => {
  const names = ['instance-id', 'hostname', 'local-ipv4', 'mac', 'ami-id', 'public-keys/', 'network/']
  for (const name of names) t.equal((await imds.get(`/latest/meta-data/${name}`)).status, 404, name)
})

t.test('86: directories list their children, one a line', async (t) => {
  const listings: [string, string][] = [
    ['/', 'latest/'],
    ['/latest/', 'dynamic/\nmeta-data/'],
    ['/latest/meta-data/', 'iam/\nplacement/'],
    ['/latest/meta-data', 'iam/\nplacement/'],
    ['/latest/meta-data/iam/', 'security-credentials/'],
    ['/latest/meta-data/placement/', 'availability-zone\nregion'],
  ]
  for (const [path, expected] of listings) t.equal((await imds.get(path)).body, expected, path)
})

t.test('87: no user data', async (t) => {
  for (const path of ['/latest/user-data', '/latest/user-data/'])
    t.equal((await imds.get(path)).status, 404, path)
})

t.test('a port of choice, and one that is taken', async (t) => {
  const port = await freePort()
  t.equal((await metadataOf(daemon, 'dev-admin', port)).port, port)
  const before = daemon.app.house.grants.list().length
  const again = metadataOf(daemon, 'dev-admin', port)
  await t.rejects(again, { code: 'PortTaken', message: new RegExp(`:${port} `) })
  t.equal(daemon.app.house.grants.list().length, before, 'and no grant is left of it')
})

t.test('names of roles stand in addresses as they are', async (t) => {
  t.equal(roleNameOf('prod admin/äö "x"'), 'prod-admin-x-')
  t.equal(roleNameOf('a'.repeat(100)).length, 64)
})
