/** `GET /console/<door>`: sends a browser on to the web console, once. The guards have looked at who asks. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Doors } from '../operations/doors.ts'

export const DOOR_PATH = '/console'

/** The address behind it is a secret: nothing keeps it, and no page learns of it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'",
  Connection: 'close',
}

const GONE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Nothing here</title>
<h1>This address was good once</h1><p>It has been used, or its time is over. Run <code>atmosctl console</code> again.</p></html>`

export function consoleDoor({ pass }: Pick<Doors, 'pass'>) {
  return (request: FastifyRequest, reply: FastifyReply) => {
    const { id = '' } = request.params as { id?: string }
    const target = pass(id)
    reply.headers(HEADERS)
    return target
      ? reply.code(303).header('Location', target.reveal()).send()
      : reply.code(410).header('Content-Type', 'text/html; charset=utf-8').send(GONE)
  }
}
