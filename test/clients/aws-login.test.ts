/** botocore's own `aws login` goes on with a sign-in of ours: what the sandbox takes for AWS is what AWS's client sends. */
import { spawn } from 'node:child_process'
import { createHash, createPrivateKey } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AwsCredential } from '../../shared/credential.ts'
import { USER } from '../cloud/state.ts'
import { finished } from '../helpers/house.ts'
import { chainOf, credential, login } from '../helpers/identities.ts'
import { running } from '../helpers/running.ts'
import { pythonWithCrt, skipUnless } from '../helpers/tools.ts'

const config = (url: string) => `auth:
  realm: sandbox
  keyring: { type: memory }
  identities:
    me: { kind: aws/user, spec: { endpoint_url: '${url}' } }
`

/** A home with the sign-in in the file that `aws login` leaves, its keys long expired. */
function homeWith(folder: string, { renewal, accountId }: AwsCredential): Record<string, string> {
  const name = USER.arn
  const files = { config: join(folder, 'config'), cache: join(folder, 'cache') }
  const digest = createHash('sha256').update(name).digest('hex')
  const key = createPrivateKey({ format: 'jwk', key: JSON.parse(renewal?.proofKey.reveal() ?? '') })
  const expired = {
    accessKeyId: 'x',
    secretAccessKey: 'x',
    sessionToken: 'x',
    expiresAt: '2020-01-01T00:00:00Z',
  }
  const token = {
    accessToken: { ...expired, accountId },
    tokenType: 'aws_sigv4',
    refreshToken: renewal?.refreshToken.reveal(),
    clientId: renewal?.clientId,
    dpopKey: key.export({ type: 'sec1', format: 'pem' }),
    idToken: 'x',
  }
  mkdirSync(files.cache)
  writeFileSync(files.config, `[default]\nlogin_session = ${name}\nregion = us-east-1\n`)
  writeFileSync(join(files.cache, `${digest}.json`), JSON.stringify(token))
  return { HOME: folder, AWS_CONFIG_FILE: files.config, AWS_LOGIN_CACHE_DIRECTORY: files.cache }
}

const skip = skipUnless(pythonWithCrt !== undefined, 'boto3 with awscrt')
t.test('botocore renews a sign-in of ours, and reads what is refused', { skip }, async (t) => {
  const daemon = await running({ config })
  t.teardown(() => daemon.stop())
  const { cloud } = daemon
  const browse = (event: { type: string; address?: string }) => {
    if (event.type === 'browser') void fetch(event.address ?? '')
  }
  const signIn = async () => {
    await daemon.app.house.broker.drop(await chainOf(daemon, 'me'))
    t.match(await login(daemon, 'me', browse, undefined, true), { type: 'done' })
    return credential(daemon, 'me')
  }
  const ask = async (folder: string, held: AwsCredential) => {
    const env = {
      ...homeWith(folder, held),
      AWS_ENDPOINT_URL_SIGNIN: cloud.url,
      AWS_ENDPOINT_URL_STS: cloud.url,
    }
    const program = join(import.meta.dirname, 'programs', 'login.py')
    const { stdout, stderr } = await finished(spawn(pythonWithCrt ?? 'python3', [program], { env }))
    t.equal(stderr, '')
    return JSON.parse(stdout) as object
  }
  t.strictSame(await ask(t.testdir({}), await signIn()), { arn: USER.arn, method: 'login' })
  t.equal(cloud.calls('CreateOAuth2Token'), 2, 'ours and botocore’s')
  const held = await signIn()
  cloud.changePassword()
  t.strictSame(await ask(t.testdir({}), held), { error: 'LoginRefreshRequired' })
})
