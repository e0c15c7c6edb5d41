/** A real registry and a real client of registries, which gets its sign-in from docker-credential-atmos. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { finished, testHome } from '../helpers/house.ts'
import { oneLayerImage } from '../helpers/image.ts'
import { startRegistry } from '../helpers/registry.ts'

const HELPER = join(import.meta.dirname, '..', '..', 'client', 'bin', 'docker-credential-atmos.cjs')
const PROGRAMS = ['docker-registry', 'skopeo', 'htpasswd']
const missing = PROGRAMS.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
const skip = missing.length > 0 && !process.env.CI ? `without ${missing.join(', ')}` : false

const integrations = `  integrations:
    dev/ecr:
      kind: aws/ecr
      via: { identity: dev-admin }
      spec: { registry: { account_id: "111111111111", region: us-east-2 } }
`

/** A registry on loopback that takes the passwords of `passwords`, which it reads again when it changes. */
async function registryIn(t: Test, home: string): Promise<{ host: string; passwords: string }> {
  const passwords = join(home, 'htpasswd')
  writeFileSync(passwords, '')
  return {
    host: await startRegistry(t, home, `auth: { htpasswd: { realm: test, path: ${passwords} } }`),
    passwords,
  }
}

/** The registry takes a token as ECR would. BCrypt looks at 72 bytes; the sandbox's tokens are shorter. */
function admit(passwords: string, { Username, Secret }: Record<string, string>): void {
  const { stdout } = spawnSync('htpasswd', ['-Bbn', '-C', '4', Username ?? '', Secret ?? ''], {
    encoding: 'utf8',
  })
  writeFileSync(passwords, stdout)
}

t.test(
  '224: skopeo pushes and pulls with tokens that it gets from the helper, named in either file',
  { skip },
  async (t) => {
    const cloud = await startCloud({ approval: 'automatic', lifetimes: { pollIntervalSeconds: 0.05 } })
    const home = testHome({ keyringPassword: 'correct horse' })
    t.teardown(async () => {
      await home.remove()
      await cloud.close()
    })
    home.config(exampleConfig(cloud.url, 'file') + integrations)
    const bin = join(home.path, 'bin')
    mkdirSync(bin)
    symlinkSync(HELPER, join(bin, 'docker-credential-atmos'))
    home.env.PATH = `${bin}:${home.env.PATH}`
    const { host, passwords } = await registryIn(t, home.path)
    const skopeo = (...args: string[]) => finished(spawn('skopeo', args, { cwd: '/', env: home.env }))
    const image = `docker://${host}/app:1`
    const layout = join(home.path, 'layout')
    oneLayerImage(layout)
    const push = () => skopeo('copy', '--insecure-policy', '--dest-tls-verify=false', `dir:${layout}`, image)
    const pull = (to: string) =>
      skopeo('copy', '--insecure-policy', '--src-tls-verify=false', image, `dir:${join(home.path, to)}`)

    t.equal((await home.atmosctl(['login', '--no-browser'])).code, 0)
    t.match(
      await push(),
      { code: 1, stderr: /unauthorized|authentication required/i },
      'nobody has let it in',
    )
    t.equal((await home.atmosctl(['ecr-login', 'dev/ecr', '--registry', host])).code, 0)
    const ask = async () => {
      const helper = spawn(join(bin, 'docker-credential-atmos'), ['get'], { env: home.env })
      return JSON.parse((await finished(helper, host)).stdout) as Record<string, string>
    }
    admit(passwords, await ask())
    const pushed = await push()
    t.equal(pushed.code, 0, pushed.stderr)
    const pulled = await pull('pulled')
    t.equal(pulled.code, 0, pulled.stderr)
    t.equal(
      readFileSync(join(home.path, 'pulled', 'manifest.json'), 'utf8'),
      readFileSync(join(layout, 'manifest.json'), 'utf8'),
    )

    const file = join(home.path, '.docker', 'config.json')
    const alone = join(home.path, 'auth.json')
    renameSync(file, alone)
    t.equal((await pull('of-nobody')).code, 1)
    const named = [
      'copy',
      '--insecure-policy',
      '--src-tls-verify=false',
      image,
      `dir:${join(home.path, 'named')}`,
    ]
    const env = { ...home.env, REGISTRY_AUTH_FILE: alone }
    const byName = await finished(spawn('skopeo', named, { cwd: '/', env }))
    t.equal(byName.code, 0, `by REGISTRY_AUTH_FILE: ${byName.stderr}`)
    renameSync(alone, file)

    await home.atmosctl(['daemon', 'stop'])
    const afterRestart = await pull('after-restart')
    t.equal(afterRestart.code, 0, `the helper starts the daemon: ${afterRestart.stderr}`)

    await home.atmosctl(['logout', '--provider', 'company-sso'])
    t.match(await pull('after-logout'), { code: 1, stderr: /unauthorized|authentication required/i })
    await home.atmosctl(['login', '--no-browser'])
    await home.atmosctl(['ecr-login', 'dev/ecr', '--registry', host])
    t.equal((await pull('old-token')).code, 1, 'the registry does not know the new token yet')
    admit(passwords, await ask())
    t.equal((await pull('new-token')).code, 0)

    const auth = await home.atmosctl(['ecr-login', 'dev/ecr', '--registry', host, '--static'])
    t.equal(auth.code, 0)
    const config = JSON.parse(readFileSync(file, 'utf8')) as { auths: object; credHelpers?: object }
    writeFileSync(file, JSON.stringify({ auths: config.auths }))
    t.equal((await pull('static')).code, 0, 'a token itself does as well')
  },
)
