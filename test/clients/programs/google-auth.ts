/** Gets a token with Google's default credentials, each time that a line comes in; prints a JSON line. */
import { createInterface } from 'node:readline'
import { GoogleAuth } from 'google-auth-library'

const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const audience = line.trim()
    const said = audience === '' ? await token() : { identity: await identity(audience) }
    process.stdout.write(`${JSON.stringify(said)}\n`)
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`)
  }
}

async function token() {
  const client = await auth.getClient()
  const { token } = await client.getAccessToken()
  return { token, project: await auth.getProjectId(), kind: client.constructor.name }
}

async function identity(audience: string): Promise<string> {
  const client = await auth.getIdTokenClient(audience)
  return client.idTokenProvider.fetchIdToken(audience)
}
