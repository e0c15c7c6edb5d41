/** What wins in a shell is found, and told with its remedy. */
import t from 'tap'
import { shellFindings } from '../../client/doctor/findings.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { findingsText } from '../../client/render/findings.ts'
import { painter } from '../../client/style.ts'
import type { GrantReply } from '../../shared/replies.ts'

const DIRECTORY = '/run/user/1000/atmosd/grants'
const DIRECTORIES = ['/dev/shm/atmosd-1000', DIRECTORY]
const nothing = () => undefined
const common = { id: 'id', identity: 'dev', token: 'secret', region: 'us-east-1', expiresAt: 0 }
const grants: GrantReply[] = [
  { ...common, dialect: 'aws-container', url: 'http://127.0.0.1:9191/aws/id' },
  {
    ...common,
    dialect: 'gce-metadata',
    url: 'http://127.0.0.1:40001',
    exchange: 'http://127.0.0.1:9191/gcp/id',
    directory: `${DIRECTORY}/id`,
  },
  {
    ...common,
    dialect: 'azure-identity',
    url: 'http://127.0.0.1:9191/azure/id',
    path: 'p',
    directory: `${DIRECTORY}/id`,
  },
]

t.test('a shell of env’s is found in order, for every cloud', async (t) => {
  const env = Object.assign({}, ...grants.map((grant) => environmentOf(grant, {}).set))
  const findings = shellFindings(env, DIRECTORIES, nothing)
  t.strictSame(
    findings.map(({ level, about }) => [level, about]),
    [
      ['ok', 'AWS'],
      ['ok', 'Google Cloud'],
      ['ok', 'Azure'],
    ],
  )
  t.match(findings[1]?.message, /leads its tools to atmosd, at 127\.0\.0\.1:40001\./)
})

t.test('whatever wins in it is a problem, with the cure', async (t) => {
  for (const grant of grants) {
    const { set, unset } = environmentOf(grant, {})
    for (const name of unset.filter((one) => !/EC2|IMDS_USE|AUTHORITY_HOST/.test(one))) {
      const problems = shellFindings({ ...set, [name]: 'x' }, DIRECTORIES, nothing).filter(
        ({ level }) => level === 'problem',
      )
      t.match(problems, [{ message: new RegExp(`^${name} is set`), remedy: `unset ${name}` }], name)
    }
  }
  const { set } = environmentOf(grants[1] as GrantReply, {})
  const stray = { ...set, GOOGLE_APPLICATION_CREDENTIALS: '/home/me/key.json' }
  t.ok(shellFindings(stray, DIRECTORIES, nothing).some(({ level }) => level === 'problem'))
})

t.test('outside of one it is no more than a note', async (t) => {
  const env = { AWS_PROFILE: 'dev', ARM_CLIENT_SECRET: 'hunter2' }
  const files: Record<string, string> = {
    '.aws/credentials': '[default]\naws_access_key_id = x\n',
    '.config/gcloud/application_default_credentials.json': '{}',
    '.azure/azureProfile.json': '{"subscriptions": [ {"id": 1}]}',
  }
  const findings = shellFindings(env, DIRECTORIES, (path) => files[path])
  t.notOk(findings.some(({ level }) => level === 'problem'))
  t.equal(findings.filter(({ level }) => level === 'note').length, 3 + 5)
  const text = findingsText(findings, painter(false))
  t.match(
    text,
    /^AWS\n {2}· This shell does not lead its tools to atmosd; `exec` does\.\n {2}· AWS_PROFILE is set/,
  )
  t.match(text, /~\/\.config\/gcloud\/application_default_credentials\.json is there/)
  t.notMatch(text, /hunter2/, 'no value of a variable is shown')
})

t.test(
  'a file that says nothing of credentials is none, and one that is moved is not looked at',
  async (t) => {
    const files = { '.aws/credentials': '[other]\n', '.azure/azureProfile.json': '{"subscriptions": []}' }
    const read = (path: string) => files[path as keyof typeof files]
    t.notOk(shellFindings({}, DIRECTORIES, read).some(({ message }) => /is there/.test(message)))
    const moved = { AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }
    t.notOk(
      shellFindings(moved, DIRECTORIES, () => '[default]').some(({ message }) =>
        /aws\/credentials/.test(message),
      ),
    )
  },
)

t.test('what leads elsewhere than this machine does not lead to atmosd', async (t) => {
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' }
  t.match(shellFindings(env, DIRECTORIES, nothing)[0]?.message, /does not lead/)
})
