/** A sign-in in a real browser: what it posts to AWS is caught, and its profile knows the person the next time. */
import { existsSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../daemon/system/clock.ts'
import { browserLogin, silentLogin } from '../../daemon/upstream/saml-browser.ts'
import { startIdp } from '../cloud/identity-provider.ts'
import { verifiedAssertion } from '../cloud/saml.ts'
import { chromium } from '../helpers/browser.ts'
import { manualClock } from '../helpers/clock.ts'
import { failure } from '../helpers/failure.ts'
import { skipUnless } from '../helpers/tools.ts'

async function place(t: Pick<Test, 'testdir' | 'teardown'>) {
  const idp = await startIdp()
  t.teardown(() => idp.close())
  const shown: string[] = []
  const at = {
    address: new URL(`${idp.url}/app`),
    browser: chromium ?? { engine: 'chromium' as const, path: '/usr/bin/chromium' },
    profile: t.testdir({}),
    cookies: [],
    headless: true,
    clock: systemClock,
    signal: new AbortController().signal,
    prompt: { wait: ({ what }: { what: string }) => void shown.push(what) },
  }
  return { idp, at, shown }
}

t.test('in a real browser', { skip: skipUnless(chromium !== undefined, 'chromium') }, async (t) => {
  await t.test('a login page, a press, and the assertion; the next time silently', async (t) => {
    const { idp, at, shown } = await place(t)
    const { response, cookies } = await browserLogin(at)
    t.match(verifiedAssertion(response), { person: 'jo@example.com', roles: [/role\/Deploy/, /role\/Read/] })
    t.equal(shown.length, 1)
    t.strictSame(cookies, [], 'the profile remembers by itself')
    t.match(verifiedAssertion((await silentLogin(at)).response), { person: 'jo@example.com' })
    t.equal(idp.calls('password'), 1)

    idp.signOut()
    idp.knobs.presses = false
    t.match(await failure(silentLogin(at)), { code: 'LoginRequired', message: /asks a person/ })
    idp.knobs.changed = 'form'
    t.match(await failure(silentLogin(at)), { code: 'LoginRequired', message: /asks a person/ })
    t.equal(idp.calls('password'), 1, 'nobody is made to sign in in the background')
  })

  await t.test('nothing reaches AWS', async (t) => {
    const { at } = await place(t)
    const reached: string[] = []
    const proxy = createServer().on('connect', ({ url }, socket) => {
      reached.push(url ?? '')
      socket.destroy()
    })
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
    process.env.https_proxy = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`
    t.teardown(() => {
      delete process.env.https_proxy
      proxy.close()
    })
    t.match(await browserLogin(at), { response: /./ })
    const elsewhere = { ...at, address: new URL('https://elsewhere.example/') }
    t.match(await failure(browserLogin(elsewhere)), { code: 'UpstreamUnavailable' })
    const names = reached.filter((host) => /amazon|elsewhere/.test(host))
    t.strictSame([...new Set(names)], ['elsewhere.example:443'], 'which would have been seen')
  })

  await t.test('a cookie that ends with the browser is brought back', async (t) => {
    const { idp, at } = await place(t)
    idp.knobs.persistent = false
    const { cookies } = await browserLogin(at)
    t.match(cookies, [{ name: 'idp', expires: -1 }])
    idp.knobs.presses = false
    t.match(await silentLogin({ ...at, cookies }), { response: /./ })
    t.equal(idp.calls('password'), 1)
  })

  await t.test('a window that is closed', async (t) => {
    const { idp, at } = await place(t)
    idp.knobs.presses = false
    const signIn = failure(browserLogin(at))
    await until(() => idp.calls('login page') > 0)
    // The lock of a profile is a link to its host and process.
    const pid = Number(readlinkSync(join(at.profile, 'SingletonLock')).split('-').at(-1))
    process.kill(pid)
    t.match(await signIn, { code: 'LoginCancelled', message: /closed/, hint: /leave it open/ })
  })

  await t.test('nobody there for ten minutes', async (t) => {
    const { idp, at } = await place(t)
    idp.knobs.presses = false
    const clock = manualClock()
    const signIn = failure(browserLogin({ ...at, clock }))
    await until(() => idp.calls('login page') > 0)
    await clock.advance(600_000)
    t.match(await signIn, { code: 'LoginExpired', message: /10 minutes/, hint: /again/ })
    await until(() => !existsSync(join(at.profile, 'SingletonLock')))
  })

  await t.test('a person who leaves takes the window along', async (t) => {
    const { idp, at } = await place(t)
    idp.knobs.presses = false
    const leave = new AbortController()
    const signIn = failure(browserLogin({ ...at, signal: leave.signal }))
    await until(() => idp.calls('login page') > 0)
    leave.abort()
    t.match(await signIn, { code: 'LoginCancelled' })
    await until(() => !existsSync(join(at.profile, 'SingletonLock')))
  })

  await t.test('an address that cannot be opened, a display that is not there', async (t) => {
    const { at } = await place(t)
    const gone = { ...at, address: new URL('http://127.0.0.1:1/app') }
    t.match(await failure(browserLogin(gone)), {
      code: 'UpstreamUnavailable',
      message: /cannot open 127\.0\.0\.1:1: net::ERR_UNSAFE_PORT|REFUSED/,
    })
    if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.platform !== 'linux') return
    t.match(await failure(browserLogin({ ...at, headless: false })), {
      code: 'LoginRefused',
      message: /no display/,
      hint: /daemon restart/,
    })
  })
})

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !holds(); await systemClock.sleep(50))
    if (Date.now() > end) throw new Error('it did not happen')
}
