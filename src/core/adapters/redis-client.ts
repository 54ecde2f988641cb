import type { Subscriber } from '../ports/redis.ts'

/** What the connection needs of node-redis. */
export interface RedisClient {
  isReady(): boolean
  /** Why it has no connection, as far as it knows. */
  lastError(): unknown
  /** How the first attempt to connect went; rejects when the package `redis` is not there. */
  readonly opened: Promise<'opened' | 'failed'>
  send(command: readonly string[]): Promise<unknown>
  /** Whether an error was said by Redis itself, not by the connection. */
  isReply(error: unknown): boolean
  /** Lets what is under way finish. @param limit milliseconds for it */
  close(limit: number): Promise<void>
  /** Cuts the line. */
  drop(): void
}

type Module = typeof import('redis')
type Client = ReturnType<typeof make>

/** Quick at first, then four times a second; spread, so that not all processes knock at once. */
const reconnectStrategy = (retries: number): number => Math.min(20 * 2 ** retries, 250) + Math.random() * 50

function make({ createClient }: Module, url: string) {
  return createClient({
    url,
    RESP: 3,
    // Commands would wait in it for as long as Redis is away.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    maintNotifications: 'disabled',
    socket: { reconnectStrategy, connectTimeout: 2000 },
  })
}

/** A client of node-redis that connects in the background, for ever. */
export function connect(url: string, onReady: () => void): RedisClient {
  let client: Client | undefined
  let library: Module | undefined
  let dropped = false
  let trouble: unknown
  const opened = load().then((module) => {
    library = module
    if (dropped) return new Promise<never>(() => {})
    const made = make(module, url)
    client = made
    return new Promise<'opened' | 'failed'>((resolve) => {
      // Without a listener the first lost connection would end the process.
      made.on('error', (error) => {
        trouble = error
        resolve('failed')
      })
      made.on('ready', () => {
        trouble = undefined
        onReady()
        resolve('opened')
      })
      // It rejects when it is dropped: whoever waits has a deadline of his own.
      made.connect().catch(() => {})
    })
  })
  opened.catch(() => {})
  const drop = (): void => {
    dropped = true
    if (client?.isOpen) client.destroy()
  }
  return {
    opened,
    isReady: () => client?.isReady === true,
    lastError: () => trouble,
    send: (command) => client!.sendCommand([...command]),
    isReply: (error) => library !== undefined && error instanceof library.ErrorReply,
    drop,
    async close(limit) {
      if (client?.isReady) {
        const late = new Promise((resolve) => setTimeout(resolve, limit))
        await Promise.race([client.close().catch(() => {}), late])
      }
      drop()
    },
  }
}

/** A line that only hears, and comes back by itself. */
export function listen(url: string, channels: readonly string[], subscriber: Subscriber): { close(): Promise<void> } {
  let client: Client | undefined
  let closed = false
  const hear = (text: string, channel: string): void => subscriber.message(text, channel)
  const start = (module: Module): void => {
    if (closed) return
    const made = make(module, url)
    client = made
    made.on('error', () => subscriber.lost())
    made.on('end', () => subscriber.lost())
    // Said again each time: the first attempt may have been lost with its connection.
    made.on('ready', () => {
      made.unref()
      made.subscribe([...channels], hear).then(
        () => subscriber.opened(),
        () => {},
      )
    })
    made.connect().catch(() => {})
  }
  // Whoever needs Redis is told by its first command that the package is not there.
  load().then(start, () => {})
  return {
    async close() {
      closed = true
      if (client?.isOpen) client.destroy()
    },
  }
}

async function load(): Promise<Module> {
  try {
    return await import('redis')
  } catch (cause) {
    throw new Error('Redis needs the package "redis": bun add redis', { cause })
  }
}
