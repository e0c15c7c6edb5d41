/** Proof of possession of a key (DPoP, RFC 9449) with ES256. Pure. */
import { createECDH, createPrivateKey, sign } from 'node:crypto'
import { Secret } from '../../shared/secret.ts'
import type { Random } from '../system/random.ts'

/** What a proof is good for. */
export interface Proven {
  method: 'POST'
  url: string
  /** Epoch milliseconds. */
  now: number
  /** Never used for another proof. */
  id: string
}

/** A new private key on P-256, as a JSON Web Key. */
export function proofKey(random: Random): Secret {
  const d = random.bytes(32)
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(d) // the order of P-256 is so near 2^256 that one in 2^32 is refused
  const [x, y] = [pair.getPublicKey().subarray(1, 33), pair.getPublicKey().subarray(33)]
  return new Secret(
    JSON.stringify({
      ...publicKey(x.toString('base64url'), y.toString('base64url')),
      d: d.toString('base64url'),
    }),
  )
}

/** The value of the header `DPoP` for one request (RFC 9449 section 4.2). */
export function dpopProof(key: Secret, { method, url, now, id }: Proven): string {
  const jwk = JSON.parse(key.reveal()) as Record<'x' | 'y' | 'd', string>
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey(jwk.x, jwk.y) }
  const { origin, pathname } = new URL(url) // `htu` has neither query nor fragment
  const claims = { jti: id, htm: method, htu: origin + pathname, iat: Math.floor(now / 1000) }
  const text = `${encoded(header)}.${encoded(claims)}`
  const privateKey = createPrivateKey({ format: 'jwk', key: { ...publicKey(jwk.x, jwk.y), d: jwk.d } })
  // JSON Web Signatures have the two numbers one after the other (RFC 7518 section 3.4), and no DER around them.
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

function publicKey(x: string, y: string) {
  return { kty: 'EC', crv: 'P-256', x, y }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
