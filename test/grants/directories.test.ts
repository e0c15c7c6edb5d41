/** The directories of grants: private, in the first place that can be had, and gone with the programs that used them. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type Abandoning, removeAbandoned } from '../../daemon/grants/abandoned.ts'
import { grantDirectories } from '../../daemon/grants/directories.ts'
import { readEnvironments } from '../../daemon/system/environments.ts'
import { pathsFor } from '../../shared/paths.ts'
import { eventually } from '../helpers/eventually.ts'

const home = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
const uid = process.getuid?.() ?? 0
t.teardown(() => rmSync(home, { recursive: true, force: true }))

t.test('where they are', async (t) => {
  const at = (env: Record<string, string>, platform = 'linux') =>
    pathsFor({ env, platform, home: '/home/me', uid: 1000 }).directories
  t.strictSame(at({ XDG_RUNTIME_DIR: '/run/user/1000' }), ['/run/user/1000/atmosd/grants'])
  t.strictSame(at({}), ['/dev/shm/atmosd-1000', '/tmp/atmosd-1000/grants'])
  t.strictSame(at({ ATMOSD_SOCKET: '/x/y.sock' }), ['/x/grants'], 'two daemons never clean up in one place')
  t.strictSame(at({}, 'darwin'), ['/home/me/Library/Caches/atmosd/grants'])
})

t.test('one is for its user alone, and in the next place where the first is not', async (t) => {
  const [first, next] = [join(home, 'first'), join(home, 'next')]
  mkdirSync(first, { mode: 0o755 })
  const directories = grantDirectories([first, next], uid)
  t.equal(await directories.make('one'), join(next, 'one'), 'others could enter the first')
  t.equal(statSync(join(next, 'one')).mode & 0o777, 0o700)
  rmSync(first, { recursive: true })
  symlinkSync(tmpdir(), first)
  t.equal(await directories.make('two'), join(next, 'two'), 'and a link leads anywhere')
  rmSync(first)
  t.equal(await directories.make('three'), join(first, 'three'))
  await directories.keepOnly((id) => id === 'two')
  t.strictSame([join(next, 'one'), join(next, 'two'), join(first, 'three')].map(existsSync), [
    false,
    true,
    false,
  ])
  await t.rejects(grantDirectories(['/dev/null/x'], uid).make('one'))
})

const noProc = process.platform === 'linux' ? false : 'there is no /proc'
t.test(
  'it stays while anything has it in its environment, and goes with the last',
  { skip: noProc },
  async (t) => {
    const directories = grantDirectories([join(home, 'grants')], uid)
    const path = await directories.make('some-id')
    writeFileSync(join(path, 'token'), 'x')
    const grant = { id: 'some-id', holder: 4_194_305 }
    const held = (isAlive: boolean): Abandoning => ({
      list: () => [grant] as ReturnType<Abandoning['list']>,
      directories,
      isAlive: () => isAlive,
      environments: readEnvironments,
    })
    const child = spawn('sleep', ['30'], { env: { ...process.env, AZURE_CONFIG_DIR: join(path, 'azure') } })
    const isSeen = async () => (await readEnvironments())?.some((text) => text.includes(path)) === true
    t.ok(await eventually(isSeen))
    await removeAbandoned(held(false))
    t.ok(existsSync(path), 'what the holder has left behind still has it')
    await removeAbandoned({ ...held(false), environments: () => readEnvironments('/nowhere') })
    t.ok(existsSync(path), 'and where nobody can look, nothing is taken for abandoned')
    child.kill()
    await new Promise((resolve) => child.once('close', resolve))
    await removeAbandoned(held(true))
    t.ok(existsSync(path), 'the holder is about to be the program')
    await removeAbandoned(held(false))
    t.notOk(existsSync(path))
  },
)
