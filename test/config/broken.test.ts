/**
 * Configurations with something wrong in them, one a file: test/fixtures/broken. The comment that a file begins with
 * has all its problems in order, as `LINE:COLUMN SEVERITY MESSAGE | HINT`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { catalog } from '../../daemon/kinds/catalog.ts'
import { loadText } from '../helpers/loaded.ts'

const BROKEN = join(import.meta.dirname, '..', 'fixtures', 'broken')
const files = readdirSync(BROKEN).map((name) => ({ name, text: readFileSync(join(BROKEN, name), 'utf8') }))

t.test('each tells what is wrong, and where', async (t) => {
  for (const { name, text } of files) {
    const lines = text.split('\n')
    const expected = lines.slice(
      0,
      lines.findIndex((line) => !line.startsWith('# ')),
    )
    t.ok(expected.length > 0, `${name} says what to expect`)
    const { problems } = await loadText(text, {}, { ATMOS_KEYRING_TYPE: 'memory' })
    const found = problems.map(({ line, column, severity, message, hint }) => {
      const told = `# ${line}:${column} ${severity} ${message}`
      return hint === undefined ? told : `${told} | ${hint}`
    })
    t.strictSame(found, expected, name)
  }
})

t.test('there is one for every kind', async (t) => {
  t.ok(files.length >= 60)
  for (const kind of Object.keys(catalog))
    t.ok(
      files.some(({ text }) => text.includes(`kind: ${kind}`)),
      kind,
    )
})
