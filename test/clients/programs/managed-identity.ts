/** Gets a token for each scope that comes in as a line, with the credential named in its argument; prints a JSON line. */
import { createInterface } from 'node:readline'
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity'

const credential =
  process.argv[2] === 'ManagedIdentityCredential'
    ? new ManagedIdentityCredential()
    : new DefaultAzureCredential()

for await (const scope of createInterface({ input: process.stdin })) {
  const said = await credential.getToken(scope).then(
    ({ token }) => ({ token }),
    (error) => ({ error: String(error) }),
  )
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
