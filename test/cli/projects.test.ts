/** Which configuration a command means, and what a configuration may ask of the client that stands in it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import { USER } from '../cloud/state.ts'
import { cloudHome } from '../helpers/cloud-home.ts'

async function place(test: Pick<typeof t, 'teardown'>) {
  const { home, cloud } = await cloudHome(test)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(home.path, path)), { recursive: true })
    writeFileSync(join(home.path, path), text)
  }
  return { home, cloud, write }
}

t.test('profiles, and configurations by name', async (t) => {
  const { home, cloud, write } = await place(t)
  write(
    'project/profiles/prod/auth.yaml',
    'auth: { realm: production, identities: { dev-admin: { alias: deep } } }\n',
  )
  write('elsewhere/named.yaml', exampleConfig(cloud.url).replace('realm: sandbox', 'realm: named'))
  write('elsewhere/dir/atmos.yaml', exampleConfig(cloud.url).replace('realm: sandbox', 'realm: dir'))
  const realm = async (args: string[], env = {}) => {
    const { code, stdout, stderr } = await home.atmosctl([...args, '-f', 'json'], { env })
    t.equal(code, 0, stderr)
    return (JSON.parse(stdout) as { realm: string }).realm
  }
  t.equal(await realm(['list']), 'sandbox')
  t.equal(await realm(['list', '--profile', 'prod']), 'production')
  t.equal(await realm(['--profile=prod', 'auth', 'list']), 'production', 'before the command as well')
  t.equal(await realm(['list'], { ATMOS_PROFILE: 'prod' }), 'production')
  t.equal(await realm(['list', '--config', '../elsewhere/named.yaml']), 'named')
  t.equal(await realm(['--chdir', '..', 'list', '--config-path', 'elsewhere/dir']), 'dir')
  t.equal(await realm(['list'], { ATMOS_CLI_CONFIG_PATH: join(home.path, 'elsewhere/dir') }), 'dir')
  t.equal(await realm(['list'], { ATMOS_AUTH_REALM: 'from-env' }), 'from-env')
  t.match(await home.atmosctl(['list', '--profile', 'prd']), {
    code: 3,
    stderr: 'atmosctl: There is no profile "prd".\n  Did you mean "prod"?\n',
  })
  t.match(await home.atmosctl(['list', '--config', 'none.yaml']), {
    code: 3,
    stderr: /no file at .*none\.yaml/,
  })
})

t.test('a grant remembers the profile that it was issued with', async (t) => {
  const { home, write } = await place(t)
  const change = 'principal: { account: { name: production } }'
  write('project/profiles/prod/auth.yaml', `auth: { identities: { dev-admin: { ${change} } } }\n`)
  t.equal((await home.atmosctl(['login', '--no-browser', '--profile', 'prod'])).code, 0)
  const variables = JSON.parse(
    (await home.atmosctl(['env', '-f', 'json', '--profile', 'prod'])).stdout,
  ) as Record<string, string>
  const answer = await fetch(variables.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
    headers: { authorization: variables.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' },
  })
  t.match(await answer.json(), { AccountId: '222222222222' })
})

t.test('!exec: not before it is allowed, and then where the client stands', async (t) => {
  const { home, cloud } = await place(t)
  const config = (command: string) =>
    home.config(
      exampleConfig(cloud.url)
        .replace('!env EMERGENCY_AWS_ACCESS_KEY_ID', USER.accessKeyId)
        .replace('!env EMERGENCY_AWS_SECRET_ACCESS_KEY', `!exec ${command}`),
    )
  config('\'cat key.txt; test "$MARK" = here\'')
  writeFileSync(join(home.project, 'key.txt'), `${USER.secretAccessKey}\n`)
  const exec = (env = {}) => home.atmosctl(['exec', '-i', 'emergency', '--', 'true'], { env })
  t.match(await exec(), {
    code: 3,
    stderr: /needs `!exec cat key\.txt.*which is not allowed\.\n.*atmosctl trust/,
  })
  t.match(await home.atmosctl(['trust']), {
    code: 2,
    stderr: /atmos\.yaml runs\n {2}cat key\.txt; test[\s\S]*needs a terminal\.\n.*atmosctl trust --yes/,
  })
  t.match(await home.atmosctl(['trust', '--yes']), { code: 0, stderr: /✓ Allowed/ })
  t.match(await exec({ MARK: 'here' }), { code: 0 })
  t.match(
    await exec({ MARK: 'there' }),
    { code: 3, stderr: /needs `!exec cat key\.txt.*which gave nothing/ },
    'a command that fails gives nothing',
  )
  t.match(await home.atmosctl(['trust']), { code: 0, stderr: 'All of its commands are allowed.\n' })
  t.equal(cloud.calls('GetSessionToken'), 1)

  config('cat key.txt')
  t.match(await exec(), { code: 3 }, 'a changed file is another one')
  home.config(exampleConfig(cloud.url))
  t.match(await home.atmosctl(['trust']), { code: 0, stderr: 'The configuration runs no commands.\n' })
})

t.test('the password of a keyring file in a variable of the configuration’s own', async (t) => {
  const { home, cloud } = await place(t)
  home.config(
    exampleConfig(cloud.url, 'file').replace(
      'type: file',
      'type: file, spec: { path: vaults, password_env: MY_PASSWORD }',
    ),
  )
  t.match(await home.atmosctl(['login', '--no-browser']), {
    code: 7,
    stderr: /is locked\.\n {2}Set MY_PASSWORD/,
  })
  t.equal((await home.atmosctl(['login', '--no-browser'], { env: { MY_PASSWORD: 'correct horse' } })).code, 0)
})
