/** kubectl itself, up to an API server that asks the sandbox's STS whose token it was sent. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { apiServer, kubectl, kubectlVersion, place } from '../helpers/clusters.ts'
import { skipUnless } from '../helpers/tools.ts'

const skip = skipUnless(kubectlVersion !== undefined, 'kubectl 1.24 or newer')
const ROLE = 'arn:aws:iam::222222222222:role/Deploy'

t.test('a sign-in lets kubectl in; a sign-out keeps it out', { skip }, async (t) => {
  const at = await place(t)
  await apiServer(t, at, 'main')
  t.equal((await at.login()).code, 0)
  const whoami = () => kubectl(at, 'get', '--raw', '/version')
  t.match(await whoami(), { code: 0, stderr: '', stdout: /AWSReservedSSO_AdminAccess/ }, `${kubectlVersion}`)
  t.match(await kubectl(at, 'config', 'set-context', 'dev', '--namespace=x'), { code: 0 })
  t.match(await at.atmosctl(['update-kubeconfig', 'dev/eks']), { code: 0 }, 'what kubectl wrote is read')
  const kept = readFileSync(at.file, 'utf8')
  const { stdout } = await kubectl(at, 'config', 'view', '--raw', '-o', 'json')
  t.strictSame(
    JSON.parse(stdout).contexts,
    JSON.parse(JSON.stringify(at.kube().contexts)),
    'and the other way',
  )
  t.match(await at.atmosctl(['logout', '--all']), { code: 0 })
  const copy = join(at.path, 'copy')
  writeFileSync(copy, kept)
  const out = await kubectl(at, '--kubeconfig', copy, 'get', '--raw', '/version')
  t.match(out, { code: 1, stderr: /atmosctl login/ })
})

t.test('a role of its own for kubectl', { skip }, async (t) => {
  const at = await place(t)
  await apiServer(t, at, 'team')
  t.equal((await at.login()).code, 0)
  const args = ['--name', 'team', '--region', 'us-east-2', '--alias', 'team', '--role-arn', ROLE]
  t.match(await at.atmosctl(['update-kubeconfig', ...args]), { code: 0 })
  const asked = await kubectl(at, '--context', 'team', 'get', '--raw', '/version')
  t.match(asked, { code: 0, stdout: /"arn":"arn:aws:sts::222222222222:assumed-role\/Deploy\/atmosd"/ })
})
