/**
 * Asks STS who it is with the AWS SDK's default credentials, each time that a line comes in; prints a JSON line.
 * A number in the line is how many milliseconds the clock is ahead from then on.
 */
import { createInterface } from 'node:readline'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const Real = Date
let ahead = 0
globalThis.Date = class extends Real {
  constructor(...args: []) {
    if (args.length === 0) super(Real.now() + ahead)
    else super(...args)
  }
  static override now(): number {
    return Real.now() + ahead
  }
} as DateConstructor

const sts = new STSClient({})
for await (const line of createInterface({ input: process.stdin })) {
  ahead = Number(line)
  try {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}))
    const { accessKeyId, expiration } = await sts.config.credentials()
    process.stdout.write(
      `${JSON.stringify({ arn: Arn, key: accessKeyId, expiresAt: expiration?.getTime() })}\n`,
    )
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`)
  }
}
