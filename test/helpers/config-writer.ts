/** Enters one host after the other in a long config.json of Docker's until it is killed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { editConfig } from '../../client/docker/config-file.ts'
import { enterHelper } from '../../client/docker/entries.ts'

const file = process.argv[2] ?? ''
const here = { uid: process.getuid?.() ?? 0, now: Date.now, sleep: async () => {} }
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, JSON.stringify({ filler: 'x'.repeat(300_000) }))
process.stdout.write('ready\n')
for (let number = 0; ; number++) {
  await editConfig(here, file, (text) => {
    const entered = enterHelper(text, `registry-${number}.example.com`, false)
    return 'text' in entered ? entered.text : text
  })
}
