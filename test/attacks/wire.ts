import { connect } from 'node:net'
import type { AnyElysia } from 'elysia'

/** An app on a port of its own, asked by bytes that no decent client would send. */
export interface Wire {
  readonly port: number
  /** What it answers until it is silent or closes. */
  send(text: string): Promise<string>
  /** The status of a GET with these header lines. */
  get(path: string, ...lines: readonly string[]): Promise<number>
}

/** Listens for the time of `run`. */
export async function onWire<T>(app: AnyElysia, run: (wire: Wire) => Promise<T>): Promise<T> {
  app.listen({ port: 0, hostname: '127.0.0.1' })
  const port = app.server!.port!
  const send = (text: string): Promise<string> =>
    new Promise((settle) => {
      let answer = ''
      const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text, 'latin1'))
      socket.on('data', (data) => (answer += data.toString('latin1')))
      socket.on('close', () => settle(answer))
      socket.on('error', () => settle(answer))
    })
  try {
    return await run({
      port,
      send,
      get: async (path, ...lines) => {
        const said = lines.some((line) => /^host:/i.test(line)) ? lines : ['Host: localhost', ...lines]
        return Number(
          (await send(`GET ${path} HTTP/1.1\r\n${said.join('\r\n')}\r\nConnection: close\r\n\r\n`)).split(' ')[1],
        )
      },
    })
  } finally {
    await app.stop(true)
  }
}
