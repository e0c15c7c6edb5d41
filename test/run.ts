/** Runs the tests with tap and ends with one line that says how they went. Arguments are handed on to tap. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const tap = spawn('tap', ['--reporter=tap', ...process.argv.slice(2)], {
  stdio: ['inherit', 'pipe', 'inherit'],
})
let totals = ''
for await (const line of createInterface({ input: tap.stdout })) {
  process.stdout.write(`${line}\n`)
  if (line.startsWith('# { total:')) totals = line
}
const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0)
process.stdout.write(
  `${count('pass')} passed, ${count('fail')} failed, ${count('skip') + count('todo')} skipped\n`,
)
if (tap.exitCode === null) await new Promise((resolve) => tap.once('exit', resolve))
process.exitCode = tap.exitCode ?? 1
