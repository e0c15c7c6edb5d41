/** What is given to be sent to an upstream is a secret, even where it cannot be sent. */
import { inspect } from 'node:util'
import t from 'tap'
import { systemClock } from '../../daemon/system/clock.ts'
import { idTokenRequest } from '../../daemon/upstream/github-oidc.ts'
import { containerRequest } from '../../daemon/upstream/machine-credentials.ts'
import { failure } from '../helpers/failure.ts'
import { seededRandom } from '../helpers/random.ts'

const NOBODY = 'http://127.0.0.1:1/'
const by = { clock: systemClock, signal: new AbortController().signal }

t.test('what no header and no address carries is refused, and not repeated', async (t) => {
  const job = { audience: 'x', random: seededRandom(1), ...by }
  const rows: [what: string, work: () => Promise<unknown>][] = [
    ['a container’s token', () => containerRequest({ url: NOBODY, authorization: 'SECRET\nTAIL', ...by })],
    ['in another alphabet', () => containerRequest({ url: NOBODY, authorization: 'SECRET…TAIL', ...by })],
    [
      'a password in an address',
      () => containerRequest({ url: 'https://me:SECRET@a.example/', authorization: undefined, ...by }),
    ],
    ['a job’s token', () => idTokenRequest({ url: NOBODY, requestToken: 'SECRET\nTAIL', ...job })],
  ]
  for (const [what, work] of rows) {
    const refused = await failure(work())
    t.match(refused, { code: 'ConfigInvalid', message: /cannot be asked/, hint: /./ }, what)
    t.notMatch(inspect(refused, { depth: 9 }), /SECRET|TAIL/, what)
  }
})
