/** A grant for Google's tools in a whole daemon: its port, its exchange and its folder, also after a restart. */
import { existsSync } from 'node:fs'
import t from 'tap'
import { catalog } from '../../daemon/kinds/catalog.ts'
import type { AnyIdentity, AnyProvider } from '../../daemon/kinds/contract.ts'
import project from '../../daemon/kinds/identities/gcp/project.ts'
import adc from '../../daemon/kinds/providers/gcp/adc.ts'
import { issueGrant, revokeGrants } from '../../daemon/operations/grant.ts'
import type { GcpToken } from '../../shared/credential.ts'
import { Secret } from '../../shared/secret.ts'
import { ACCESS_TOKEN, exchanged } from '../helpers/external-account.ts'
import { asked, DEFAULT, ROOT } from '../helpers/metadata.ts'
import { running } from '../helpers/running.ts'

const config = () => `auth:
  keyring: { type: memory }
  providers:
    google: { kind: gcp/adc, project_id: acme-prod }
  identities:
    ci:
      kind: gcp/project
      via: { provider: google }
      principal: { project_id: acme-prod, zone: europe-west4-b }
`

/** The kinds as they are, but for what they would ask of Google. */
const token = (): GcpToken => ({
  type: 'gcp-token',
  accessToken: new Secret('ya29.whole'),
  expiresAt: Date.now() + 3_600_000,
  principal: 'ci@acme-prod.iam.gserviceaccount.com',
})
const kinds = {
  ...catalog,
  'gcp/adc': async () => ({ default: { ...adc, variables: [], login: async () => token() } as AnyProvider }),
  'gcp/project': async () => ({
    default: { ...project, passesOn: true, assume: async (_, parent) => parent } as AnyIdentity,
  }),
}

t.test('both ways, of the grant’s own, and nothing of them afterwards', async (t) => {
  const at = await running({ config, catalog: kinds })
  t.teardown(() => at.stop())
  const { house } = at.app
  const reply = await issueGrant(house, { workspace: at.workspace, identity: 'ci' })
  const port = Number(new URL(reply.url).port)
  t.equal(reply.dialect, 'gce-metadata')
  t.match((await asked(port, `${DEFAULT}/token`)).body, /ya29\.whole/)
  t.match((await asked(port, `${ROOT}/universe/universe-domain`)).body, 'googleapis.com')
  const { said } = await exchanged({ reply, common: at.port })
  t.match(said, { access_token: 'ya29.whole', issued_token_type: ACCESS_TOKEN })
  t.ok(existsSync(reply.directory ?? ''))

  await house.listeners.closeAll()
  await t.rejects(asked(port, '/'), { code: 'ECONNREFUSED' })
  await at.app.reopen()
  t.match((await asked(port, `${DEFAULT}/token`)).body, /ya29\.whole/, 'the same port after a restart')

  await revokeGrants(house, ({ id }) => id === reply.id)
  t.notOk(existsSync(reply.directory ?? ''), '144: what gcloud kept is gone with the grant')
  await t.rejects(asked(port, '/'), { code: 'ECONNREFUSED' })
  t.equal((await exchanged({ reply, common: at.port }, { subject_token: 'x' })).said.error, 'invalid_grant')
})
