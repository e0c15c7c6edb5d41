/** How files are read: plain ones alone, of a bounded size, and in a time that grows with their length. */
import { execFileSync } from 'node:child_process'
import t from 'tap'
import { openTrust } from '../../daemon/config/trust.ts'
import { parseYaml } from '../../daemon/config/yaml-file.ts'
import { configPlace } from '../helpers/config-place.ts'
import { failure } from '../helpers/failure.ts'

const included = (call: string) => `auth:\n  providers:\n    sso: ${call}\n`
const large = `# ${'x'.repeat(4 * 1024 * 1024)}\n`

t.test('what is included is a plain file of a bounded size', async (t) => {
  const { open, at, write } = await configPlace(t, { 'project/large.txt': large })
  execFileSync('mkfifo', [at('project/pipe'), at('project/pipe.yaml')])
  for (const [path, why] of [
    [at('project/pipe'), 'it is no plain file'],
    [at('project/pipe.yaml'), 'it is no plain file'],
    ['/dev/zero', 'it is no plain file'],
    [at('project'), 'it is no plain file'],
    [at('project/large.txt'), 'it is larger than 4 MB'],
    [at('project/none'), 'it is not there'],
  ]) {
    write('project/atmos.yaml', included(`!include.raw ${path}`))
    t.match((await open()).problems, [{ message: `${path} cannot be included: ${why}.`, line: 3 }])
  }
})

t.test('and so is what is put below a main file', async (t) => {
  const { open, at, write } = await configPlace(t, {
    'project/atmos.yaml': 'auth: {}',
    'project/atmos.d/a.txt': '',
  })
  execFileSync('mkfifo', [at('project/atmos.d/pipe.yaml')])
  const refused = { code: 'ConfigInvalid', message: /pipe\.yaml cannot be read: it is no plain file\./ }
  t.match(await failure(open()), refused)
  execFileSync('rm', [at('project/atmos.d/pipe.yaml')])
  write('project/atmos.d/large.yaml', large)
  t.match(await failure(open()), { code: 'ConfigInvalid', message: /large\.yaml.* larger than 4 MB/ })
})

t.test('a file that is a layer and included tells its faults once', async (t) => {
  const { open } = await configPlace(t, {
    'project/atmos.yaml': 'import: part.yaml\nauth:\n  realm: a\n  providers: !include part.yaml .portals\n',
    'project/part.yaml': 'portals: {}\nportals: {}\n',
  })
  t.match((await open()).problems, [{ message: 'The key "portals" stands twice in the same place.' }])
})

t.test('thousands of aliases, each the anchor that was last before it', async (t) => {
  const aliases = 'x: &a { kept: &b 1 }\ny: &b 2\nz: [*a, *b]\n'
  t.match(parseYaml('/f', aliases).root, {
    entries: new Map([['z', { value: { items: [{ type: 'map' }, { type: 'scalar', value: 2 }] } }]]),
  })
  const many = `a: &a 1\n${Array.from({ length: 8_000 }, (_, index) => `k${index}: *a`).join('\n')}\n`
  const before = process.cpuUsage()
  t.strictSame(parseYaml('/f', many).faults, [])
  const { user } = process.cpuUsage(before)
  t.ok(user < 1_500_000, `${user / 1_000} ms`)
})

t.test('a merge key that takes no map', async (t) => {
  const { open, write } = await configPlace(t, { 'project/p.yaml': 'region: us-east-1\n' })
  write('project/atmos.yaml', included('{ <<: !include p.yaml, kind: aws/iam-identity-center }'))
  t.match(
    (await open()).problems.filter(({ message }) => /<</.test(message)),
    [{ message: 'The merge key << takes maps of the same file.', line: 3 }],
  )
  write('project/atmos.yaml', `components: { <<: !include p.yaml }\n${included('{ <<: [7] }')}`)
  t.match((await open()).problems, [{ message: /kind is missing/ }, { message: /merge key/, line: 4 }])
  write('project/atmos.yaml', 'components: { <<: !include p.yaml }\nauth: {}\n')
  t.strictSame((await open()).problems, [], 'outside of auth it is not ours')
})

t.test('a list of trusted files that cannot be read trusts nothing', async (t) => {
  const { at } = await configPlace(t, { 'trust/x': '' })
  t.equal((await openTrust(at('trust'))).trusts('/a', 'b'), false)
})
