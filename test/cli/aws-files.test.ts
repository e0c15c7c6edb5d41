/** credential_process, and the profiles that name it: as AWS's SDKs run and read them. */
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exampleConfig } from '../cloud/example.ts'
import { signedInHome } from '../helpers/cloud-home.ts'
import { ATMOSCTL, finished } from '../helpers/house.ts'
import { openTerminal, unless } from '../helpers/terminal.ts'
import { commandLines, python, skipUnless } from '../helpers/tools.ts'

const STRANGE = 'it\'s a #1; "odd" $(x) `y` \\ näme'

const withStrange = (url: string) => `${exampleConfig(url, 'file')}
    ${JSON.stringify(STRANGE)}:
      kind: aws/permission-set
      via: { provider: company-sso }
      principal: { name: AdminAccess, account: { name: development } }
`

t.test('credential-process', async (t) => {
  const { home, cloud } = await signedInHome(t, {}, withStrange)

  await t.test('96, 97, 98, 99, 104, 108: one document, and nothing else', async (t) => {
    const { code, stdout, stderr } = await home.atmosctl(['credential-process', '-i', 'dev-admin'])
    t.equal(code, 0, stderr)
    t.equal(stderr, '')
    t.match(stdout, /^\{.*\}\n$/, 'one line')
    t.ok(stdout.length < 64_000)
    const said = JSON.parse(stdout) as Record<string, string | number>
    t.match(said, {
      Version: 1,
      AccessKeyId: /^ASIA/,
      SecretAccessKey: /.+/,
      SessionToken: /.+/,
      Expiration: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      AccountId: /^\d{12}$/,
    })
    t.strictSame(Object.keys(said).length, 6)
    t.ok(
      Date.parse(String(said.Expiration)) - Date.now() > 5 * 60_000,
      'good for as long as those want who go to its end',
    )
  })

  await t.test('100, 101: a failure is one line on standard error', async (t) => {
    const failures: [string, string[], Record<string, string>, RegExp][] = [
      ['an unknown identity', ['-i', 'nobody'], {}, /no identity "nobody"/],
      ['no name', ['-i'], {}, /./],
      ['a missing variable', ['-i', 'emergency'], {}, /EMERGENCY_AWS_ACCESS_KEY_ID/],
      ['no configuration', ['-C', '/'], {}, /atmos\.yaml/],
      ['switched off', [], { ATMOS_IDENTITY: 'false' }, /switched off/],
      ['asked by itself', [], { ATMOSD_CREDENTIAL_PROCESS: '1' }, /asks for the credentials/],
    ]
    for (const [name, args, env, expected] of failures) {
      const { code, stdout, stderr } = await home.atmosctl(['credential-process', ...args], { env })
      t.strictSame([code, stdout], [1, ''], name)
      t.match(stderr, /^atmosctl: .+\n$/, name)
      t.equal(stderr.split('\n').length, 2, name)
      t.match(stderr, expected, name)
    }
  })

  await t.test('107: fifty at once cost one call', async (t) => {
    await home.atmosctl(['logout', 'prod-admin'])
    const before = cloud.calls('AssumeRole')
    const ask = () => home.atmosctl(['credential-process', '-i', 'prod-admin'])
    const outcomes = await Promise.all(Array.from({ length: 50 }, ask))
    t.strictSame(new Set(outcomes.map(({ code }) => code)), new Set([0]))
    t.equal(new Set(outcomes.map(({ stdout }) => stdout)).size, 1)
    t.equal(cloud.calls('AssumeRole'), before + 1)
  })

  await t.test(
    '103: it reads nothing and waits for nobody, nor for an input that is never ended',
    async (t) => {
      const child = home.start(['credential-process', '-i', 'dev-admin'])
      const begun = performance.now()
      child.stdin?.write('whatever')
      let printed = ''
      child.stdout?.on('data', (chunk) => {
        printed += chunk
      })
      t.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
      t.ok(performance.now() - begun < 5_000)
      t.match(printed, /^\{"Version":1/)
    },
  )

  await t.test('106: a profile that names it, and that it runs under, is nothing to it', async (t) => {
    const config = join(home.path, 'itself')
    writeFileSync(
      config,
      `[profile itself]\ncredential_process = ${ATMOSCTL} credential-process -i dev-admin\n`,
    )
    const env = { AWS_PROFILE: 'itself', AWS_CONFIG_FILE: config, _AWS_CLI_PROFILE_CHAIN: 'itself' }
    const { code, stdout, stderr } = await home.atmosctl(['credential-process', '-i', 'dev-admin'], { env })
    t.match([code, stdout, stderr], [0, /^\{"Version":1/, ''])
  })

  await t.test('106: what the configuration runs is told, so that it cannot ask for itself', async (t) => {
    const mark = join(home.path, 'mark')
    const command = `printf %s "$ATMOSD_CREDENTIAL_PROCESS" > ${mark}; echo sandbox`
    const named = `session_name: !exec ${JSON.stringify(command)}`
    home.config(withStrange(cloud.url).replace('session_name: sandbox', named))
    t.equal((await home.atmosctl(['trust', '--yes'])).code, 0)
    t.match(await home.atmosctl(['credential-process', '-i', 'prod-admin']), { code: 0, stderr: '' })
    t.equal(readFileSync(mark, 'utf8'), '1')
    home.config(withStrange(cloud.url))
  })

  await t.test('105: what has expired is not printed', async (t) => {
    await home.atmosctl(['logout', 'prod-admin'])
    cloud.lifetimes({ assumeRoleSeconds: -10 })
    const { code, stdout, stderr } = await home.atmosctl(['credential-process', '-i', 'prod-admin'])
    t.strictSame([code, stdout], [1, ''])
    t.match(stderr, /^atmosctl: .*expired.*\n$/)
  })

  await t.test('103: nobody is asked to sign in, not even at a terminal', unless('tmux'), async (t) => {
    await home.atmosctl(['logout', '--all'])
    for (const option of ['', '-i']) {
      const line = `${process.execPath} ${ATMOSCTL} credential-process ${option}; echo ended with $?; sleep 30`
      const terminal = openTerminal(['sh', '-c', line], { cwd: home.project, env: home.env })
      const screen = await terminal.shows(/ended with 1/)
      terminal.close()
      t.match(screen, /^atmosctl: /, option)
      t.notMatch(screen, /Open|Code {3}/, option)
    }
    const { code, stdout, stderr } = await home.atmosctl(['credential-process'])
    t.strictSame([code, stdout], [1, ''])
    t.match(stderr, /^atmosctl: .*`atmosctl login.*\n$/)
  })
})

/** What boto3 gets by a profile, run far from any configuration. */
const BOTO = `
import boto3, json, sys
s = boto3.Session(profile_name=sys.argv[1])
c = s.get_credentials()
print(json.dumps([c.access_key, c.method, s.region_name]))
`

t.test('aws-config', async (t) => {
  const { home } = await signedInHome(t, {}, withStrange)
  const file = join(home.path, '.aws', 'config')
  const run = (...args: string[]) => home.atmosctl(['aws-config', ...args])
  const read = () => readFileSync(file, 'latin1')
  const write = (text: string) => {
    mkdirSync(join(home.path, '.aws'), { recursive: true })
    writeFileSync(file, text, 'latin1')
  }

  await t.test('prints profiles, and touches nothing', async (t) => {
    const { code, stdout, stderr } = await run('-i', 'dev-admin')
    t.strictSame([code, stderr], [0, ''])
    t.equal(
      stdout,
      `[profile dev-admin]\ncredential_process = ${ATMOSCTL} credential-process -i dev-admin --chdir ${home.project}\nregion = us-east-1\n`,
    )
    t.match((await run()).stdout, /\[profile prod-admin\]/)
    t.notOk(existsSync(file))
    t.match(await run('-i', 'nobody'), { code: 3, stderr: /nobody/ })
    t.match(await run('--write', '--remove'), { code: 2 })
    t.match(await run('dev-admin'), { code: 2 })
  })

  await t.test('writes a file for the user alone, and takes it back', async (t) => {
    t.match(await run('--write'), { code: 0, stdout: '', stderr: /4 profiles in / })
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.equal(statSync(join(home.path, '.aws')).mode & 0o777, 0o700)
    const once = read()
    t.match(await run('--write'), { stderr: /as it should be/ })
    t.equal(read(), once)
    t.match(await run('--remove'), { code: 0, stderr: /Taken out/ })
    t.equal(read(), '')
    t.match(await run('--remove'), { code: 0, stderr: /nothing of ours/ })
  })

  const python3 = skipUnless(python !== undefined, 'boto3')
  await t.test('102: boto3 reads every profile from anywhere', { skip: python3 }, async (t) => {
    await run('--write')
    for (const name of ['dev-admin', 'prod-admin', STRANGE]) {
      const env = { ...home.env, AWS_EC2_METADATA_DISABLED: 'true' }
      const child = spawn(python ?? '', ['-c', BOTO, name], { cwd: '/', env })
      const { stdout, stderr } = await finished(child)
      const [key, method, region] = JSON.parse(stdout || JSON.stringify([stderr])) as string[]
      t.match(key, /^ASIA/, name)
      t.strictSame([method, region], ['custom-process', 'us-east-1'])
    }
  })

  await t.test('102: a shell runs every line as well', async (t) => {
    await run('--write')
    const commands = [...readFileSync(file, 'utf8').matchAll(/^credential_process = (.*)$/gm)]
    t.equal(commands.length, 4)
    for (const [, command = ''] of commands) {
      t.notMatch(command, /\s[#;]/, 'what parsers of the file take for a comment')
      const { code, stdout, stderr } = await finished(
        spawn('sh', ['-c', command], { cwd: '/', env: home.env }),
      )
      if (command.includes('emergency')) t.match(stderr, /EMERGENCY/)
      else t.match([code, JSON.parse(stdout || '{}')], [0, { Version: 1 }], command)
    }
  })

  const cli = skipUnless(commandLines.size > 0, 'aws')
  await t.test('the aws command line lists a profile', { skip: cli }, async (t) => {
    for (const [version, aws] of commandLines) {
      const args = ['configure', 'list', '--profile', 'dev-admin']
      const { stdout, stderr } = await finished(spawn(aws, args, { cwd: '/', env: home.env }))
      t.match(stdout, /access_key[ :]+\*+\w{4}[ :]+custom-process/, `version ${version} ${stderr}`)
    }
  })

  await t.test('everything else of the file stays, byte for byte', async (t) => {
    const texts = [
      '[default]\nregion = eu-west-1\n',
      '[default]\r\nregion = eu-west-1\r\n',
      '\xef\xbb\xbf# \xe4\xff\n[profile other]\nregion=x\n\n\n',
      '# atmosctl begin /other/place\n[profile there]\n# atmosctl end /other/place\n',
      '\n\n',
    ]
    for (const text of texts) {
      write(text)
      chmodSync(file, 0o644)
      await run('--write')
      t.ok(read().startsWith(text) && read().length > text.length)
      t.equal(/[^\r]\n/.test(read()), !text.includes('\r'), 'with the same line ends')
      t.equal(statSync(file).mode & 0o777, 0o644)
      writeFileSync(file, `${read()}[profile later]\n`, 'latin1')
      await run('--write', '-i', 'dev-admin')
      t.ok(read().endsWith('[profile later]\n'), 'what came later, too')
      await run('--remove')
      t.equal(read(), `${text}[profile later]\n`)
    }
    write('[default]')
    await run('--write')
    t.ok(read().startsWith('[default]\n# atmosctl begin '), 'an open line is ended')
  })

  await t.test('-i adds one to the block, and takes one out', async (t) => {
    write('')
    const profiles = () => [...read().matchAll(/^\[profile (.*)\]/gm)].map(([, name]) => name)
    await run('--write', '-i', 'prod-admin')
    await run('--write', '-i', 'dev-admin')
    t.strictSame(profiles(), ['prod-admin', 'dev-admin'])
    await run('--remove', '-i', 'prod-admin')
    t.strictSame(profiles(), ['dev-admin'])
    t.match(await run('--remove', '-i'), { code: 2 })
  })

  await t.test('a profile of the same name is left alone, and told', async (t) => {
    for (const header of ['[profile dev-admin]', '[ profile "dev-admin" ]', "[profile 'dev-admin']"]) {
      const theirs = `${header}\naws_access_key_id = x\n`
      write(theirs)
      const { code, stderr } = await run('--write')
      t.equal(code, 0)
      t.match(stderr, /"dev-admin" is there already, and left alone/)
      t.ok(read().startsWith(theirs))
      t.notMatch(read().slice(theirs.length), /\[profile dev-admin\]/)
      t.match(read(), /\[profile prod-admin\]/)
    }
  })

  await t.test('a block that is not whole is not touched', async (t) => {
    const begin = `# atmosctl begin ${home.project}\n`
    const end = `# atmosctl end ${home.project}\n`
    for (const text of [begin, end, `${end}${begin}`, `${begin}${begin}${end}`]) {
      write(text)
      t.match(await run('--write'), { code: 3, stderr: /is not whole, at line 1/ })
      t.equal(read(), text)
    }
  })

  await t.test('links are followed, and only plain files of the user changed', async (t) => {
    const real = join(home.path, 'dotfiles-config')
    writeFileSync(real, '# mine\n')
    rmSync(file)
    symlinkSync(real, file)
    await run('--write')
    t.match(readFileSync(real, 'utf8'), /^# mine\n# atmosctl begin/)
    const other = { env: { AWS_CONFIG_FILE: join(home.path, 'elsewhere', 'config') } }
    t.equal((await home.atmosctl(['aws-config', '--write'], other)).code, 0)
    t.match(readFileSync(other.env.AWS_CONFIG_FILE, 'utf8'), /profile dev-admin/)
    for (const path of ['/dev/null', home.path])
      t.match(await home.atmosctl(['aws-config', '--write'], { env: { AWS_CONFIG_FILE: path } }), {
        code: 6,
        stderr: /is no plain file/,
      })
    t.ok(statSync('/dev/null').isCharacterDevice())
    rmSync(file)
  })

  await t.test('what killed runs left behind is taken away', async (t) => {
    write('')
    const folder = join(home.path, '.aws')
    const left = `${file}.atmosctl`
    writeFileSync(left, '')
    for (const name of readdirSync(folder).filter((one) => one !== 'config'))
      utimesSync(join(folder, name), 1, 1)
    await run('--write')
    t.strictSame(readdirSync(folder), ['config'])
  })
})
