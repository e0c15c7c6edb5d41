import { EmbeddedJWK, jwtVerify } from 'jose'
import t from 'tap'
import { dpopProof, proofKey } from '../../daemon/upstream/dpop.ts'
import { seededRandom } from '../helpers/random.ts'

const PROVEN = {
  method: 'POST',
  url: 'https://signin.example/v1/token?x=1#y',
  now: 1_700_000_000_900,
  id: 'once',
} as const

t.test('a proof of possession as jose reads it', async (t) => {
  const key = proofKey(seededRandom())
  const proof = dpopProof(key, PROVEN)
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    currentDate: new Date(PROVEN.now),
  })
  t.strictSame(payload, {
    jti: 'once',
    htm: 'POST',
    htu: 'https://signin.example/v1/token',
    iat: 1_700_000_000,
  })
  t.match(protectedHeader, { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256' } })
  t.strictSame(Object.keys(protectedHeader.jwk ?? {}).sort(), ['crv', 'kty', 'x', 'y'], 'and no private part')
  t.notMatch(JSON.stringify({ key }), JSON.parse(key.reveal()).d)
})

t.test('keys differ, and a proof by one is none by another', async (t) => {
  const random = seededRandom()
  const [one, other] = [proofKey(random), proofKey(random)]
  t.not(one.reveal(), other.reveal())
  const [head] = dpopProof(one, PROVEN).split('.')
  const [, body, signature] = dpopProof(other, PROVEN).split('.')
  const mixed = `${head}.${body}.${signature}`
  await t.rejects(jwtVerify(mixed, EmbeddedJWK, { currentDate: new Date(PROVEN.now) }), /signature/)
  for (let turn = 0; turn < 300; turn++) {
    const proof = dpopProof(proofKey(random), PROVEN)
    await jwtVerify(proof, EmbeddedJWK, { currentDate: new Date(PROVEN.now) })
  }
  t.pass('whatever zeros the numbers begin with')
})
