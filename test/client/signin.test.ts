/** A sign-in as a person sees it, on a terminal that is made up and without one. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Daemon } from '../../client/daemon.ts'
import type { Here } from '../../client/here.ts'
import { parseKeys } from '../../client/keys.ts'
import { whoamiJson, whoamiText } from '../../client/render/session.ts'
import { signIn } from '../../client/signin.ts'
import { painter } from '../../client/style.ts'
import { AuthError } from '../../shared/errors.ts'
import type { LoginEvent, SessionReply, WhoamiReply } from '../../shared/replies.ts'

const directory = mkdtempSync(join(tmpdir(), 'atmosd-test-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))
const opened = join(directory, 'opened')
const BROWSER = join(directory, 'browser')
writeFileSync(BROWSER, `#!/bin/sh\nprintf '%s' "$1" > '${opened}.new'\nmv '${opened}.new' '${opened}'\n`)
chmodSync(BROWSER, 0o755)

const session: SessionReply = {
  identity: 'dev',
  kind: 'aws/permission-set',
  realm: 'r',
  provider: 'sso',
  chain: ['sso', 'dev'],
  principal: 'arn:aws:sts::111111111111:assumed-role/Admin/me',
  account: '111111111111',
  region: 'us-east-1',
  expiresAt: 3_600_000,
}
const code: LoginEvent = {
  type: 'device-code',
  userCode: 'ABCD-EFGH',
  verificationUri: 'http://sso/device',
  address: 'http://sso/device?user_code=ABCD-EFGH',
  expiresAt: 600_000,
}

/** A client somewhere; what it says on standard error is kept. */
function somewhere(change: Partial<Here> = {}): { here: Here; said(): string } {
  let text = ''
  const here = {
    env: { BROWSER },
    platform: 'linux',
    terminal: { in: true, out: true, err: true, columns: 80 },
    interactive: true,
    color: false,
    now: () => 0,
    every: () => () => {},
    err(more: string) {
      text += more
    },
    onInterrupt: () => () => {},
    ...change,
  } as unknown as Here
  return { here, said: () => text }
}

const asked: { hasBrowser?: boolean | undefined }[] = []

/** A daemon that shows `events`; a question is waited for until the client leaves. What it is asked goes to `asked`. */
function showing(...events: LoginEvent[]): Daemon {
  return {
    async login(request, show, signal) {
      asked.push(request)
      for (const event of events) show(event)
      if (events.some(({ type }) => type === 'question'))
        await new Promise<void>((_, reject) => {
          signal.addEventListener('abort', () => reject(new AuthError('LoginCancelled', 'Cancelled.')))
        })
      return { type: 'done', session }
    },
    answer: async () => {},
  } as Partial<Daemon> as Daemon
}

const NO_TERMINAL = { in: false, out: false, err: false, columns: 80 }
const cases: [string, Partial<Here>, boolean, boolean][] = [
  ['on a terminal', {}, true, true],
  ['with --no-browser', {}, false, false],
  ['without a terminal', { terminal: NO_TERMINAL }, true, false],
  ['with standard input from elsewhere', { terminal: { ...NO_TERMINAL, err: true } }, true, false],
  ['in CI', { env: { BROWSER, CI: 'true' } }, true, false],
  ['with --interactive=false', { interactive: false }, true, false],
]
for (const [name, change, browser, opens] of cases) {
  t.test(`${name}, ${opens ? 'the' : 'no'} browser opens; address and code are shown`, async (t) => {
    rmSync(opened, { force: true })
    const { here, said } = somewhere(change)
    t.equal(await signIn(here, showing(code), {}, { browser }), session)
    t.match(said(), /Open {3}http:\/\/sso\/device\n {2}Code {3}ABCD-EFGH\n/)
    for (const end = Date.now() + 5_000; opens && !existsSync(opened) && Date.now() < end; ) await sleep(10)
    t.equal(existsSync(opened) && readFileSync(opened, 'utf8'), opens && code.address)
    t.equal(asked.at(-1)?.hasBrowser, opens, 'and the daemon is told')
  })
}

t.test('a question that nobody may be asked ends the sign-in', async (t) => {
  const question: LoginEvent = { type: 'question', question: 'q', label: 'MFA code', secret: false }
  const { here } = somewhere({ interactive: false })
  await t.rejects(signIn(here, showing(question), {}, { browser: true }), {
    code: 'LoginRequired',
    message: /nobody may be asked: MFA code/,
  })
})

t.test('who one is, in text', async (t) => {
  const valid: WhoamiReply = { ...session, valid: true, state: 'fresh' }
  t.equal(
    whoamiText(valid, 0, painter(false)),
    `✓ Signed in as dev, 1h left

  Realm      r
  Provider   sso
  Identity   dev
  Chain      sso → dev
  Principal  arn:aws:sts::111111111111:assumed-role/Admin/me
  Account    111111111111
  Region     us-east-1
  Expires    1970-01-01T01:00:00Z (1h)
`,
  )
  const { expiresAt, account, principal, ...known } = session
  const over: WhoamiReply = {
    ...known,
    valid: false,
    state: 'expired',
    expiresAt,
    reason: 'Over.',
    hint: 'Do.',
  }
  t.equal(
    whoamiText(over, 7_200_000, painter(false)),
    `✗ No valid credentials for dev

  Realm     r
  Provider  sso
  Identity  dev
  Chain     sso → dev
  Region    us-east-1
  Expires   1970-01-01T01:00:00Z (over)

Over.
  Do.
`,
  )
  t.match(JSON.parse(whoamiJson(over)), {
    valid: false,
    state: 'expired',
    expiration: '1970-01-01T01:00:00Z',
  })
})

t.test('keys as a script gives them', async (t) => {
  const keys = { access_key_id: ' AKIAIOSFODNN7EXAMPLE ', secret_access_key: 's' }
  t.strictSame(parseKeys(JSON.stringify(keys)), {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 's',
    sessionSeconds: 43_200,
  })
  const more = { mfa_arn: 'arn:aws:iam::111111111111:mfa/me', session_duration: 3600 }
  t.match(parseKeys(JSON.stringify({ ...keys, ...more })), { mfaArn: more.mfa_arn, sessionSeconds: 3_600 })
  t.throws(() => parseKeys('{"__proto__": {}, "toString": 1}'), { code: 'Usage' })
})

t.test('what a portal lists is counted, and what is missing is said', async (t) => {
  const events: LoginEvent[] = [
    { type: 'progress', done: 0, total: 500, what: 'accounts' },
    { type: 'progress', done: 250, total: 500, what: 'accounts' },
    { type: 'warning', message: 'The roles in dev could not be listed.', hint: 'They stay as they were.' },
  ]
  const daemon = {
    async login(_: unknown, show: (event: LoginEvent) => void) {
      for (const event of events) show(event)
      return { type: 'done', session }
    },
  } as unknown as Daemon
  const terminal = somewhere({ env: { TERM: 'xterm' } })
  await signIn(terminal.here, daemon, {}, { browser: false })
  t.match(terminal.said(), /Listing accounts: 250 of 500 …/)
  t.match(terminal.said(), /! The roles in dev could not be listed\.\n {2}They stay as they were\./)
  const piped = somewhere({ terminal: { in: false, out: false, err: false, columns: 80 } })
  await signIn(piped.here, daemon, {}, { browser: false })
  t.match(piped.said(), /Listing accounts: 0 of 500/)
  t.notMatch(piped.said(), /250/, 'one line where none can be drawn anew')
})
