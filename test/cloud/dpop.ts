/** Checks proofs of possession with jose, which is no part of what makes them (RFC 9449 section 4.3). */
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import type { State } from './state.ts'
import { type Asked, Refused } from './wire.ts'

/** How far the time of a proof may be from now. */
const SKEW_MS = 5 * 60_000

/** The thumbprint (RFC 7638) of the key that a request proves. */
export async function provenKey(state: State, { method, path, headers }: Asked): Promise<string> {
  const { payload, protectedHeader } = await verified(headers.dpop ?? '', state)
  const { htm, htu, iat = 0, jti } = payload
  const url = `http://${headers.host}${path}`
  if (htm !== method || htu !== url) throw refused(`The proof is for ${String(htm)} ${String(htu)}.`)
  if (Math.abs(state.now() - iat * 1000) > SKEW_MS) throw refused('The proof is not of now.')
  if (!jti || state.proofs.has(jti)) throw refused('The proof was used before.')
  state.proofs.add(jti)
  const { jwk } = protectedHeader
  if (!jwk || 'd' in jwk) throw refused('The proof has no public key.')
  return calculateJwkThumbprint(jwk)
}

async function verified(proof: string, state: State) {
  try {
    return await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['iat'],
      currentDate: new Date(state.now()),
    })
  } catch (error) {
    throw refused(`The proof is no good: ${(error as Error).message}`)
  }
}

function refused(message: string): Refused {
  return new Refused(400, 'ValidationException', message, { error: 'INVALID_REQUEST' })
}
