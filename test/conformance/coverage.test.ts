/** Every statement that this version answers for has a test that is named by it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { claimed, differences, numbersIn } from './statements.ts'

const TESTS = join(import.meta.dirname, '..')
const texts = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !path.endsWith('coverage.test.ts'))
  .map((path) => readFileSync(join(TESTS, path), 'utf8'))

t.test('every statement has a test of its number', async (t) => {
  const shown = texts.flatMap(numbersIn)
  t.ok(shown.length > 100, `${shown.length} names of tests have numbers`)
  t.strictSame(differences(shown), { missing: [], unknown: [] })
})

t.test('names are read where tests are named, and nowhere else', async (t) => {
  const rows: [text: string, numbers: number[]][] = [
    ["t.test('41: a', async (t) => {", [41]],
    ["  await t.test('41, 43: a', (t) => rows(t, ['7: b']))", [41, 43]],
    ['t.test(`90, 91: $' + '{name}`, { skip }, async (t) => {', [90, 91]],
    ["t.test(\n  '55: a',\n  async (t) => {", [55]],
    ["// t.test('41: a', async (t) => {", []],
    [" * t.test('41: a')", []],
    ["const rows = ['41: a', '42: b']", []],
    ["t.equal(one, 1, '41: a')", []],
    ["t.test('41 a', async (t) => {", []],
    ["t.test('a 41: b', async (t) => {", []],
  ]
  for (const [text, numbers] of rows) t.strictSame(numbersIn(text), numbers, text)
})

t.test('a statement that is not shown is found, and a number that is none’s', async (t) => {
  const all = claimed.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  )
  t.strictSame(differences(all.filter((number) => number !== 107)), { missing: [107], unknown: [] })
  t.strictSame(differences([...all, 243, 109]), { missing: [], unknown: [243] })
})
