/** Cookies go where they belong and nowhere else (RFC 6265). */
import t from 'tap'
import { openJar } from '../../daemon/upstream/cookie-jar.ts'

const NOW = Date.UTC(2026, 0, 1)
const held = (from: string, set: string | string[], to = from, later = 0) => {
  const jar = openJar()
  jar.take([set].flat(), new URL(from), NOW)
  return jar.header(new URL(to), NOW + later)
}
const HOST = 'https://sso.acme.example'

t.test('each rule', (t) => {
  for (const [set, to, expected] of [
    ['a=1', HOST, 'a=1'],
    ['a=1=2; HttpOnly', HOST, 'a=1=2'],
    ['a=1', 'https://acme.example', undefined],
    ['a=1', 'https://x.sso.acme.example', undefined],
    ['a=1; Domain=sso.acme.example', 'https://x.sso.acme.example', undefined],
    ['a=1; Domain=.acme.example', 'https://x.acme.example', 'a=1'],
    ['a=1; Domain=acme.example', 'https://evilacme.example', undefined],
    ['a=1; Domain=other.example', HOST, undefined],
    ['a=1; Domain=example', HOST, undefined],
    ['a=1; Path=/adfs', `${HOST}/adfs/ls`, 'a=1'],
    ['a=1; Path=/adfs', `${HOST}/adfsx`, undefined],
    ['a=1; Secure', HOST, 'a=1'],
    ['a=1; Secure', 'http://sso.acme.example', undefined],
    ['a=1; Max-Age=0', HOST, undefined],
    ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', HOST, undefined],
    ['a=1; Expires=nonsense', HOST, 'a=1'],
    ['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', HOST, 'a=1'],
    ['__Host-a=1; Secure; Path=/', HOST, '__Host-a=1'],
    ['__Host-a=1; Secure; Path=/; Domain=acme.example', HOST, undefined],
    ['__Secure-a=1', HOST, undefined],
    ['=1', HOST, undefined],
    [`a=${'x'.repeat(9_000)}`, HOST, undefined],
  ] as const)
    t.equal(held(`${HOST}/login`, set, to), expected, `${set} → ${to}`)
  t.end()
})

t.test('age, order and place', (t) => {
  t.equal(held(HOST, 'a=1; Max-Age=60', HOST, 59_000), 'a=1')
  t.equal(held(HOST, 'a=1; Max-Age=60', HOST, 61_000), undefined)
  t.equal(held(HOST, ['a=1', 'a=2']), 'a=2', 'the later one')
  t.equal(held(HOST, ['a=1', 'a=2; Max-Age=0']), undefined)
  t.equal(held(HOST, ['a=1; Path=/', 'b=2; Path=/x'], `${HOST}/x`), 'b=2; a=1', 'the longer path first')
  t.equal(held(`${HOST}/adfs/ls/x`, 'a=1', `${HOST}/adfs/other`), undefined, 'the usual path is its folder')
  t.equal(held(`${HOST}/adfs/ls/x`, 'a=1', `${HOST}/adfs/ls`), 'a=1')
  t.equal(held('http://127.0.0.1:1/', 'a=1; Secure', 'http://127.0.0.1:1/'), 'a=1', 'this machine is safe')
  t.equal(held('http://sso.acme.example', 'a=1; Secure', HOST), undefined, 'set without TLS')
  t.equal(held('http://127.0.0.1/', 'a=1; Domain=0.0.1'), undefined, 'an address has no part')
  const many = Array.from({ length: 300 }, (_, index) => `c${index}=1`)
  t.equal(held(HOST, many)?.split('; ').length, 200)
  t.end()
})
