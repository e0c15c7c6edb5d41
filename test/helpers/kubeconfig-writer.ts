/** Enters one cluster after the other in a long kubeconfig until it is killed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { enterCluster } from '../../client/kube/entries.ts'
import { editKubeconfig } from '../../client/kube/files.ts'

const file = process.argv[2] ?? ''
const here = { uid: process.getuid?.() ?? 0, now: Date.now, sleep: async () => {} }
const manner = { force: false, use: true }
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `# ${'x'.repeat(100_000)}\nkind: Config\n`)
for (let number = 0; ; number++) {
  const names = { context: `c-${number}`, cluster: `c-${number}`, user: `c-${number}` }
  const entries = { ...names, server: 'https://c.example', authority: 'YWJj', exec: {} }
  await editKubeconfig(here, file, (text) => {
    const entered = enterCluster(text, entries, manner)
    return 'text' in entered ? entered.text : text
  })
  process.stdout.write(`${number}\n`)
}
