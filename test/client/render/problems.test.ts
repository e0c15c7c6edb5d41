import t from 'tap'
import { complaint } from '../../../client/complaint.ts'
import { excerpt, withoutSecrets } from '../../../client/render/excerpt.ts'
import { explanation } from '../../../client/render/explanation.ts'
import { placeOf } from '../../../client/render/place.ts'
import { firstProblems, problemList } from '../../../client/render/problems.ts'
import { verdict, verdictJson } from '../../../client/render/verdict.ts'
import { width } from '../../../client/render/width.ts'
import { painter } from '../../../client/style.ts'
import { AuthError } from '../../../shared/errors.ts'
import type { Problem } from '../../../shared/replies.ts'

import { ESCAPE, identity, plain, reply, replyOf } from '../../helpers/replies.ts'

const problem = (more: Partial<Problem>): Problem => ({
  severity: 'error',
  message: 'What.',
  file: '/p/atmos.yaml',
  line: 1,
  column: 1,
  ...more,
})

t.test('problems with their lines', async (t) => {
  const problems = [
    problem({ file: '/p/b.yaml', line: 2, message: 'Last.' }),
    problem({ line: 12, column: 9, hint: 'Do.', source: '\tname: x: y\u001b[2J' }),
    problem({ line: 12, column: 2, severity: 'warning' }),
    problem({ line: 9, message: `First ${ESCAPE}[31m.` }),
  ]
  t.equal(
    problemList(problems, { ...plain, from: '/p' }),
    `atmos.yaml:9:1  error
  First  [31m.
atmos.yaml:12:2  warning
  What.
atmos.yaml:12:9  error
  12 │  name: x: y [2J
     │         ^
  What.
  Do.
b.yaml:2:1  error
  Last.
`,
  )
  t.match(problemList(problems, plain), /^\/p\/atmos\.yaml:9:1/)
  t.match(problemList(problems, { paint: painter(true) }), `${ESCAPE}[31merror${ESCAPE}[39m`)
  for (const [file, from, expected] of [
    ['/a/b/c.yaml', '/a/b', 'c.yaml'],
    ['/very/long/c.yaml', '/very/x', '../long/c.yaml'],
    ['/a.yaml', '/b/c/d', '/a.yaml'],
    ['/a/b.yaml', undefined, '/a/b.yaml'],
  ] as const)
    t.equal(placeOf(file, from), expected)
})

t.test('the caret is below its place, however long the line', async (t) => {
  const source = `    key: { ${Array.from({ length: 30 }, (_, index) => `field${index}: 漢${index}`).join(', ')} }`
  for (const columns of [26, 40, 80, 400])
    for (let column = 1; column <= source.length + 1; column++) {
      const [line = '', caret = ''] = excerpt({ source, line: 7, column }, columns, plain.paint).split('\n')
      const at = width(caret.slice(0, caret.indexOf('^')))
      let passed = 0
      const above = [...line].find((character) => {
        passed += width(character)
        return passed > at
      })
      const expected = source[column - 1]
      if (width(line) > columns || width(caret) > columns + 1) t.fail(`${columns}: ${line}`)
      if (expected !== undefined && expected !== ' ' && above !== expected && above !== '…')
        t.fail(`${columns}/${column}: ${above} is not ${expected}\n${line}\n${caret}`)
    }
  t.equal(excerpt({ source: 'a', line: 1, column: 99 }, 80, plain.paint), '  1 │ a\n    │  ^\n')
})

t.test('a line shows no secret', async (t) => {
  for (const [source, expected] of [
    ['secret_access_key: abc', 'secret_access_key: ***'],
    ['{ secret_access_key: a b, dration: 1h }', '{ secret_access_key: ***, dration: 1h }'],
    [`"password": "a \\" b", x: 1`, `"password": ********, x: 1`],
    [`password: 'it''s', x: 1`, 'password: *******, x: 1'],
    ['client_secret: !env X', 'client_secret: !env X'],
    ['session_token: xyz', 'session_token: ***'],
    ['secert_access_key: xyz', 'secert_access_key: ***'],
    ['token_source: { type: file }', 'token_source: { type: file }'],
    ['secret_access_key:', 'secret_access_key:'],
    ['access_key_id: AKIA', 'access_key_id: AKIA'],
  ] as const)
    t.equal(withoutSecrets(source), expected)
  const leaky = replyOf([], { problems: [problem({ source: '  password: hunter2' })] })
  t.notMatch(verdictJson(leaky), /hunter2/)
  t.notMatch(problemList(leaky.problems, plain), /hunter2/)
})

