/** Google's kinds from the command line, with a daemon as a process of its own that logs everything. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addAccount, keyFile, signInFile } from '../cloud/google-state.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { DEVELOPER, googleConfig, TERRAFORM } from '../helpers/google.ts'
import { ATMOSCTL, type Outcome } from '../helpers/house.ts'
import { filesIn, leaks, type Place } from '../helpers/secrets.ts'

const ROBOT = 'robot@my-project.iam.gserviceaccount.com'

t.test('a day with gcloud’s sign-in', async (t) => {
  const config = (url: string) => googleConfig(url).replace('type: memory', 'type: file')
  const { home, cloud } = await cloudHome(t, {}, { keyringPassword: 'correct horse battery' }, config)
  home.env.ATMOSD_LOG_LEVEL = 'trace'
  const said: Outcome[] = []
  const run = async (args: string[], env = {}) => {
    const outcome = await home.atmosctl(args, { env })
    said.push(outcome)
    return outcome
  }
  const none = await run(['login'])
  t.equal(none.code, 4)
  t.match(
    none.stderr,
    /There are no Application Default Credentials at .*\n.*gcloud auth application-default login/,
  )

  mkdirSync(join(home.path, '.config', 'gcloud'), { recursive: true })
  const adc = join(home.path, '.config', 'gcloud', 'application_default_credentials.json')
  const file = signInFile(cloud.google, DEVELOPER)
  writeFileSync(adc, JSON.stringify(file))
  addAccount(cloud.google, TERRAFORM, DEVELOPER)
  const login = await run(['login'])
  t.match(login, {
    code: 0,
    stderr: /Signed in\n[\s\S]*Principal +dev@example\.com\n +Project +production-project/,
  })
  t.notMatch(login.stderr, /us-east-1/, 'no region of AWS')
  const who = await run(['whoami', '-i', 'terraform', '-f', 'json'])
  t.match(JSON.parse(who.stdout), {
    valid: true,
    kind: 'gcp/service-account',
    principal: TERRAFORM,
    project: 'my-project',
    region: 'us-central1',
  })
  t.match((await run(['login', '--provider', 'adc'])).stderr, /Signed in\n[\s\S]*Provider +adc/)

  const within = await run(['exec', '-i', 'me', '--', process.execPath, ATMOSCTL, 'whoami'])
  t.match(within, { code: 0, stdout: /Principal +dev@/ }, 'in a shell of ours it is no circle')

  const GOOGLE_APPLICATION_CREDENTIALS = join(home.path, 'key.json')
  const key = keyFile(cloud.google, ROBOT)
  writeFileSync(GOOGLE_APPLICATION_CREDENTIALS, JSON.stringify(key))
  const robot = await run(['whoami'], { GOOGLE_APPLICATION_CREDENTIALS })
  t.match(robot.stdout, /Principal +robot@/, 'the library works as it is bundled')
  t.match((await run(['whoami'])).stdout, /Principal +dev@/, 'and the other shell is whose it was')

  const { problems } = JSON.parse((await run(['validate', '-f', 'json'])).stdout) as { problems: unknown[] }
  t.strictSame(problems, [])
  t.match((await run(['list', '-f', 'tree'])).stdout, /adc[\s\S]*terraform/)
  writeFileSync(adc, JSON.stringify({ ...file, refresh_token: 'none-of-the-kind' }))
  await run(['logout', '--all'])
  const over = await run(['whoami', '-i', 'terraform'])
  t.match(over, { code: 1, stdout: /invalid_grant[\s\S]*gcloud auth application-default login/ })

  const files = filesIn(home.path).filter(([path]) => path !== adc && !path.endsWith('key.json'))
  const log = files.find(([path]) => path.endsWith('daemon.log'))?.[1] ?? ''
  t.match(log, /"session minted"/)
  for (const line of log.trim().split('\n')) t.ok(line.startsWith('{'), line.slice(0, 200))
  const spoken = said.map(({ stdout, stderr }, at): Place => [`command ${at}`, stdout + stderr])
  const secrets = [
    ...cloud.secrets(),
    file.refresh_token,
    file.client_secret,
    key.private_key.slice(100, 160),
  ]
  t.ok(secrets.length > 5)
  t.strictSame(leaks([...files, ...spoken], secrets), [])
})
