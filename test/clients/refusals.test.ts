/** What real tools make of a no: how often they ask again, and what of it their user reads. */
import { spawn } from 'node:child_process'
import t, { type Test } from 'tap'
import { applied } from '../../client/environment/change.ts'
import { environmentOf } from '../../client/environment/environment.ts'
import { issueGrant } from '../../daemon/operations/grant.ts'
import { type Client, go, java, rust, turnable } from '../helpers/clients.ts'
import { finished } from '../helpers/house.ts'
import { chainOf } from '../helpers/identities.ts'
import { running } from '../helpers/running.ts'
import { type Said, talk } from '../helpers/talk.ts'
import { commandLines, python, skipUnless } from '../helpers/tools.ts'

const REVOKED = 'The authorization is not valid (any more). Run the tool again under `atmosctl exec`.'

/** A daemon that counts questions, and the environment of a tool of it. */
async function place(t: Test) {
  const daemon = await running()
  t.teardown(() => daemon.stop())
  await daemon.signIn('prod-admin')
  const { workspace } = daemon
  const grant = await issueGrant(daemon.app.house, {
    workspace,
    identity: 'prod-admin',
    dialect: 'aws-container',
  })
  const asked: number[] = []
  daemon.app.credentials.server.on('request', () => asked.push(performance.now()))
  const { HOME: _, ...rest } = process.env
  const env = { ...applied(rest, environmentOf(grant, rest)), AWS_ENDPOINT_URL_STS: daemon.cloud.url }
  return {
    daemon,
    env,
    questions: () => asked.length,
    /** Milliseconds from the first question to the last. */
    span: () => (asked.at(-1) ?? 0) - (asked[0] ?? 0),
    revoke: () => daemon.app.house.grants.revoke(() => true),
    /** No session, and a cloud that does not answer. */
    async outage() {
      await daemon.app.house.broker.drop(await chainOf(daemon, 'prod-admin'))
      daemon.cloud.fault({ operation: 'AssumeRole', kind: 'hang' })
    },
  }
}

async function once({ command }: Client, env: Record<string, string>): Promise<Said> {
  const { ask, end } = talk(command, env)
  const said = await ask()
  end()
  return said
}

const [javascript] = turnable as [Client]
const noPython = skipUnless(python !== undefined, 'boto3')
const noCommandLine = skipUnless(commandLines.size > 0, 'aws')

t.test(
  '41: the aws command line shows all that a 403 says, within four seconds of its first question',
  { skip: noCommandLine },
  async (t) => {
    for (const [version, file] of commandLines) {
      const { env, questions, span, revoke } = await place(t)
      await revoke()
      const outcome = await finished(spawn(file, ['sts', 'get-caller-identity'], { env }))
      t.equal(outcome.code, version === '1' ? 255 : outcome.code, version)
      t.not(outcome.code, 0)
      t.match(outcome.stderr, `"code":"GrantRevoked","message":"${REVOKED}"`, version)
      t.ok(span() < 4_000, `${Math.round(span())} ms`)
      t.equal(questions(), 3)
    }
  },
)

t.test('41: so does boto3', { skip: noPython }, async (t) => {
  const { env, questions, revoke } = await place(t)
  await revoke()
  const ask = "import boto3; boto3.client('sts', region_name='us-east-1').get_caller_identity()"
  const outcome = await finished(spawn(python ?? '', ['-c', ask], { env }))
  t.not(outcome.code, 0)
  t.match(outcome.stderr, `"code":"GrantRevoked","message":"${REVOKED}"`)
  t.equal(questions(), 3)
})

t.test('42: JavaScript shows nothing of it, and asks four or five times', async (t) => {
  const { env, questions, revoke } = await place(t)
  await revoke()
  const { error } = await once(javascript, env)
  t.match(error, /Could not load credentials from any providers/)
  t.ok(questions() >= 4 && questions() <= 5, `${questions()} questions`)
})

t.test(
  '43: Go, and terraform with it, asks once and shows code and message',
  { skip: go.skip },
  async (t) => {
    const { env, questions, revoke } = await place(t)
    await revoke()
    const { error } = await once(go, env)
    t.match(error, `GrantRevoked: ${REVOKED}`)
    t.equal(questions(), 1)
  },
)

t.test('44: Go asks three times where it will pass', { skip: go.skip }, async (t) => {
  const { env, questions, outage } = await place(t)
  await outage()
  const { error } = await once(go, env)
  t.match(error, /Pending/)
  t.equal(questions(), 3)
})

t.test('31: Java asks once, and its chain shows nothing of it', { skip: java.skip }, async (t) => {
  const { env, questions, revoke } = await place(t)
  await revoke()
  const { error } = await once(java, env)
  t.match(error, /ContainerCredentialsProvider\(\): Failed to load credentials from metadata service/)
  t.equal(questions(), 1)
})

t.test('31: Rust fails at once, and says how', { skip: rust.skip }, async (t) => {
  const { env, questions, revoke } = await place(t)
  await revoke()
  const { error } = await once(rust, env)
  t.match(error, /403|[Nn]on-success/)
  t.equal(questions(), 1)
})
