/** Files of kubectl's and Docker's from real life, through a sign-in and a sign-out: not one byte is another. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kubeconfigOf } from '../../client/kube/document.ts'
import { place } from '../helpers/clusters.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures')
const integrations = `  integrations:
    dev/eks:
      kind: aws/eks
      via: { identity: dev-admin }
      spec: { cluster: { name: main, region: us-east-2, alias: dev } }
    dev/ecr:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { registry: { account_id: '111111111111', region: us-east-2 } }
`

/** All of a folder, each as it is and with Windows's line ends. */
function files(folder: string): [name: string, text: string][] {
  return readdirSync(join(FIXTURES, folder)).flatMap((name) => {
    const text = readFileSync(join(FIXTURES, folder, name), 'utf8')
    return [
      [name, text],
      [`${name}, CRLF`, text.replaceAll('\n', '\r\n')],
    ] as [string, string][]
  })
}

/** An object with nothing in it is written on one line. */
const closed = (text: string) => text.replace(/^(\s*\{)\s+\}/, '$1}')

t.test('as one file each', async (t) => {
  const at = await place(t, 'memory', integrations)
  const [kube, docker] = [files('kube'), files('docker')]
  const config = join(at.path, '.docker', 'config.json')
  for (const path of [at.file, config]) mkdirSync(join(path, '..'))
  for (let round = 0; round < Math.max(kube.length, docker.length); round++) {
    const [kubeName, kubeText] = kube[round % kube.length] as [string, string]
    const [dockerName, dockerText] = docker[round % docker.length] as [string, string]
    writeFileSync(at.file, kubeText, { mode: 0o640 })
    writeFileSync(config, dockerText, { mode: 0o644 })
    t.equal((await at.login()).code, 0)
    t.match(kubeconfigOf(readFileSync(at.file, 'utf8')).contexts?.at(-1), { name: 'dev' }, kubeName)
    t.match(readFileSync(config, 'utf8'), /"111111111111\.dkr\.ecr[^"]+"\s*:\s*"atmos"/, dockerName)
    t.equal((await at.atmosctl(['logout', '--all'])).code, 0)
    t.equal(readFileSync(at.file, 'utf8'), kubeText, kubeName)
    t.equal(closed(readFileSync(config, 'utf8')), closed(dockerText), dockerName)
    t.strictSame([statSync(at.file).mode & 0o777, statSync(config).mode & 0o777], [0o640, 0o644])
    for (const path of [at.file, config])
      t.equal(readdirSync(join(path, '..')).length, 1, 'nothing beside it')
    rmSync(at.file)
  }
})

t.test(
  'as several files of KUBECONFIG, of which some are links and some are not to be written',
  async (t) => {
    const at = await place(t, 'memory', integrations)
    const inside = (...names: string[]) => join(at.path, ...names)
    for (const folder of ['dotfiles', 'fixed', 'links']) mkdirSync(inside(folder))
    const texts = new Map(
      [
        ['fixed/first', 'many-tools.yaml'],
        ['dotfiles/kube', 'comments.yaml'],
        ['plain', 'tabs.yaml'],
      ].map(([file = '', name = '']) => [inside(file), readFileSync(join(FIXTURES, 'kube', name), 'utf8')]),
    )
    for (const [file, text] of texts) writeFileSync(file, text)
    symlinkSync('../dotfiles/kube', inside('links', 'config'))
    chmodSync(inside('fixed', 'first'), 0o440)
    const KUBECONFIG = ['missing', 'fixed/first', 'links/config', 'plain']
      .map((name) => inside(name))
      .join(':')
    const isRoot = process.getuid?.() === 0 // who may write everywhere
    const env = { KUBECONFIG: isRoot ? KUBECONFIG.replace(`${inside('fixed/first')}:`, '') : KUBECONFIG }
    const login = await at.login(env)
    t.match(login, { code: 0, stderr: `kubectl has the context` })
    t.match(login.stderr, `  ${inside('links', 'config')}\n`, 'the first that can be written')
    const written = [...texts]
      .filter(([file, text]) => readFileSync(file, 'utf8') !== text)
      .map(([file]) => file)
    t.strictSame(written, [inside('dotfiles', 'kube')])
    t.ok(lstatSync(inside('links', 'config')).isSymbolicLink())
    t.equal((await at.atmosctl(['logout', '--all'], { env })).code, 0)
    for (const [file, text] of texts) t.equal(readFileSync(file, 'utf8'), text, file)
    t.strictSame(readdirSync(inside('links')), ['config'])
    t.strictSame(readdirSync(inside('dotfiles')), ['kube'])
  },
)
