/** What is read of an identity provider's response, and where AWS takes it. */
import t from 'tap'
import { browserFor } from '../../daemon/upstream/browsers.ts'
import { notOpened } from '../../daemon/upstream/opened-browser.ts'
import { processResponse } from '../../daemon/upstream/saml-response.ts'
import { isAwsSignIn, responseIn } from '../../daemon/upstream/saml-signin.ts'
import { verifiedAssertion } from '../cloud/saml.ts'
import { signedResponse } from '../cloud/xml-signing.ts'

const NOW = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const iso = (ms: number) => new Date(ms).toISOString()
const response = (inner: string, status = 'urn:oasis:names:tc:SAML:2.0:status:Success') =>
  Buffer.from(
    `<p:Response><p:Status><p:StatusCode Value="${status}"/></p:Status>${inner}</p:Response>`,
  ).toString('base64')
const endOf = (inner: string) =>
  processResponse(response(`<s:Assertion>${inner}</s:Assertion>`), NOW).expiresAt

t.test('the end is the earliest that it names, and five minutes at most', (t) => {
  t.equal(endOf(''), NOW + 5 * MINUTE)
  t.equal(endOf(`<s:Conditions NotBefore="x" NotOnOrAfter="${iso(NOW + MINUTE)}"/>`), NOW + MINUTE)
  t.equal(endOf(`<Conditions NotOnOrAfter="${iso(NOW + 60 * MINUTE)}">`), NOW + 5 * MINUTE)
  t.equal(
    endOf(
      `<s:SubjectConfirmationData NotOnOrAfter="${iso(NOW + 2 * MINUTE)}" /><s:Conditions NotOnOrAfter="${iso(NOW + 3 * MINUTE)}">`,
    ),
    NOW + 2 * MINUTE,
  )
  t.equal(endOf('<s:Conditions NotOnOrAfter="soon"/>'), NOW + 5 * MINUTE)
  t.end()
})

t.test('what is none', (t) => {
  const failing = (text: string) => {
    try {
      processResponse(text, NOW)
    } catch (error) {
      return error
    }
    throw new Error('it did not fail')
  }
  t.match(failing('bm90aGluZw=='), { code: 'UpstreamInvalid', message: /no SAML response/, hint: /Ask who/ })
  t.match(failing(response('')), { code: 'UpstreamInvalid', message: /no assertion/ })
  t.match(failing(response('<s:EncryptedAssertion>')), { message: /encrypted/, hint: /not encrypted/ })
  t.match(failing('A'.repeat(100_001)), { message: /longer than AWS takes/ })
  t.match(failing(response('', 'urn:oasis:names:tc:SAML:2.0:status:RequestDenied')), {
    code: 'LoginRefused',
    message: 'The identity provider refuses: RequestDenied.',
  })
  const hostile = response(`<s:Assertion>${'<s:Conditions '.repeat(5_000)}`)
  const begun = performance.now()
  t.equal(processResponse(hostile, NOW).expiresAt, NOW + 5 * MINUTE)
  t.ok(performance.now() - begun < 1_000, 'in one pass')
  t.end()
})

t.test('where AWS takes assertions', (t) => {
  for (const [address, expected] of [
    ['https://signin.aws.amazon.com/saml', true],
    ['https://eu-west-1.signin.aws.amazon.com/saml', true],
    ['https://us-east-1.signin.aws.amazon.com/saml/acs/SAMLSP1ABC', true],
    ['https://signin.amazonaws-us-gov.com/saml', true],
    ['https://signin.amazonaws.cn/saml', true],
    ['http://signin.aws.amazon.com/saml', false],
    ['https://signin.aws.amazon.com/oauth', false],
    ['https://signin.aws.amazon.com.evil.example/saml', false],
    ['https://evil-signin.aws.amazon.com/saml', false],
    ['https://signin.aws.amazon.com/samlx', false],
  ] as const)
    t.equal(isAwsSignIn(new URL(address)), expected, address)
  t.equal(responseIn('RelayState=&SAMLResponse=YQ%3D%3D%0D%0A'), 'YQ==')
  t.equal(responseIn('SAMLRequest=x'), undefined)
  t.equal(responseIn(''), undefined)
  t.end()
})

t.test('a real signature: verified by the sandbox, and refused where a letter is another', async (t) => {
  const roles = ['arn:aws:iam::111111111111:role/A,arn:aws:iam::111111111111:saml-provider/Okta']
  const signing = { person: 'jo', roles, to: 'https://signin.aws.amazon.com/saml', now: NOW }
  const text = await signedResponse({ ...signing, notOnOrAfter: NOW + MINUTE })
  t.strictSame(verifiedAssertion(text), {
    person: 'jo',
    roles,
    audience: 'https://signin.aws.amazon.com/saml',
    notOnOrAfter: NOW + MINUTE,
  })
  t.equal(processResponse(text, NOW).expiresAt, NOW + MINUTE)
  const twisted = Buffer.from(text, 'base64').toString().replace('role/A', 'role/B')
  t.equal(verifiedAssertion(Buffer.from(twisted).toString('base64')), undefined)
})

t.test('which browser', (t) => {
  const has =
    (...paths: string[]) =>
    (path: string) =>
      paths.includes(path)
  const both = has('/usr/bin/chromium', '/usr/bin/firefox')
  t.match(browserFor({}, both), { engine: 'chromium', path: '/usr/bin/chromium' })
  t.match(browserFor({ browser_type: 'firefox' }, both), { engine: 'firefox' })
  t.match(browserFor({ browser_executable_path: '/opt/firefox/firefox' }, has('/opt/firefox/firefox')), {
    engine: 'firefox',
  })
  t.equal(browserFor({}, has()), undefined)
  for (const [wanted, expected] of [
    [{ browser_type: 'msedge' }, /msedge, and this machine has none/],
    [{ browser_type: 'webkit' }, /type "webkit"/],
    [{ browser_type: 'toString' }, /type "toString"/],
    [{ browser_executable_path: '/nowhere' }, /no browser at \/nowhere/],
  ] as const)
    t.throws(() => browserFor(wanted, both), { code: 'ConfigInvalid', message: expected, hint: /./ })
  t.end()
})

t.test('a browser that does not start says why in a line', (t) => {
  for (const [said, message] of [
    ['Missing X server or $DISPLAY\n<launching> …', /no display/],
    [
      'Failed to create a ProcessSingleton for your profile directory',
      /has the profile of this sign-in open/,
    ],
    ['No usable sandbox!', /no sandbox/],
    ['spawn EACCES\nCall log:\n  - …', /^The browser \/b does not start: spawn EACCES\.$/],
  ] as const)
    t.match(notOpened('/b', said), { code: 'LoginRefused', message, hint: /./ })
  t.end()
})
