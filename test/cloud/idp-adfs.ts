/** AD FS: its login form at one address for all, then the form of a method that verifies further. */
import { cookie, type IdpState, PERSON, page, redirect } from './idp-state.ts'
import type { Asked, Reply } from './wire.ts'

const HERE = '/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices'

export async function adfs(state: IdpState, asked: Asked): Promise<Reply> {
  const form = new URLSearchParams(asked.body)
  const step = state.sessions.has(cookie(asked, 'MSISAuth')) ? 'verify' : 'login'
  if (state.sessions.has(cookie(asked, 'MSISAuthenticated'))) return state.postPage()
  if (asked.method === 'GET') return step === 'login' ? loginPage(state) : mfaPage()
  return step === 'login' ? login(state, form) : verify(state, form)
}

function login(state: IdpState, form: URLSearchParams): Reply {
  state.count('password')
  const right = form.get('UserName') === PERSON.name && form.get('Password') === PERSON.password
  if (state.knobs.locked) return loginPage(state, 'Your account is locked out. Contact your administrator.')
  if (!right || form.get('AuthMethod') !== 'FormsAuthentication' || form.has('Kmsi'))
    return loginPage(state, 'Incorrect user ID or password. Type the correct user ID and password.')
  return state.knobs.factor === 'none' ? done(state) : passed(state, 'MSISAuth')
}

function verify(state: IdpState, form: URLSearchParams): Reply {
  state.count('verify')
  const right = form.get('VerificationCode') === PERSON.code && form.get('Context') === 'c&1'
  return right ? done(state) : mfaPage('The code is incorrect.')
}

function passed(state: IdpState, name: string): Reply {
  const secret = state.secret()
  state.sessions.add(secret)
  return redirect(HERE, { 'Set-Cookie': `${name}=${secret}; path=/adfs; HttpOnly; Secure` })
}

function done(state: IdpState): Reply {
  return passed(state, 'MSISAuthenticated')
}

function loginPage({ knobs }: IdpState, said = ''): Reply {
  if (knobs.changed === 'script')
    return page('<body><div id="root"></div><script src="/app.js"></script></body>')
  if (knobs.changed === 'circle') return redirect(HERE)
  const action = knobs.changed === 'elsewhere' ? 'https://evil.example/adfs/ls' : HERE
  const user = knobs.changed === 'form' ? 'FavouriteColour' : 'UserName'
  const captcha =
    knobs.changed === 'captcha' ? '<input type="hidden" name="g-recaptcha-response" value="">' : ''
  return page(`<body><form id="options" method="post" action="/adfs/ls/options"><input type="hidden" name="AuthMethod"></form>
<form method="post" id="loginForm" autocomplete="off" action="${action.replaceAll('&', '&amp;')}">
<span id="errorText">${said}</span><!-- <input name="Trap"> -->
<input id="userNameInput" name="${user}" type="email" value="" tabindex="1" placeholder="someone@example.com"/>
<input id="passwordInput" name=Password type=password />
<input type="checkbox" name="Kmsi" id="kmsiInput" value="true"/><input type="submit" name="Go" value="Sign in">
<input id="optionForms" type="hidden" name="AuthMethod" value="FormsAuthentication"/>${captcha}</form></body>`)
}

function mfaPage(said = ''): Reply {
  return page(`<body><form method="post" id="loginForm" action="${HERE}"><span>${said}</span>
<input id="authMethod" type="hidden" name="AuthMethod" value="AzureMfaServerAuthentication"/>
<input id="context" type="hidden" name="Context" value="c&amp;1"/>
<input id="verificationCodeInput" name="VerificationCode" type="text"/><input type="submit" value="Sign in"/></form></body>`)
}
