/** Real programs that tests run where they are there. CI has them all, and must. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export function onPath(name: string): string[] {
  const folders = (process.env.PATH ?? '').split(':')
  return folders.map((folder) => join(folder, name)).filter((file) => existsSync(file))
}

/** The interpreter that has boto3. */
export const python = pythonWith('boto3')

/** An interpreter that has a module. */
export function pythonWith(module: string): string | undefined {
  return onPath('python3').find((file) => spawnSync(file, ['-c', `import ${module}`]).status === 0)
}

/** The same with what botocore renews a sign-in of `aws login` with. */
export const pythonWithCrt = onPath('python3').find(
  (file) => spawnSync(file, ['-c', 'import boto3, awscrt']).status === 0,
)

/** Each version of the `aws` command line. */
export const commandLines = new Map(
  onPath('aws').flatMap((file) => {
    const { stdout, stderr } = spawnSync(file, ['--version'], { encoding: 'utf8' })
    const version = /^aws-cli\/(\d)/.exec(stdout || stderr)?.[1]
    return version === undefined ? [] : [[version, file] as const]
  }),
)

/** What to tell tap. */
export function skipUnless(there: boolean, what: string): string | false {
  return there || process.env.CI ? false : `${what} is not installed`
}
