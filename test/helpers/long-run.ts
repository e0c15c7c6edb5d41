/** A run of terraform that outlives the tokens that it begins with, with its state in a bucket. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { finished, type TestHome } from './house.ts'

/** `backend` is the block's text; the apply sleeps for `seconds`. */
export async function longRun(
  t: Test,
  start: (...command: string[]) => ReturnType<TestHome['start']>,
  { folder, backend, seconds }: { folder: string; backend: string; seconds: number },
): Promise<void> {
  mkdirSync(folder)
  const slow = `provisioner "local-exec" {\n command = "sleep ${seconds}"\n }`
  const resource = `resource "terraform_data" "slow" {\n input = "kept"\n ${slow}\n}`
  writeFileSync(join(folder, 'main.tf'), `terraform {\n backend ${backend}\n}\n${resource}\n`)
  const script = `cd ${folder} && terraform init -no-color -input=false && terraform plan -no-color -out=plan && terraform apply -no-color plan`
  const { code, stdout, stderr } = await finished(start('sh', '-c', script))
  t.equal(code, 0, stdout + stderr)
  t.match(stdout, /1 added, 0 changed, 0 destroyed/)
}
