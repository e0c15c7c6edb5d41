/** Forms as identity providers write them, and as nobody should. */
import t from 'tap'
import { filled, formsIn, typedFields } from '../../daemon/upstream/html-forms.ts'
import { decoded } from '../../daemon/upstream/html-tags.ts'

const BASE = new URL('https://idp.example/a/login?x=1')
const read = (html: string) => formsIn(html, BASE)
const sent = (html: string, values = {}) => read(html).map((form) => filled(form, values).toString())

t.test('what a browser would send', (t) => {
  for (const [html, expected] of [
    ['<form><input name=a value=1><input name="b" value=\'2\'></form>', 'a=1&b=2'],
    ['<FORM><INPUT NAME="a" VALUE="&lt;&#x41;&#66;&amp;&quot;&nosuch;"></FORM>', 'a=%3CAB%26%22%26nosuch%3B'],
    [
      '<form><input name=a type=checkbox><input name=b type=checkbox checked><input name=c type=radio value=r></form>',
      'b=on',
    ],
    [
      '<form><input type=submit name=go value=Go><input type=image name=i><button name=b>x</button></form>',
      '',
    ],
    ['<form><input name=a disabled value=1><input value=nameless></form>', ''],
    ['<form><select name=s><option value=1>One<option value=2 selected>Two</select></form>', 's=2'],
    ['<form><select name=s><option value=1>One</option><option value=2>Two</option></select></form>', 's=1'],
    [
      '<form><textarea name=t>\n a&lt;b <input name=no> </textarea></form>',
      't=+a%3Cb+%3Cinput+name%3Dno%3E+',
    ],
    ['<form><!-- <input name=no> --><script>"<input name=no>"</script><input name=a value=1></form>', 'a=1'],
    ['<form><noscript><input name=a value=1></noscript></form><input name=out>', 'a=1'],
    ['<form><input name=a value="x>y"/><input name=b value=1/></form>', 'a=x%3Ey&b=1%2F'],
    ['<form><input name=a name=b value=1></form>', 'a=1'],
  ] as const)
    t.strictSame(sent(html), [expected], html)
  t.strictSame(
    sent('<form><input name=p type=password><input name=h type=hidden value=1></form>', { p: 'ä&b' }),
    ['p=%C3%A4%26b&h=1'],
  )
  t.end()
})

t.test('where it leads, and what a person fills in', (t) => {
  const [first, second, third, ...none] = read(
    '<form id=f method=Post action="/b?c=1&amp;d=2"><input name=u><input type=EMAIL name=e><input type=hidden name=h></form><form action="//other.example/x"></form><form></form><form action="https://[">',
  )
  t.match(first, { id: 'f', method: 'POST', action: { href: 'https://idp.example/b?c=1&d=2' } })
  t.strictSame(first && typedFields(first).map(({ name }) => name), ['u', 'e'])
  t.match(second, { method: 'GET', action: { href: 'https://other.example/x' } })
  t.equal(third?.action.href, BASE.href)
  t.strictSame(none, [])
  t.equal(decoded('&#1114112;&#x110000;&#0;'), '&#1114112;&#x110000;\u0000')
  t.end()
})

t.test('whatever a page does, it is read in one pass', (t) => {
  const many = 300_000
  for (const piece of [
    '<',
    '<!--',
    '<a "',
    '<a b="',
    "<a b='",
    '<form ',
    '<a b=c ',
    '<script>',
    '</',
    '<a/',
    '&#',
    '<select name=a><option>',
    '<a  =',
    '<textarea name=a><form>',
  ]) {
    const begun = performance.now()
    read(`<form>${piece.repeat(many / piece.length)}`)
    const ms = performance.now() - begun
    t.ok(ms < 2_000, `${piece}: ${ms.toFixed()} ms`)
  }
  t.end()
})
