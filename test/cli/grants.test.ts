/** Grants from the command line: who holds them, and their end. */
import t from 'tap'
import { signedInHome } from '../helpers/cloud-home.ts'
import { ATMOSCTL, type TestHome } from '../helpers/house.ts'

const IDENTITIES = ['dev-admin', 'dev-admin', 'prod-admin']

async function listed(home: TestHome, ...args: string[]): Promise<{ id: string; identity: string }[]> {
  return JSON.parse((await home.atmosctl(['grants', ...args, '-f', 'json'])).stdout)
}

t.test('grants', async (t) => {
  const { home } = await signedInHome(t)
  for (const identity of IDENTITIES) await home.atmosctl(['endpoint', 'add', 'imds', '-i', identity])

  await t.test('all, and those of an identity', async (t) => {
    t.equal((await listed(home)).length, 3)
    t.same(
      (await listed(home, 'list', '-i', 'prod-admin')).map(({ identity }) => identity),
      ['prod-admin'],
    )
    t.match((await home.atmosctl(['grants'])).stdout, /^GRANT .* LEFT\n\S{8} +dev-admin +aws-imds +/)
  })

  await t.test('the holder and its program, while it runs', async (t) => {
    const inner = `require('child_process').execFileSync(process.argv[1], process.argv.slice(2), { stdio: 'inherit' })`
    const asks = [process.execPath, '-e', inner, process.execPath, ATMOSCTL, 'grants', '-f', 'json']
    const { code, stdout, stderr } = await home.atmosctl(['exec', '-i', 'dev-admin', '--', ...asks])
    t.equal(code, 0, stderr)
    const own = (JSON.parse(stdout) as { holder?: number; program?: string }[]).filter(({ holder }) => holder)
    t.equal(own.length, 1)
    if (process.platform === 'linux') t.match(own, [{ program: /./ }])
  })

  await t.test('one is revoked by the beginning of its id', async (t) => {
    const [ours] = await listed(home, '-i', 'dev-admin')
    const { code, stderr } = await home.atmosctl(['grants', 'revoke', ours?.id.slice(0, 8) ?? ''])
    t.match({ code, stderr }, { code: 0, stderr: /1 grant is revoked/ })
    t.notOk((await listed(home)).some(({ id }) => id === ours?.id))
    t.match(await home.atmosctl(['grants', 'revoke', 'nothing']), { code: 1, stderr: /no grant "nothing"/ })
  })

  await t.test('all of an identity are revoked, and no other', async (t) => {
    t.equal((await home.atmosctl(['grants', 'revoke', '--all', '-i', 'prod-admin'])).code, 0)
    const left = (await listed(home)).map(({ identity }) => identity)
    t.ok(left.length > 0)
    t.notOk(left.includes('prod-admin'))
    t.equal((await home.atmosctl(['grants', 'revoke', '--all'])).code, 0)
    t.match(await home.atmosctl(['grants']), { code: 0, stdout: 'No grants.\n' })
  })

  await t.test('what is not understood', async (t) => {
    for (const args of [['lost'], ['revoke'], ['revoke', 'a', 'b'], ['revoke', 'a', '--all'], ['list', 'a']])
      t.match(await home.atmosctl(['grants', ...args]), { code: 2, stdout: '' }, args.join(' '))
  })
})
