/** Google: the name on one page, the password on the next, a code on a third; each form names what came before it. */
import { cookie, type IdpState, PERSON, page, redirect } from './idp-state.ts'
import type { Asked, Reply } from './wire.ts'

export async function google(state: IdpState, asked: Asked): Promise<Reply> {
  const form = new URLSearchParams(asked.body)
  switch (`${asked.method} ${asked.path}`) {
    case 'GET /google/sso':
      return state.sessions.has(cookie(asked, 'SID')) ? state.postPage() : identifierPage(state)
    case 'POST /google/identifier':
      return form.get('identifier') === PERSON.name ? passwordPage() : identifierPage(state)
    case 'POST /google/pwd':
      return password(state, form)
    case 'POST /google/totp':
      state.count('verify')
      return form.get('totpPin') === PERSON.code ? done(state) : totpPage()
    default:
      return { status: 404, body: '' }
  }
}

function password(state: IdpState, form: URLSearchParams): Reply {
  state.count('password')
  if (form.get('Passwd') !== PERSON.password) return passwordPage()
  return state.knobs.factor === 'none' ? done(state) : totpPage()
}

function done(state: IdpState): Reply {
  const sid = state.secret()
  state.sessions.add(sid)
  return redirect('/google/sso', { 'Set-Cookie': `SID=${sid}; Path=/google` })
}

function identifierPage({ knobs }: IdpState): Reply {
  if (knobs.changed === 'script')
    return page('<body><noscript>Turn on JavaScript to go on.</noscript><c-wiz></c-wiz></body>')
  return page(
    `<body><form method="POST" action="/google/identifier"><input type="email" name="identifier" id="identifierId"><input type="hidden" name="continue" value="/google/sso"></form></body>`,
  )
}

function passwordPage(): Reply {
  return page(
    `<body><form method="POST" action="/google/pwd"><input type="hidden" name="identifier" value="${PERSON.name}"><input type="password" name="Passwd"></form></body>`,
  )
}

function totpPage(): Reply {
  return page(
    `<body><form method="POST" action="/google/totp"><input type="tel" name="totpPin"><input type="checkbox" name="trust" checked></form></body>`,
  )
}
