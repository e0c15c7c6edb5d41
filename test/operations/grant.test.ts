/** Grants in the daemon, and what goes with one that ends or does not come about. */
import { mkdirSync, rmdirSync } from 'node:fs'
import t from 'tap'
import { issueGrant, revokeGrants } from '../../daemon/operations/grant.ts'
import { running } from '../helpers/running.ts'

t.test('a revocation that cannot be kept closes the port all the same', async (t) => {
  const at = await running({ cloud: { lifetimes: { roleCredentialsSeconds: 43_200 } } })
  t.teardown(() => at.stop())
  const { house } = at.app
  await at.signIn()
  const closed: string[] = []
  const { close } = house.listeners
  house.listeners.close = (id) => {
    closed.push(id)
    return close(id)
  }
  const { id } = await issueGrant(house, { workspace: at.workspace, dialect: 'aws-imds' })
  mkdirSync(`${at.paths.grants}.new`)
  await t.rejects(
    revokeGrants(house, () => true),
    { code: 'StoreUnavailable' },
  )
  t.strictSame(closed, [id])
  rmdirSync(`${at.paths.grants}.new`)
})

t.test('no grant stays where the values of its variables could not be kept', async (t) => {
  const at = await running()
  t.teardown(() => at.stop())
  const { house } = at.app
  await at.signIn()
  const { open } = house.keyrings
  house.keyrings.open = async (keyring) => ({
    ...(await open(keyring)),
    set: () => Promise.reject(new Error('no space')),
  })
  await t.rejects(issueGrant(house, { workspace: at.workspace }), { message: 'no space' })
  t.strictSame(house.grants.list(), [])
})
