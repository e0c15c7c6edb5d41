/** The forms of an HTML page: where they lead, and what they hold. Pure. */
import { decoded, type Tag, tagsIn } from './html-tags.ts'

export interface Field {
  name: string
  /** Of an input in lower case; `select` and `textarea` by their names. */
  type: string
  value: string
  /** A box or a button that is sent only where somebody presses it. */
  pressed: boolean
}

export interface Form {
  id: string
  action: URL
  method: 'GET' | 'POST'
  fields: Field[]
}

/** Fields that a person fills in. */
const TYPED = new Set(['text', 'email', 'tel', 'number', 'password', 'textarea', ''])
/** Sent only where they are pressed. */
const BUTTONS = new Set(['submit', 'image', 'button', 'reset'])
const BOXES = new Set(['checkbox', 'radio'])

/** All forms of a page at `base` that lead to an address. */
export function formsIn(html: string, base: URL): Form[] {
  const forms: Form[] = []
  let form: Form | undefined
  let choice: Field | undefined
  for (const tag of tagsIn(html)) {
    if (tag.name === 'form') {
      form = tag.closing ? undefined : formOf(tag, base)
      if (form) forms.push(form)
    } else if (form && !tag.closing) {
      const field = fieldOf(tag, html)
      if (field) form.fields.push(field)
      if (tag.name === 'select') choice = field
      if (tag.name === 'option' && choice) choose(choice, tag)
    }
  }
  return forms
}

/** The fields that a person is to fill in. */
export function typedFields({ fields }: Form): Field[] {
  return fields.filter(({ type }) => TYPED.has(type))
}

/** What a browser would send, with some of the values given by a person. */
export function filled({ fields }: Form, values: Readonly<Record<string, string>>): URLSearchParams {
  const body = new URLSearchParams()
  for (const { name, value, pressed } of fields) {
    const given = Object.hasOwn(values, name) ? values[name] : undefined
    if (pressed || given !== undefined) body.append(name, given ?? value)
  }
  return body
}

function formOf({ attributes }: Tag, base: URL): Form | undefined {
  const action = URL.parse(attributes.get('action')?.trim() || base.href, base.href)
  if (!action) return undefined
  const method = attributes.get('method')?.trim().toUpperCase() === 'POST' ? 'POST' : 'GET'
  return { id: attributes.get('id') ?? '', action, method, fields: [] }
}

function fieldOf({ name: element, attributes, end }: Tag, html: string): Field | undefined {
  const name = attributes.get('name')
  if (!name || attributes.has('disabled')) return undefined
  if (element === 'select') return { name, type: 'select', value: '', pressed: true }
  if (element === 'textarea') {
    const text = html.slice(end, html.indexOf('</', end)).replace(/^\r?\n/, '')
    return { name, type: 'textarea', value: decoded(text), pressed: true }
  }
  if (element !== 'input') return undefined
  const type = attributes.get('type')?.trim().toLowerCase() ?? 'text'
  const pressed = BOXES.has(type) ? attributes.has('checked') : !BUTTONS.has(type)
  return { name, type, value: attributes.get('value') ?? (BOXES.has(type) ? 'on' : ''), pressed }
}

/** The first option of a list is chosen unless another says that it is. */
function choose(choice: Field, { attributes }: Tag): void {
  if (choice.value === '' || attributes.has('selected')) choice.value = attributes.get('value') ?? ''
}
