import type { Socket } from 'bun'
import type { Scenario } from './scenarios.ts'

/**
 * The load where wrk is not installed: keep-alive connections over bare sockets, one request under way on each.
 * It reads no more of an answer than its status and its length.
 */
interface Given {
  readonly scenario: Scenario
  readonly port: number
  readonly seconds: number
  readonly connections: number
}
interface Connection {
  rest: Buffer
  at: number
}

const { scenario, port, seconds, connections } = JSON.parse(process.argv[2]!) as Given
const { method, paths, headers, body = '' } = scenario
const said: string = Object.entries({
  host: `127.0.0.1:${port}`,
  ...headers,
  ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }),
})
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')
const texts: readonly Buffer[] = paths.map((path) => Buffer.from(`${method} ${path} HTTP/1.1\r\n${said}\r\n${body}`))

let requests = 0
let errors = 0
let over = false

/** Bytes of the first answer in a buffer, or `undefined` while it is not whole. */
function lengthOf(buffer: Buffer): number | undefined {
  const head = buffer.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const text = buffer.toString('latin1', 0, head)
  if (text.charCodeAt(9) !== 50) errors++
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  if (length !== undefined) return head + 4 + Number(length)
  const end = buffer.indexOf('0\r\n\r\n', head + 4)
  return end === -1 ? undefined : end + 5
}

function ask(socket: Socket<Connection>): void {
  if (over) return
  const { data } = socket
  data.at = (data.at + 1) % texts.length
  socket.write(texts[data.at]!)
}

const sockets = Array.from({ length: connections }, (_, at) =>
  Bun.connect<Connection>({
    hostname: '127.0.0.1',
    port,
    data: { rest: Buffer.alloc(0), at },
    socket: {
      open: ask,
      data(socket, chunk) {
        const { data } = socket
        const buffer = data.rest.length === 0 ? chunk : Buffer.concat([data.rest, chunk])
        const length = lengthOf(buffer)
        if (length === undefined || buffer.length < length) {
          data.rest = buffer
          return
        }
        data.rest = buffer.subarray(length)
        requests++
        ask(socket)
      },
      close() {
        if (!over) errors++
      },
    },
  }),
)
const from = performance.now()
await Promise.all(sockets)
await Bun.sleep(seconds * 1000)
over = true
console.log(`load ${requests} ${(performance.now() - from) / 1000} ${errors}`)
process.exit(0)
