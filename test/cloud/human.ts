/** The human's side: the pages at which device codes and authorization requests are decided. */
import { authorize, checkAuthorization } from './oidc.ts'
import { codeShown, decisionPage, saidPage } from './pages.ts'
import type { State } from './state.ts'
import type { Asked, Reply } from './wire.ts'

type Decision = 'approved' | 'denied'

/** Decides a waiting device code; false where there is none of that name. */
export function decide(state: State, userCode: string, decision: Decision): boolean {
  const device = [...state.devices.values()].find(
    (one) => one.userCode === userCode && one.decision === 'pending',
  )
  if (!device || state.now() >= device.expiresAt) return false
  device.decision = decision
  return true
}

export function waiting(state: State): string[] {
  return [...state.devices.values()]
    .filter(({ decision }) => decision === 'pending')
    .map(({ userCode }) => userCode)
}

export function devicePage(state: State, { method, query, body }: Asked): Reply {
  const form = new URLSearchParams(body)
  const userCode = (method === 'POST' ? form : query).get('user_code') ?? ''
  if (method !== 'POST') return decisionPage('/device', codeShown(userCode), { user_code: userCode })
  const decision = decisionIn(form)
  if (!decide(state, userCode, decision)) return saidPage('That code is not waiting (any more).', 404)
  return saidPage(
    decision === 'approved' ? 'Approved. Go back to your terminal.' : 'Denied. Nothing was given.',
  )
}

export function authorizePage(state: State, { method, query, body }: Asked): Reply {
  if (method === 'POST') {
    const form = new URLSearchParams(body)
    return redirect(authorize(state, new URLSearchParams(form.get('request') ?? ''), decisionIn(form)))
  }
  if (state.approval === 'automatic') return redirect(authorize(state, query, 'approved'))
  checkAuthorization(state, query, query.get('redirect_uri') ?? '')
  return decisionPage('/authorize', 'A program on your machine asks for access.', {
    request: query.toString(),
  })
}

function decisionIn(form: URLSearchParams): Decision {
  return form.get('decision') === 'approved' ? 'approved' : 'denied'
}

function redirect(location: string): Reply {
  return { status: 302, headers: { Location: location }, body: '' }
}
