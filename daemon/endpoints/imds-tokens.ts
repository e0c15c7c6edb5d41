/** The session tokens of one IMDSv2 listener: an end and a signature over it, so that nothing has to be kept. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../system/clock.ts'

export interface ImdsTokens {
  issue(ttlSeconds: number): string
  /** Whether it is a token of this listener whose end has not come. */
  isValid(token: string): boolean
}

const END_BYTES = 8
const SIGNED_BYTES = END_BYTES + 32

/** `key` is this listener's alone, so that no other listener takes its tokens, nor a daemon after this one. */
export function imdsTokens(key: Buffer, clock: Clock): ImdsTokens {
  const signature = (end: Buffer) => createHmac('sha256', key).update(end).digest()
  return {
    issue(ttlSeconds) {
      const end = Buffer.alloc(END_BYTES)
      end.writeBigUInt64BE(BigInt(clock.now() + ttlSeconds * 1000))
      return Buffer.concat([end, signature(end)]).toString('base64url')
    },
    isValid(token) {
      const bytes = Buffer.from(token.slice(0, 2 * SIGNED_BYTES), 'base64url')
      if (bytes.length !== SIGNED_BYTES || bytes.toString('base64url') !== token) return false
      const end = bytes.subarray(0, END_BYTES)
      const genuine = timingSafeEqual(bytes.subarray(END_BYTES), signature(end))
      return genuine && Number(end.readBigUInt64BE()) > clock.now()
    },
  }
}
