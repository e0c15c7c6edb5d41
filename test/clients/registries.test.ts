/** A real registry behind sign-ins like Azure's and Google's, and skopeo, which gets in by docker-credential-atmos. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Clouds, cloudsPlace, ROBOT } from '../helpers/clouds.ts'
import { finished } from '../helpers/house.ts'
import { oneLayerImage } from '../helpers/image.ts'
import { registryBehind } from '../helpers/registry.ts'
import { onPath } from '../helpers/tools.ts'

const missing = ['docker-registry', 'skopeo'].filter((name) => onPath(name).length === 0)
const skip = missing.length > 0 && !process.env.CI ? `without ${missing.join(', ')}` : false
const ACR = 'myregistry.azurecr.io'

interface Row {
  name: string
  identity: string
  integration: string
  takes(at: Clouds, user: string, password: string): Promise<boolean>
}

const rows: Row[] = [
  {
    name: 'Azure',
    identity: 'sub',
    integration: 'acr',
    takes: async ({ entra }, user, password) =>
      user === '00000000-0000-0000-0000-000000000000' && entra.registryTakes(ACR, password),
  },
  {
    name: 'Google',
    identity: 'robot',
    integration: 'robot/gar',
    takes: async ({ cloud }, user, password) =>
      user === 'oauth2accesstoken' && cloud.google.accessTokens.get(password)?.principal === ROBOT,
  },
]
const more = `    robot/gar: { kind: gcp/artifact-registry, via: { identity: robot }, spec: { registry: { host: europe-docker.pkg.dev } } }
`

for (const { name, identity, integration, takes } of rows)
  t.test(`224: skopeo pushes to a registry like ${name}’s, and pulls from it`, { skip }, async (t) => {
    const at = await cloudsPlace(t, more)
    const { host, signIns } = await registryBehind(t, at.path, (user, password) => takes(at, user, password))
    const layout = join(at.path, 'layout')
    oneLayerImage(layout)
    const image = `docker://${host}/app:1`
    const copy = (...args: string[]) =>
      finished(spawn('skopeo', ['copy', '--insecure-policy', ...args], { cwd: '/', env: at.env }))
    const push = () => copy('--dest-tls-verify=false', `dir:${layout}`, image)
    const pull = (to: string) => copy('--src-tls-verify=false', image, `dir:${join(at.path, to)}`)

    await at.does('login', '--no-browser', '-i', identity)
    t.match(await push(), { code: 1, stderr: /unauthorized|authentication required|401/i }, 'of nobody')
    await at.does('registry-login', integration, '--registry', host)
    t.match(await push(), { code: 0 })
    t.match(await pull('pulled'), { code: 0 })
    const manifest = (of: string) => readFileSync(join(at.path, of, 'manifest.json'), 'utf8')
    t.equal(manifest('pulled'), manifest('layout'))

    await at.does('daemon', 'stop')
    t.match(await pull('after-restart'), { code: 0 }, 'the helper starts the daemon')
    t.ok(signIns() >= 3, `${signIns()} sign-ins`)
    await at.does('registry-login', integration, '--registry', host, '--static')
    const { auths } = at.docker()
    writeFileSync(at.dockerFile, JSON.stringify({ auths }))
    t.match(await pull('static'), { code: 0 }, 'a token itself does as well')
    await at.does('logout', '--all')
    t.match(await pull('signed-out'), { code: 1 })
  })
