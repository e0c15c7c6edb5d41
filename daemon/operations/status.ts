/** What the daemon holds and for whom. */
import type { SessionStatus, StatusReply } from '../../shared/status-reply.ts'
import { API_VERSION, VERSION } from '../../shared/version.ts'
import type { Grant } from '../grants/grant.ts'
import { refreshAhead, type Session, stateOf } from '../sessions/session.ts'
import type { House } from './house.ts'

export function status(house: House): StatusReply {
  const { clock, broker, facts } = house
  return {
    version: VERSION,
    api: API_VERSION,
    ...facts,
    now: clock.now(),
    sessions: [...broker.held.all()].map((session) => describe(house, session)),
    grants: house.grants.list().map((grant) => describeGrant(house, grant)),
  }
}

function describeGrant({ listeners }: House, grant: Grant): StatusReply['grants'][number] {
  const { id, identity, dialect, issuedAt, expiresAt, lastUsedAt, holder, port } = grant
  const problem = listeners.problemOf(id)
  return {
    id,
    identity,
    dialect,
    issuedAt,
    expiresAt,
    lastUsedAt,
    ...(holder === undefined ? {} : { holder }),
    ...(port === undefined ? {} : { port }),
    ...(problem === undefined ? {} : { problem }),
  }
}

function describe({ broker, clock }: House, session: Session): SessionStatus {
  const setback = broker.setbacks.of(session.key)
  const { name, kind, issuedAt, expiresAt } = session
  return {
    name,
    kind,
    issuedAt,
    expiresAt,
    refreshAt: expiresAt - refreshAhead(session),
    state: stateOf(session, clock),
    failures: setback?.count ?? 0,
    ...(setback ? { lastFailure: setback.last.message } : {}),
  }
}
