/** terraform under `atmosctl exec`, for longer than any token lives: the state is written with one that was not there at the start. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { awsBucket, type Bucket, googleBucket } from '../helpers/buckets.ts'
import { cloudHome } from '../helpers/cloud-home.ts'
import { skipWithout, terraform } from '../helpers/google-clients.ts'
import { longRun } from '../helpers/long-run.ts'
import { ownSignIns } from '../helpers/own-signins.ts'
import { lifetimes } from '../helpers/under-exec.ts'
import { ACCOUNTS, bearer, LIFE_SECONDS, wholeGoogle } from '../helpers/whole-google.ts'

const skip = skipWithout(terraform, 'terraform')
/** Two lives, and some. */
const seconds = LIFE_SECONDS * 2 + 1
t.jobs = 2
const atOnce = { buffered: true, skip }

/** What `state` was written with was not there when it was first asked for, and each was good when it was shown. */
function outlived(t: Test, { seen, object, refused }: Bucket, state: string): void {
  t.not(seen.at(-1), seen[0], `${new Set(seen).size} credentials in ${seen.length} requests`)
  t.equal(refused(), 0, 'each was good when it was shown')
  t.match(JSON.parse(object(state) ?? '{}'), {
    resources: [{ instances: [{ attributes: { input: { value: 'kept' } } }] }],
  })
}

t.test('the backend gcs', atOnce, async (t) => {
  const { home, cloud, start, own, heard, asked } = await wholeGoogle(t)
  const bucket = await googleBucket(t, ({ authorization = '' }) => {
    const token = authorization.replace(/^Bearer /, '')
    return bearer(cloud, token) === ACCOUNTS.a ? token : undefined
  })
  const backend = `"gcs" {\n bucket = "state"\n storage_custom_endpoint = "${bucket.url}/storage/v1/b"\n }`
  await longRun(t, (...command) => start('a', ...command), {
    folder: join(home.path, 'gcs'),
    backend,
    seconds,
  })
  outlived(t, bucket, 'default.tfstate')
  t.strictSame([own.changed(), own.heardIn(heard), asked], [[], 0, []])
})

t.test('the backend s3', atOnce, async (t) => {
  const { home, cloud } = await cloudHome(t, { lifetimes })
  const own = ownSignIns(home)
  const heard = cloud.record()
  t.match(await home.atmosctl(['login', '--no-browser']), { code: 0 })
  const bucket = await awsBucket(t, ({ authorization = '', 'x-amz-security-token': session }) => {
    const id = /Credential=([^/]+)/.exec(authorization)?.[1] ?? ''
    const key = cloud.keys.get(id)
    return key && key.session === session && key.expiresAt > Date.now() ? id : undefined
  })
  const endpoints = `endpoints = {\n s3 = "${bucket.url}"\n sts = "${cloud.url}"\n }`
  const backend = `"s3" {\n bucket = "state"\n key = "one"\n region = "us-east-1"\n use_path_style = true\n ${endpoints}\n }`
  const env = { ...own.env, CHECKPOINT_DISABLE: '1' }
  const start = (...command: string[]) => home.start(['exec', '-i', 'prod-admin', '--', ...command], { env })
  await longRun(t, start, { folder: join(home.path, 's3'), backend, seconds })
  outlived(t, bucket, 'one')
  t.strictSame([own.changed(), own.heardIn(heard)], [[], 0])
})
