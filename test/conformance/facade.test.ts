/** What stands behind a credential file of the type external_account: a token for the secret, and its exchange. */
import { statSync } from 'node:fs'
import t from 'tap'
import { environmentOf } from '../../client/environment/environment.ts'
import { writeFiles } from '../../client/environment/files.ts'
import { ACCESS_TOKEN, exchanged, fileOf, subject, subjectOf } from '../helpers/external-account.ts'
import { posted } from '../helpers/form.ts'
import { google } from '../helpers/google-daemon.ts'

const at = await google(t)

t.test('150: no subject token without the secret of the very grant', async (t) => {
  const other = await at.open('other')
  const { token } = at.reply
  const wrong: [string, readonly string[], string?][] = [
    ['none', []],
    ['another', ['Authorization: Bearer x']],
    ['without its scheme', [`Authorization: ${token}`]],
    ['another scheme', [`Authorization: Basic ${token}`]],
    ['of another grant', [`Authorization: Bearer ${other.reply.token}`]],
    ['for another grant', [`Authorization: Bearer ${token}`], other.reply.id],
    ['for no grant', [`Authorization: Bearer ${token}`], 'nobody'],
  ]
  for (const [name, lines, id] of wrong) {
    const { status, body, headers } = await subject(at, lines, id)
    t.strictSame([status, headers['www-authenticate']], [401, 'Bearer'], name)
    t.match(JSON.parse(body), { error: 'invalid_token', error_description: /atmosctl exec/ }, name)
  }
  t.equal((await subject(at, [`Authorization: Bearer ${token}`, 'Origin: http://evil.example'])).status, 403)
})

t.test('150: nor with the secret of a grant for other tools', async (t) => {
  const { keyring, standing, realm } = at.grant
  const { grant, secret } = await at.grants.issue({
    ...{ identity: 'dev', keyring, standing, realm, variables: [], sealed: false, lifetimeMs: 60_000 },
    dialect: 'aws-container',
  })
  t.equal((await subject(at, [`Authorization: Bearer ${secret.reveal()}`], grant.id)).status, 401)
})

t.test('151: the field has the name that the file says', async (t) => {
  const { status, body, headers } = await subject(at)
  const { type, subject_token_field_name: field } = fileOf(at).document.credential_source.format
  t.strictSame(
    [status, headers['content-type'], headers['cache-control'], type],
    [200, 'application/json', 'no-store', 'json'],
  )
  t.match(JSON.parse(body)[field], /^[\w-]{43}$/)
})

t.test('152: a subject token is another each time, good once, for five minutes, for its grant', async (t) => {
  const [first, second] = [await subjectOf(at), await subjectOf(at)]
  t.not(first, second)
  const other = await at.open('other')
  t.equal((await exchanged(at, { subject_token: first }, other.reply.id)).said.error, 'invalid_grant')
  t.equal((await exchanged(at, { subject_token: first })).status, 200)
  t.equal((await exchanged(at, { subject_token: first })).said.error, 'invalid_grant', 'used')
  at.turn(299_000)
  t.equal((await exchanged(at, { subject_token: second })).status, 200)
  const third = await subjectOf(at)
  at.turn(300_000)
  t.equal((await exchanged(at, { subject_token: third })).said.error, 'invalid_grant', 'over')
})

t.test('152: with the grant ends what stands for it', async (t) => {
  const ended = await google(t)
  const token = await subjectOf(ended)
  await ended.grants.revoke(() => true)
  t.equal((await exchanged(ended, { subject_token: token })).said.error, 'invalid_grant')
  t.equal((await subject(ended)).status, 401)
})

t.test('153: the exchange, as RFC 8693 has it', async (t) => {
  const { status, said, headers } = await exchanged(at)
  t.strictSame(
    [status, headers['content-type'], headers['cache-control']],
    [200, 'application/json', 'no-store'],
  )
  t.match(said, { access_token: /^ya29/, issued_token_type: ACCESS_TOKEN, token_type: 'Bearer' })
  t.ok(Number.isInteger(said.expires_in) && said.expires_in > 300, `${said.expires_in} s`)
  t.equal((await exchanged(at, { scope: undefined })).said.access_token, said.access_token)
  t.equal((await exchanged(at, { options: '{"userProject":"x"}' })).status, 200)
})

t.test('159: gcloud may ask whose a token is that was handed out here', async (t) => {
  const { access_token: token } = (await exchanged(at)).said
  const ask = async (id: string, form: string) => {
    const { status, body } = await posted(at.common, `/gcp/${id}/introspect`, form)
    return { status, said: JSON.parse(body) }
  }
  const hint = 'token_type_hint=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token'
  t.strictSame(await ask(at.reply.id, `token=${token}&${hint}`), {
    status: 200,
    said: { active: true, username: 'ci@acme-prod.iam.gserviceaccount.com' },
  })
  const other = await at.open('other')
  for (const [id, form] of [
    [other.reply.id, `token=${token}`],
    [at.reply.id, 'token=x'],
    [at.reply.id, ''],
    ['nobody', `token=${token}`],
  ] as const)
    t.strictSame(await ask(id, form), { status: 200, said: { active: false } })
})

t.test(
  '157, 158, 160, 161, 162: the file has this one way in it, and no secret but the header',
  async (t) => {
    const { document, text } = fileOf(at)
    t.notOk(
      'service_account_impersonation_url' in document,
      '157, 158: nobody needs it to impersonate once more',
    )
    const path = `/gcp/${at.reply.id}/ci@x.iam.gserviceaccount.com:generateAccessToken`
    t.equal((await posted(at.common, path, '{}', 'application/json')).status, 405, 'so it is not there')
    t.notOk('executable' in document.credential_source, '161: it starts no program')
    const { set, unset } = environmentOf(at.reply, {}, '/usr/bin/java')
    t.notOk(
      'GOOGLE_APPLICATION_CREDENTIALS' in set,
      '160: Java takes no http and is given the metadata server alone',
    )
    t.ok(unset.includes('GOOGLE_APPLICATION_CREDENTIALS'))
    writeFiles(environmentOf(at.reply, {}))
    t.equal(statSync(`${at.reply.directory}/google.json`).mode & 0o777, 0o600, '162')
    t.equal(text.split(at.reply.token).length, 2)
    t.notMatch(text, /ya29|private_key|refresh_token/)
  },
)
