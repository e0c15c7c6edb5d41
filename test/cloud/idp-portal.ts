/** A login page for browsers: one form, and a cookie by which the person is known the next time. */
import { cookie, type IdpState, PERSON, page, redirect } from './idp-state.ts'
import type { Asked, Reply } from './wire.ts'

export async function portal(state: IdpState, asked: Asked): Promise<Reply> {
  const { knobs } = state
  if (asked.method === 'POST') {
    state.count('password')
    const form = new URLSearchParams(asked.body)
    if (form.get('username') !== PERSON.name || form.get('password') !== PERSON.password)
      return loginPage(state)
    const session = state.secret()
    state.sessions.add(session)
    const life = knobs.persistent ? '; Max-Age=86400' : ''
    return redirect('/app', { 'Set-Cookie': `idp=${session}; Path=/; HttpOnly${life}` })
  }
  return state.sessions.has(cookie(asked, 'idp')) ? state.postPage() : loginPage(state)
}

function loginPage(state: IdpState): Reply {
  state.count('login page')
  const press = `<script>
    document.querySelector('[name=username]').value = ${JSON.stringify(PERSON.name)}
    document.querySelector('[name=password]').value = ${JSON.stringify(PERSON.password)}
    document.querySelector('button').click()
  </script>`
  // The name on a page of its own, in a field that does not say what it is.
  if (state.knobs.changed === 'form')
    return page('<body><form method="post" action="/app"><input name="username"/></form></body>')
  return page(
    `<body><form method="post" action="/app"><input name="username"/><input type="password" name="password"/><button>Sign in</button></form>${state.knobs.presses ? press : ''}</body>`,
  )
}
