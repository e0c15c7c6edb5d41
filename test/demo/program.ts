/**
 * A program as anybody writes it: the AWS SDK with its default credentials, and no word of atmosd. It asks every few
 * seconds who it is, and ends once its credentials have been renewed twice.
 */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify, styleText } from 'node:util'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const RENEWALS = 2
const EVERY_MS = 3_000
const LONGEST_MS = 150_000
const started = Date.now()
const sts = new STSClient({})
let key = ''
let renewals = -1

while (renewals < RENEWALS) {
  if (Date.now() - started > LONGEST_MS) throw new Error('the credentials were not renewed in time')
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}))
  const credentials = await sts.config.credentials()
  const left = Math.round(((credentials.expiration?.getTime() ?? 0) - Date.now()) / 1000)
  if (credentials.accessKeyId !== key) {
    key = credentials.accessKeyId
    renewals += 1
    clear()
    const what = renewals === 0 ? 'first credentials' : `renewed, ${renewals} of ${RENEWALS}`
    line(`${styleText('green', '●')} ${what}: ${styleText('bold', key)}, ${left} s left`)
    line(`  ${styleText('dim', `SDK      ${Arn}`)}`)
    await askCli()
  }
  progress(left)
  if (renewals < RENEWALS) await sleep(EVERY_MS)
}
clear()

/** The same question by the `aws` command line, where it is installed. */
async function askCli(): Promise<void> {
  const endpoint = process.env.AWS_ENDPOINT_URL_STS ?? ''
  const args = [
    'sts',
    'get-caller-identity',
    '--query',
    'Arn',
    '--output',
    'text',
    '--endpoint-url',
    endpoint,
  ]
  try {
    const { stdout } = await promisify(execFile)('aws', args)
    line(`  ${styleText('dim', `aws CLI  ${stdout.trim()}`)}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    if (renewals === 0) line(`  ${styleText('dim', 'aws CLI  (not installed here)')}`)
  }
}

function progress(left: number): void {
  if (!process.stdout.isTTY) return
  const filled = Math.max(0, Math.min(30, Math.round(left / 2)))
  process.stdout.write(
    `\r  ${styleText('cyan', '━'.repeat(filled))}${styleText('dim', '─'.repeat(30 - filled))} ${left} s left, ${Math.round((Date.now() - started) / 1000)} s running `,
  )
}

function clear(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K')
}

function line(text: string): void {
  process.stdout.write(`   ${text}\n`)
}
