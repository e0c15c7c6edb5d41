/** Asks STS who it is with the AWS SDK's default credentials, each time that a line comes in; prints a JSON line. */
import { createInterface } from 'node:readline'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const sts = new STSClient({})
for await (const _ of createInterface({ input: process.stdin })) {
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
