/** The knobs over HTTP, under /sandbox, for a cloud in a process of its own. */
import type { Cloud } from './cloud.ts'
import { type Fault, type Operation, operations } from './knobs.ts'
import { type Asked, jsonReply, type Reply } from './wire.ts'

type Body = Record<string, unknown>

export function controlSurface(cloud: Cloud): (asked: Asked) => Reply {
  const verbs: Record<string, (body: Body) => unknown> = {
    approve: ({ userCode }) => codes(cloud, userCode).filter(cloud.approve),
    deny: ({ userCode }) => codes(cloud, userCode).filter(cloud.deny),
    fault: (body) => cloud.fault(body as unknown as Fault),
    clear: () => cloud.clearFaults(),
    delay: ({ operation, ms }) => cloud.delay(operation as Operation, Number(ms)),
    lifetimes: (body) => cloud.lifetimes(body),
    reset: () => cloud.resetCalls(),
  }
  return ({ method, path, body }) => {
    const [, root, verb = ''] = path.split('/')
    if (root !== 'sandbox') return jsonReply({ message: 'There is nothing here.' }, 404)
    if (verb === '' && method === 'GET') return jsonReply(overview(cloud))
    const work = method === 'POST' && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (!work) return jsonReply({ verbs: Object.keys(verbs) }, 404)
    return jsonReply(work(body === '' ? {} : (JSON.parse(body) as Body)) ?? {})
  }
}

function overview(cloud: Cloud) {
  const calls = Object.fromEntries(operations.map((operation) => [operation, cloud.calls(operation)]))
  return { url: cloud.url, calls, pending: cloud.pending() }
}

function codes(cloud: Cloud, userCode: unknown): string[] {
  return typeof userCode === 'string' ? [userCode] : cloud.pending()
}