t.test('what a validation comes to', async (t) => {
  const error = problem({})
  const warning = problem({ severity: 'warning' })
  for (const [problems, expected] of [
    [[], '✓ atmos.yaml is valid (providers: 1, identities: 1, integrations: 1)\n'],
    [[warning], '✓ atmos.yaml is valid, with 1 warning (providers: 1, identities: 1, integrations: 1)\n'],
    [[error], '✗ 1 error in atmos.yaml\n'],
    [[error, error, warning, warning], '✗ 2 errors and 2 warnings in atmos.yaml\n'],
    [[error, problem({ file: '/p/b.yaml' })], '✗ 2 errors in 2 files\n'],
    [[problem({ file: '/p/b.yaml' })], '✗ 1 error in b.yaml\n'],
  ] as const) {
    const whole = replyOf([identity('a')], {
      problems: [...problems],
      providers: [{ name: 'p', kind: 'k', state: 'none' }],
      integrations: [{ name: 't', kind: 'k' }],
    })
    t.equal(verdict(whole, plain.paint, '/p'), expected)
    const { valid, counts } = JSON.parse(verdictJson(whole)) as { valid: boolean; counts: object }
    t.equal(valid, expected.startsWith('✓'))
    t.match(counts, { providers: 1, identities: 1, integrations: 1 })
  }
  t.strictSame(
    JSON.parse(
      verdictJson(replyOf([], { problems: [problem({ line: 3, source: 'x', hint: 'h' }), warning] })),
    ),
    {
      valid: false,
      file: '/p/atmos.yaml',
      files: ['/p/atmos.yaml'],
      problems: [
        { severity: 'warning', file: '/p/atmos.yaml', line: 1, column: 1, message: 'What.' },
        {
          severity: 'error',
          file: '/p/atmos.yaml',
          line: 3,
          column: 1,
          message: 'What.',
          hint: 'h',
          source: 'x',
        },
      ],
      counts: { errors: 1, warnings: 1, providers: 0, identities: 0, integrations: 0 },
    },
  )
})

t.test('a configuration explained', async (t) => {
  t.equal(
    explanation(reply, plain, '/project'),
    `FILES, THE LAST WINS
  1  base.yaml
  2  atmos.yaml

CHAINS
  dev [default]
      company-sso  aws/iam-identity-center  us-east-1
    → dev          aws/permission-set       Admin in development
  prod [alias p]
      company-sso  aws/iam-identity-center  us-east-1
    → dev          aws/permission-set       Admin in development
    → prod         aws/assume-role
  user
      user  aws/user

INTEGRATIONS
  docker  aws/ecr  via dev
`,
  )
  const narrow = explanation(reply, { ...plain, columns: 40 }, '/project').split('\n')
  t.ok(narrow.every((line) => width(line) <= 40))
})

t.test('a complaint about a faulty configuration', async (t) => {
  const problems = [
    ...Array.from({ length: 14 }, (_, index) => problem({ line: 20 - index })),
    problem({ severity: 'warning' }),
  ]
  const failure = (details: Problem[]) =>
    complaint(
      new AuthError('ConfigInvalid', 'It is faulty.', { details: { problems: details } }),
      false,
      '/p',
    )
  const text = failure(problems)
  t.equal(text.match(/^atmos\.yaml:\d+:1 {2}error$/gm)?.length, 10)
  t.match(text, /^atmos\.yaml:7:1 {2}error\n/, 'the first come first, and errors before warnings')
  t.match(text, /\n… and 5 more: `atmosctl validate` shows all\.\natmosctl: It is faulty\.\n$/)
  t.notMatch(failure(problems.slice(0, 10)), /more/)
  t.equal(firstProblems([], plain), '')
  t.equal(
    complaint(new AuthError('LoginRequired', 'Who?', { hint: 'Sign in.' }), false),
    'atmosctl: Who?\n  Sign in.\n',
  )
})
