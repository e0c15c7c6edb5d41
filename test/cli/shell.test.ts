/** Programs with credentials: env in all its ways, exec, and a shell that one enters and leaves. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { ATMOSCTL, finished } from '../helpers/house.ts'

const NASTY = `it's "so" $HOME \`id\` \\ ~/x`

/** The example, with variables of dev-admin's own. */
function configOf(url: string): string {
  const entries = [
    ['TF_LOG', 'info'],
    ['NASTY', NASTY],
    ['AWS_PROFILE', 'other'],
  ].map(([key, value]) => `        - { key: ${key}, value: ${JSON.stringify(value)} }\n`)
  return exampleConfig(url).replace(
    '      default: true\n',
    `      default: true\n      env:\n${entries.join('')}`,
  )
}

const REFUSED =
  'atmosctl: AWS_PROFILE in the env of "dev-admin" is left out: it decides\n  whose credentials a tool uses.\n'

const { home, cloud } = await cloudHome(t, {}, {}, configOf)
t.match(await home.atmosctl(['login']), { code: 0 })

/** What the endpoint answers to whoever has these variables. */
async function askEndpoint(env: Record<string, string>): Promise<number> {
  const headers = { authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' }
  return (await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', { headers })).status
}

async function grants(): Promise<{ identity: string }[]> {
  return JSON.parse((await home.atmosctl(['status', '-f', 'json'])).stdout).grants
}

t.test('env', async (t) => {
  await t.test("a shell has the identity's own variables, and no other credentials", async (t) => {
    const script = `eval "$("$0" "$1" env)"; printf '%s\\n' "$TF_LOG" "$NASTY" "\${AWS_PROFILE-none}"`
    const shell = spawn('sh', ['-c', script, process.execPath, ATMOSCTL], {
      cwd: home.project,
      env: { ...home.env, AWS_PROFILE: 'mine' },
    })
    t.match(await finished(shell), { stdout: `info\n${NASTY}\nnone\n`, stderr: REFUSED })
  })

  await t.test('into a file, for this user alone, again and again', async (t) => {
    const file = join(home.project, 'out.env')
    for (const format of ['env', 'json'])
      t.match(await home.atmosctl(['env', '-f', format, '-o', 'out.env']), { code: 0, stdout: '' })
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.match(readFileSync(file, 'utf8'), /^TF_LOG=info\n[\s\S]*^{\n/m)
    rmSync(file)
    t.match(await home.atmosctl(['env', '-i', 'off', '-o', 'out.env']), { code: 0 })
    t.equal(readFileSync(file, 'utf8'), '', 'switched off, there is nothing to set')
  })

  await t.test("GitHub's file", async (t) => {
    const GITHUB_ENV = join(home.path, 'github_env')
    writeFileSync(GITHUB_ENV, 'BEFORE=1\n')
    t.match(await home.atmosctl(['env', '-f', 'github'], { env: { GITHUB_ENV } }), { code: 0, stdout: '' })
    t.match(readFileSync(GITHUB_ENV, 'utf8'), /^BEFORE=1\n[\s\S]*^TF_LOG=info$/m)
    const onRunner = await home.atmosctl(['env', '-f', 'github'], {
      env: { GITHUB_ENV, GITHUB_ACTIONS: 'true' },
    })
    const masked = onRunner.stdout.split('\n')[0]?.replace('::add-mask::', '') ?? ''
    t.match(onRunner.stdout, /^::add-mask::\S+\n$/, 'later steps must not show it in their logs')
    t.match(readFileSync(GITHUB_ENV, 'utf8'), `AWS_CONTAINER_AUTHORIZATION_TOKEN=${masked}\n`)
    t.match(await home.atmosctl(['env', '-f', 'github', '-o', 'mine.env'], { env: { GITHUB_ENV } }), {
      code: 0,
    })
    t.match(readFileSync(join(home.project, 'mine.env'), 'utf8'), /^TF_LOG=info$/m, '--output wins')
    t.match(await home.atmosctl(['env', '-f', 'github']), {
      code: 2,
      stdout: '',
      stderr: /needs a file, and GITHUB_ENV is not set\.\n {2}Run it in a step/,
    })
    symlinkSync('github_env', join(home.path, 'link'))
    t.match(await home.atmosctl(['env', '-f', 'github'], { env: { GITHUB_ENV: join(home.path, 'link') } }), {
      code: 2,
      stderr: /ELOOP/,
    })
  })

  await t.test('what a format cannot hold leaves nothing behind', async (t) => {
    const { code, stdout, stderr } = await home.atmosctl(['env', '-f', 'dotenv', '-o', 'none.env'])
    t.match({ code, stdout }, { code: 2, stdout: '' })
    t.match(stderr, /The value of NASTY cannot be written in the format dotenv\.\n {2}Take/)
    t.throws(() => statSync(join(home.project, 'none.env')), { code: 'ENOENT' })
  })

  await t.test('--static: the credential itself, and until when it is good', async (t) => {
    const { code, stdout, stderr } = await home.atmosctl(['env', '--static', '-f', 'json'])
    t.equal(code, 0, stderr)
    t.match(
      stderr,
      /These credentials are good until \d{4}-\S+Z \((?:59m|1h).*\)\.\n {2}Nothing renews them\.\n$/,
    )
    const set = JSON.parse(stdout) as Record<string, string>
    t.strictSame(Object.keys(set), [
      'AWS_ACCESS_KEY_ID',
      'AWS_CREDENTIAL_EXPIRATION',
      'AWS_DEFAULT_REGION',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'NASTY',
      'TF_LOG',
    ])
    t.ok(cloud.secrets().includes(set.AWS_SECRET_ACCESS_KEY ?? ''), 'as the cloud gave it')
    t.match(
      (await home.atmosctl(['env', '--static'])).stdout,
      /^unset .*\bAWS_CONTAINER_CREDENTIALS_FULL_URI\b/,
    )
    const log = readFileSync(join(home.path, '.local/share/atmosd/daemon.log'), 'utf8')
    t.match(log, /"name":"dev-admin".*"msg":"credential handed out"/)
    for (const secret of cloud.secrets()) t.notOk(log.includes(secret))
    t.match(await home.atmosctl(['env', '--static', '-i', 'company-sso']), { code: 3, stdout: '' })
  })
})

t.test('exec', async (t) => {
  const script = `printf '%s\\n' "$TF_LOG" "$NASTY" "\${AWS_PROFILE-none}"`
  t.match(await home.atmosctl(['exec', '--', 'sh', '-c', script], { env: { AWS_PROFILE: 'mine' } }), {
    code: 0,
    stdout: `info\n${NASTY}\nnone\n`,
    stderr: REFUSED,
  })
  for (const [name, text, code, said] of [
    ['orphan', '#!/no/such/interpreter\n', 127, /orphan: \/no\/such\/interpreter: bad interpreter\n$/],
    ['inert', '#!/etc/passwd\n', 126, /inert: \/etc\/passwd: bad interpreter\n$/],
    ['foreign', '\x7fELF\x02\x02\x01'.padEnd(64, '\0'), [126, 127], /./],
    ['empty', '', 0, /left out/],
  ] as const) {
    writeFileSync(join(home.project, name), text, { mode: 0o755 })
    const outcome = await home.atmosctl(['exec', '--', `./${name}`])
    t.ok([code].flat().includes(outcome.code as never), `${name} ends with ${outcome.code}`)
    t.match(outcome.stderr, said, name)
    t.equal(outcome.signal, null, name)
  }
})

t.test('shell', async (t) => {
  /** A shell that reads its commands from standard input. */
  const enter = (commands: string, args: string[] = [], env: Record<string, string> = {}) =>
    home.atmosctl(['shell', ...args], { input: commands, env: { SHELL: '/bin/sh', ...env } })

  await t.test('it is entered, marked, and left; its exit code is ours', async (t) => {
    const asked = 'echo "$ATMOS_IDENTITY $ATMOSD_SHELL $ATMOS_SHLVL $TF_LOG $AWS_REGION"; exit 7\n'
    const { code, stdout, stderr } = await enter(asked, [], { AWS_PROFILE: 'mine' })
    t.match({ code, stdout }, { code: 7, stdout: 'dev-admin dev-admin 1 info us-east-1\n' })
    t.equal(
      stderr,
      `${REFUSED}→ Entering a shell of dev-admin; \`exit\` leaves it.\n← Left the shell of dev-admin.\n`,
    )
  })

  await t.test('leaving revokes its grant, and no other', async (t) => {
    const before = (await grants()).length
    const shown = await enter('env -0 | tr "\\0" "\\n"; kill -9 $$\n')
    t.equal(shown.code, 128 + 9, 'killed by a signal')
    const env = Object.fromEntries(shown.stdout.split('\n').map((line) => line.split('=', 2)))
    t.match(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, /^http/)
    t.equal(await askEndpoint(env), 403)
    t.equal((await grants()).length, before)
  })

  await t.test('which shell, and with which arguments', async (t) => {
    const fake = join(home.project, 'fake')
    writeFileSync(fake, '#!/bin/sh\necho "fake $*"\n', { mode: 0o755 })
    const none = { SHELL: '' }
    t.match(await enter('', ['--shell', './fake']), { code: 0, stdout: 'fake -l\n' })
    t.match(await enter('', [], { ATMOS_SHELL: fake }), { stdout: 'fake -l\n' })
    t.match(await enter('', ['--', '-x', '--version', '-i'], { ATMOS_SHELL: fake }), {
      stdout: 'fake -x --version -i\n',
    })
    t.match(await enter('echo by-default\n', [], none), { code: 0, stdout: 'by-default\n' }, 'sh')
    t.match(await enter('', ['--', '-c', 'echo "$0"', 'zero'], none), { stdout: 'zero\n' })
  })

  await t.test('one that does not start has no grant', async (t) => {
    const before = (await grants()).length
    t.match(await enter('', ['--shell', 'no-such-shell']), {
      code: 127,
      stderr: 'atmosctl: no-such-shell: command not found\n',
    })
    t.match(await enter('', ['--shell', './atmos.yaml']), { code: 126, stderr: /permission denied/ })
    t.equal((await grants()).length, before)
    t.match(await enter('', ['prod-admin']), {
      code: 2,
      stderr: /An identity: `atmosctl shell -i prod-admin`/,
    })
  })

  await t.test('a shell in a shell says so', async (t) => {
    const inner = `"${process.execPath}" "${ATMOSCTL}" shell -i prod-admin -- -c 'echo "$ATMOS_IDENTITY $ATMOS_SHLVL"'\n`
    const { stdout, stderr } = await enter(`${inner}echo "$ATMOS_IDENTITY $ATMOS_SHLVL"\n`)
    t.equal(stdout, 'prod-admin 2\ndev-admin 1\n')
    t.match(
      stderr,
      /Already in a shell of dev-admin; this one opens inside it\.\n→ Entering a shell of prod-admin/,
    )
  })

  await t.test('switched off, the environment is as it was', async (t) => {
    const asked = 'echo "$AWS_PROFILE $ATMOSD_SHELL."\n'
    t.match(await enter(asked, ['-i', 'off'], { AWS_PROFILE: 'mine' }), { code: 0, stdout: 'mine .\n' })
  })

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    await t.test(`${signal} of the client ends the shell, and its grant`, async (t) => {
      const before = (await grants()).length
      // As interactive shells do, it takes no notice of SIGTERM.
      const script = 'trap "" TERM; trap "exit 3" HUP; echo ready; while :; do sleep 0.1; done'
      const client = home.start(['shell', '--', '-c', script], { env: { SHELL: '/bin/sh' } })
      const ended = finished(client)
      await new Promise((resolve) => client.stdout?.once('data', resolve))
      t.equal((await grants()).length, before + 1)
      client.kill(signal)
      t.match(await ended, { code: 3, signal: null, stderr: /← Left the shell of dev-admin\.\n$/ })
      t.equal((await grants()).length, before)
    })
  }

  await t.test('Ctrl-C is the shell’s', async (t) => {
    const before = (await grants()).length
    const script = 'trap "echo caught; exit 5" INT; echo ready; while :; do sleep 0.1; done'
    const client = home.start(['shell', '--', '-c', script], { env: { SHELL: '/bin/sh' } })
    const ended = finished(client)
    await new Promise((resolve) => client.stdout?.once('data', resolve))
    client.kill('SIGINT')
    t.equal((await grants()).length, before + 1)
    t.equal(client.exitCode, null, 'the client stays: a terminal would have told the shell')
    client.kill('SIGHUP')
    t.match(await ended, { code: 129, stderr: /← Left the shell/ })
    t.equal((await grants()).length, before)
  })

  await t.test('a daemon that has gone meanwhile is not started for it', async (t) => {
    const stop = `"${process.execPath}" "${ATMOSCTL}" daemon stop 2>/dev/null; exit 4\n`
    const { code, stderr } = await enter(stop)
    t.equal(code, 4)
    t.match(
      stderr,
      /← Left the shell of dev-admin\. Its grant could not be revoked:\n {2}The daemon does not answer/,
    )
    t.match(await home.atmosctl(['status']), { code: 6 })
  })
})
