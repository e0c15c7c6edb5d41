/**
 * The demo: a cloud, a daemon and a tool in a temporary home, offline. Signs in, runs a program under `atmosctl exec`
 * with 60-second credentials until they have been renewed twice, and leaves nothing behind.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { type Cloud, startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { testHome } from '../helpers/house.ts'

const LIFETIME_SECONDS = 60
const PROGRAM = join(import.meta.dirname, 'program.ts')

const home = testHome()
const cloud = await startCloud({
  lifetimes: { roleCredentialsSeconds: LIFETIME_SECONDS, assumeRoleSeconds: LIFETIME_SECONDS },
})
home.config(exampleConfig(cloud.url))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave(130))

try {
  say(
    '1',
    'A sandbox cloud and an empty home',
    `IAM Identity Center, its portal and STS, offline at ${cloud.url}`,
  )
  say('2', 'Sign in', 'atmosctl login --no-browser')
  const human = playHuman(cloud)
  await run(['login', '--no-browser'])
  await human
  say('3', 'What there is now', 'atmosctl list --format tree')
  await run(['list', '--format', 'tree'])
  say(
    '4',
    'A program with credentials that live for a minute',
    'atmosctl exec -i prod-admin -- node program.ts',
  )
  await run(['exec', '-i', 'prod-admin', '--', process.execPath, PROGRAM], {
    AWS_ENDPOINT_URL_STS: cloud.url,
    TERM: process.env.TERM ?? '',
  })
  say('5', 'What the daemon did', 'atmosctl status')
  await run(['status'])
  const count = (operation: 'GetRoleCredentials' | 'AssumeRole') => `${operation} ${cloud.calls(operation)}×`
  print(`\nThe cloud was asked: ${count('GetRoleCredentials')}, ${count('AssumeRole')}; a person once.`)
  await leave(0)
} catch (error) {
  print(`\nThe demo failed: ${(error as Error).message}`)
  await leave(1)
}

/** Does in the sandbox what a person does in the browser. */
async function playHuman({ pending, approve }: Cloud): Promise<void> {
  while (pending().length === 0) await sleep(50)
  await sleep(1_200)
  for (const userCode of pending()) approve(userCode)
}

async function run(args: string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../client/bin/atmosctl.cjs'), ...args],
    {
      cwd: home.project,
      env: { ...home.env, ...colors(), ...env },
      stdio: 'inherit',
    },
  )
  const code = await new Promise((resolve) =>
    child.once('exit', (status, signal) => resolve(signal ?? status)),
  )
  if (code !== 0) throw new Error(`atmosctl ${args[0]} ended with ${code}`)
}

function colors(): Record<string, string> {
  const { NO_COLOR, FORCE_COLOR } = process.env
  return { ...(NO_COLOR ? { NO_COLOR } : {}), ...(FORCE_COLOR ? { FORCE_COLOR } : {}) }
}

function say(number: string, title: string, detail: string): void {
  print(
    `\n${styleText(['bold', 'cyan'], number)}  ${styleText('bold', title)}\n   ${styleText('dim', detail)}\n`,
  )
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function leave(code: number): Promise<never> {
  await home.remove()
  await cloud.close()
  if (code === 0) print('Stopped the daemon and the cloud, and removed the home.')
  process.exit(code)
}
