/** Writes one record after another and tells of each once it is acknowledged, until it is killed. */
import { encryptedFileStore } from '../../daemon/sessions/encrypted-file.ts'
import { systemRandom } from '../../daemon/system/random.ts'
import { Secret } from '../../shared/secret.ts'

const [path = '', password = ''] = process.argv.slice(2)
const store = await encryptedFileStore({ path, password: new Secret(password), random: systemRandom })
for (let index = 0; ; index++) {
  await store.set(`key-${index}`, `value of key-${index}`)
  process.send?.(`key-${index}`)
}
