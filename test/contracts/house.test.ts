/** The house keeps its own rules; and the rules can say no. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { failures } from '../../shared/errors.ts'
import { VERSION } from '../../shared/version.ts'
import { circles, type Source, violations } from './rules.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const sources: Source[] = ['shared', 'daemon', 'client'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path): Source => [join(folder, path), read(join(folder, path))]),
)

t.test('every import points the way the house allows, and every room keeps to its own', async (t) => {
  t.ok(sources.length > 60, 'the sources were found')
  t.strictSame(violations(sources), [])
})

const planted: [string, string, RegExp][] = [
  [
    'daemon/graph/chain.ts',
    "import { openBroker } from '../broker/broker.ts'",
    /may not import daemon\/broker/,
  ],
  ['daemon/kinds/identities/aws/user.ts', "import a from './assume-role.ts'", /may not import .*assume-role/],
  ['daemon/kinds/integrations/aws/ecr.ts', "import a from './eks.ts'", /may not import .*eks/],
  ['daemon/kinds/fields/gcp.ts', "import a from '../../upstream/sts.ts'", /may not import daemon\/upstream/],
  [
    'daemon/sessions/held.ts',
    "const { a } = await import('../config/load.ts')",
    /may not import daemon\/config/,
  ],
  ['daemon/broker/mint.ts', "export { x } from '../endpoints/guards.ts'", /may not import daemon\/endpoints/],
  [
    'client/render/table.ts',
    "import type { House } from '../../daemon/operations/house.ts'",
    /may not import daemon/,
  ],
  ['client/daemon.ts', "import { GrantRequest } from '../shared/requests.ts'", /loads zod/],
  ['shared/errors.ts', "import pino from 'pino'", /package pino/],
  ['daemon/endpoints/guards.ts', "import '@aws-sdk/client-sts'", /package @aws-sdk\/client-sts/],
  [
    'daemon/kinds/providers/aws/saml.ts',
    "import { chromium } from 'playwright-core'",
    /package playwright-core/,
  ],
  ['daemon/kinds/providers/gcp/adc.ts', "import 'google-auth-library'", /package google-auth-library/],
  ['client/daemon.ts', "await import('google-auth-library')", /package google-auth-library/],
  ['daemon/utils/misc.ts', "import { a } from '../app.ts'", /no room/],
  ['daemon/broker/broker.ts', 'const now = Date.now()', /touches the clock/],
  ['daemon/broker/broker.ts', 'const now = new Date()', /touches the clock/],
  ['daemon/grants/grants.ts', 'setTimeout(() => {}, 1)', /touches a timer/],
  ['daemon/grants/grants.ts', 'randomBytes(16)', /touches chance/],
  ['client/daemon.ts', 'const home = process.env.HOME', /touches process/],
  ['daemon/config/load.ts', "if (process.platform === 'linux') {}", /touches process/],
  ['daemon/operations/whoami.ts', "await fetch('https://example.com')", /touches the network/],
]

t.test('a planted violation is found', async (t) => {
  for (const [path, text, expected] of planted)
    t.match(violations([[path, text]]).join('\n'), expected, `${path}: ${text}`)
  t.strictSame(
    violations([['daemon/broker/broker.ts', '// Date.now() is for daemon/system alone']]),
    [],
    'a comment is none',
  )
})

t.test('no file imports itself by way of others', async (t) => {
  t.strictSame(circles(sources), [])
  const planted: Source[] = [
    ['client/a.ts', "import { b } from './b.ts'"],
    ['client/b.ts', "import type { c } from './render/c.ts'"],
    ['client/render/c.ts', "const { a } = await import('../a.ts')"],
  ]
  t.strictSame(circles(planted), ['client/a.ts → client/b.ts → client/render/c.ts → client/a.ts'])
})

t.test('files and functions keep their size', async (t) => {
  const lengths = sources.map(([path, text]) => ({ path, lines: text.trimEnd().split('\n').length }))
  for (const { path, lines } of lengths) t.ok(lines <= 170, `${path} has ${lines} lines`)
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b)
  t.ok(
    (sorted[Math.floor(sorted.length / 2)] ?? 0) <= 70,
    `the median file has ${sorted[Math.floor(sorted.length / 2)]} lines`,
  )
})

t.test('addresses of Azure’s clouds are in one file', async (t) => {
  const theirs =
    /['"](?:https:\/\/)?(?:login\.(?:microsoftonline|chinacloudapi)|management\.(?:azure|usgovcloudapi|chinacloudapi)|portal\.azure|azurecr)\.|'Azure(?:China)?Cloud'/
  const found = sources.filter(([, text]) => theirs.test(text)).map(([path]) => path)
  t.strictSame(found, ['shared/azure-clouds.ts'])
})

t.test('each direct dependency has its reason, and each reason a dependency', async (t) => {
  const { dependencies, devDependencies, optionalDependencies, version } = JSON.parse(
    read('package.json'),
  ) as Record<string, Record<string, string>>
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).sort()
  const reasons = [...read('CONTRIBUTING.md').matchAll(/^\| `([^`]+)` \| [^|]{10,} \|$/gm)].map(
    ([, name]) => name ?? '',
  )
  t.strictSame(reasons.sort(), names)
  t.equal(String(version), VERSION, 'the version in shared/version.ts is the one of package.json')
})

t.test('ARCHITECTURE.md is true and short', async (t) => {
  const text = read('ARCHITECTURE.md')
  t.ok(text.split('\n').length <= 150, 'at most 150 lines')
  const named = [...text.matchAll(/`((?:daemon|client|shared|test)\/[\w./-]+)`/g)].map(
    ([, path]) => path ?? '',
  )
  const entries = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !path.startsWith('node_modules'),
  )
  for (const path of named) t.ok(entries.includes(path.replace(/\/$/, '')), `${path} exists`)
})

t.test('every code of the table is used somewhere', async (t) => {
  const code = sources
    .filter(([path]) => path !== 'shared/errors.ts')
    .map(([, text]) => text)
    .join('\n')
  for (const name of Object.keys(failures)) t.ok(code.includes(`'${name}'`), name)
})
