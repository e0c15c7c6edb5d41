/** terraform keeps its state in a bucket of Google's with nothing but a grant's variables. */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { environment, skipWithout, terraform, withoutFile } from '../helpers/google-clients.ts'
import { google } from '../helpers/google-daemon.ts'
import { finished } from '../helpers/house.ts'

const LIFE_MS = 170_000

const noTerraform = skipWithout(terraform, 'terraform')
t.test('terraform’s state in a bucket, by either way, across an end', { skip: noTerraform }, async (t) => {
  const seen: string[] = []
  // As much of a bucket as terraform needs: nothing is in it, and what is put there or taken away is nodded at.
  const bucket = createServer(({ headers, method, url = '' }, response) => {
    seen.push(headers.authorization ?? '')
    response.statusCode = method === 'DELETE' ? 204 : /\/o\?/.test(url) ? 200 : 404
    response.setHeader('Content-Type', 'application/json').end('{"generation":"1","items":[]}')
  })
  await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve))
  t.teardown(() => bucket.close())
  const { port } = bucket.address() as { port: number }
  const at = await google(t, { lifeMs: LIFE_MS })
  const env = environment(at.reply, at.home, 'terraform')
  const folder = join(at.home, 'terraform')
  mkdirSync(folder)
  const custom = `storage_custom_endpoint = "http://127.0.0.1:${port}/storage/v1/b"`
  writeFileSync(
    join(folder, 'main.tf'),
    `terraform {\n backend "gcs" {\n bucket = "state"\n ${custom}\n }\n}\n`,
  )
  const run = async (args: string[], variables: Record<string, string>) => {
    const own = { ...variables, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
    const { code, stderr } = await finished(spawn(terraform ?? 'terraform', args, { env: own, cwd: folder }))
    t.equal(code, 0, stderr)
    return seen.splice(0)
  }
  const storage = /^Bearer ya29\.\d+\./
  const [first] = await run(['init', '-no-color'], env)
  t.match(first, storage)
  at.turn(LIFE_MS)
  const [second] = await run(['workspace', 'list'], env)
  t.match(second, storage)
  t.not(second, first)
  t.equal(at.asked.length, 0, 'by the credential file')
  const [third] = await run(['workspace', 'list'], withoutFile(env))
  t.equal(third, second)
  t.ok(at.asked.length > 0, 'by the metadata server')
})
