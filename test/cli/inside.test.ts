/** What a person meets inside of `exec`, `env` and `shell` with Google and Azure, and what is left afterwards. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { ATMOSCTL } from '../helpers/house.ts'
import { SUBSCRIPTION_OF, wholeAzure } from '../helpers/whole-azure.ts'
import { wholeGoogle } from '../helpers/whole-google.ts'

const google = await wholeGoogle(t)
const azure = await wholeAzure(t)
const atmosctl = [process.execPath, ATMOSCTL]
const clouds = [
  {
    place: google,
    name: 'Google Cloud',
    first: 'a',
    other: 'b',
    folder: 'CLOUDSDK_CONFIG',
    keeps: 'google.json',
  },
  { place: azure, name: 'Azure', first: 'dev', other: 'prod', folder: 'AZURE_CONFIG_DIR', keeps: 'azure' },
] as const

for (const { place, name, first, other, folder, keeps } of clouds) {
  const { home, env, own } = place
  const run = (...args: string[]) => home.atmosctl(args, { env })
  const inside = (...args: string[]) => run('exec', '-i', first, '--', ...atmosctl, ...args)

  t.test(`${name}: doctor finds nothing that wins over it`, async (t) => {
    const script = `eval "$(${atmosctl.join(' ')} env -i ${first})"; ${atmosctl.join(' ')} doctor -f json`
    const shells = [
      await inside('doctor', '-f', 'json'),
      await run('exec', '-i', 'off', '--', 'sh', '-c', script),
    ]
    for (const { code, stdout, stderr } of shells) {
      t.equal(code, 0, stderr)
      const found = (JSON.parse(stdout) as { about: string; level: string }[]).filter(
        ({ about }) => about === name,
      )
      t.match(found, [
        { level: 'ok', message: /^This shell leads its tools to atmosd, at 127\.0\.0\.1:\d+\.$/ },
      ])
      t.equal(found.length, 1, JSON.stringify(found))
    }
    for (const line of (await run('doctor')).stdout.split('\n')) t.ok(line.length <= 80, line)
  })

  t.test(`${name}: atmosctl inside of itself`, async (t) => {
    t.match(await inside('whoami', '-i', first), { code: 0, stdout: /Signed in as/ })
    const printed = 'echo "$GOOGLE_CLOUD_PROJECT$AZURE_SUBSCRIPTION_ID"'
    const nested = await inside('exec', '-i', other, '--', 'sh', '-c', printed)
    t.equal(nested.stdout.trim(), name === 'Azure' ? SUBSCRIPTION_OF.prod : 'project-b', nested.stderr)
  })

  t.test(`${name}: a shell takes its directory with it`, async (t) => {
    const input = `echo "$${folder}"; stat -c %a "$(dirname "$${folder}")"; ls "$(dirname "$${folder}")"\n`
    const { stdout, stderr } = await home.atmosctl(['shell', '-i', first], {
      env: { ...env, SHELL: '/bin/sh' },
      input,
    })
    const [path = '', mode, ...names] = stdout.trim().split('\n')
    t.ok(path.startsWith(join(home.path, 'run', 'atmosd', 'grants')), stderr)
    t.equal(mode, '700')
    t.ok(names.includes(keeps), names.join())
    t.notOk(existsSync(dirname(path)))
  })

  t.test(`${name}: in every format, until the sign-out`, async (t) => {
    for (const format of ['bash', 'fish', 'powershell', 'dotenv', 'json'])
      t.match(await run('env', '-i', first, '-f', format), {
        code: 0,
        stdout: new RegExp(folder),
        stderr: '',
      })
    const { [folder]: path = '' } = JSON.parse((await run('env', '-i', first, '-f', 'json')).stdout)
    t.equal(statSync(dirname(path)).mode & 0o777, 0o700)
    t.match(await run('exec', '-i', first, '--imds', '--', 'true'), {
      code: 2,
      stderr: /gives tools nothing by aws-imds\.\n {2}Leave that out: by \S+ it does\.\n$/,
    })
    t.equal((await run('logout', '-i', first)).code, 0)
    t.notOk(existsSync(dirname(path)))
    t.strictSame(own.changed(), [])
  })
}

t.test('a token that no tool takes is not said to be good', async (t) => {
  const { code, stdout, stderr } = await azure.home.atmosctl(['env', '-i', 'prod', '--static'])
  t.strictSame({ code, stdout }, { code: 2, stdout: '' })
  t.match(stderr, /^atmosctl: No tool of Azure takes a token from a variable\.\n {2}Leave out --static/)
})
