import { connect } from 'node:net'

export interface RawAnswer {
  /** Everything that came before the connection ended or the answer was whole. */
  text: string
  status: number
  headers: Record<string, string>
  body: string
}

/** Sends bytes to a loopback port and reads what comes back until the server closes or `quietMs` pass in silence. */
export function raw(port: number, bytes: string, quietMs = 400): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    const finish = () => {
      socket.destroy()
      resolve(parsed(text))
    }
    socket.setTimeout(quietMs, finish)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (isWhole(text, bytes.startsWith('HEAD'))) finish()
    })
    socket.once('close', finish)
    socket.once('error', (error: NodeJS.ErrnoException) =>
      text === '' && error.code === 'ECONNREFUSED' ? reject(error) : finish(),
    )
    socket.write(bytes)
  })
}

function isWhole(text: string, headOnly: boolean): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, head))?.[1] ?? Number.NaN)
  return headOnly || text.length - head - 4 >= length
}

function parsed(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
    }),
  )
  return { text, status: Number(line.split(' ')[1]) || 0, headers, body: rest.join('\r\n\r\n') }
}

/** All that comes on one connection; `answer` is told each time and may write more. */
export function conversation(
  port: number,
  begin: string,
  answer: (seen: string, say: (text: string) => void) => boolean,
) {
  return new Promise<string>((resolve) => {
    let seen = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(begin))
    socket.on('data', (chunk) => {
      seen += chunk.toString()
      if (answer(seen, (text) => socket.write(text))) socket.destroy()
    })
    socket.setTimeout(2_000, () => socket.destroy())
    socket.once('close', () => resolve(seen))
  })
}
