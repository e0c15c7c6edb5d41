/** Appends a line to a file, and is killed before its nth call but those that only look: FILE LINE [N]. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { editFile } from '../../client/edited-file.ts'

const [, , file = '', line, nth] = process.argv
const here = {
  uid: process.getuid?.() ?? 0,
  now: Date.now,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
}
const looks = /^(?:access|exists|l?stat|read|readlink|realpath)/
const names = Object.keys(fs).filter((name) => name.endsWith('Sync') && !looks.test(name)) as 'rmSync'[]
let calls = 0
for (const name of names) {
  const real = fs[name] as (...args: unknown[]) => unknown
  fs[name] = ((...args: unknown[]) => {
    calls += 1
    if (calls === Number(nth)) process.kill(process.pid, 'SIGKILL')
    return real(...args)
  }) as typeof fs.rmSync
}
syncBuiltinESMExports()
await editFile(here, file, { change: (text) => `${text}${line}\n`, cure: 'try again' })
