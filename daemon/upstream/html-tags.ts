/**
 * The tags of an HTML page, as far as forms need them: no tree, no scripts, no rules about what may be in what. One
 * pass over the text, whatever a page does. Pure.
 */
export interface Tag {
  /** In lower case. */
  name: string
  closing: boolean
  attributes: ReadonlyMap<string, string>
  /** Where it begins and where it ends. */
  start: number
  end: number
}

/** What is in them is text and no tags (HTML, section 13.1.2). */
const RAW = new Set(['script', 'style', 'template', 'textarea', 'title', 'xmp', 'iframe', 'noembed'])
const NAME = /<(\/?)([a-z][a-z\d]*)/iy
const ATTRIBUTE = /[\s/]*([^\s"'<>/=][^\s"'<>/=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?/y
const END = /[\s/]*>/y

/** Every tag that is whole, in their order. */
export function* tagsIn(html: string): Generator<Tag> {
  let at = html.indexOf('<')
  while (at >= 0) {
    const tag = html.startsWith('<!--', at) ? undefined : tagAt(html, at)
    if (tag) yield tag
    at = html.indexOf('<', next(html, at, tag))
  }
}

function next(html: string, at: number, tag: Tag | undefined): number {
  if (html.startsWith('<!--', at)) return orEnd(html, html.indexOf('-->', at + 4))
  if (!tag) return at + 1
  if (tag.closing || !RAW.has(tag.name)) return tag.end
  const close = new RegExp(`</${tag.name}[\\s/>]`, 'gi')
  close.lastIndex = tag.end
  return orEnd(html, close.exec(html)?.index ?? -1)
}

function orEnd(html: string, found: number): number {
  return found < 0 ? html.length : found
}

function tagAt(html: string, start: number): Tag | undefined {
  const [whole = '', slash, name = ''] = matchAt(NAME, html, start) ?? []
  if (name === '') return undefined
  const attributes = new Map<string, string>()
  let end = start + whole.length
  for (let found = matchAt(ATTRIBUTE, html, end); found; found = matchAt(ATTRIBUTE, html, end)) {
    const [text, key = '', ...values] = found
    const value = values.find((one) => one !== undefined) ?? ''
    if (!attributes.has(key.toLowerCase())) attributes.set(key.toLowerCase(), decoded(value))
    end += text.length
  }
  const close = matchAt(END, html, end)
  if (!close) return undefined
  return { name: name.toLowerCase(), closing: slash === '/', attributes, start, end: end + close[0].length }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/** Text with its character references resolved: the numeric ones, and those that markup needs. */
export function decoded(text: string): string {
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]{2,6}));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
