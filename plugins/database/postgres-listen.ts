import type { Client } from 'pg'
import { quote } from '#core/table/fields'
import { connectClient, type PostgresOptions } from './adapters/postgres.ts'
import { postgresError } from './postgres-errors.ts'

/** Milliseconds after which a connection that says nothing is asked whether it is there, and for which it may think. */
const quiet = 15_000
/** Milliseconds between two attempts to be back, at first and at most. */
const pauses = { first: 100, most: 5000 }

/** Who listens to NOTIFY, each on a connection of its own: one of the pool would hear only while nobody else has it. */
export class Listeners {
  readonly #options: PostgresOptions
  readonly #all = new Set<Listener>()

  constructor(options: PostgresOptions) {
    this.#options = options
  }

  /** @throws {DatabaseError} when it cannot listen at first */
  async listen(channel: string, heard: (payload: string) => void, missed: () => void): Promise<() => Promise<void>> {
    const listener = new Listener(this.#options, channel, heard, missed)
    this.#all.add(listener)
    const stop = async (): Promise<void> => {
      this.#all.delete(listener)
      await listener.stop()
    }
    try {
      await listener.connect()
    } catch (error) {
      await stop()
      throw postgresError(error, 'listen')
    }
    return stop
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((one) => one.stop()))
    this.#all.clear()
  }
}

class Listener {
  readonly #options: PostgresOptions
  readonly #channel: string
  readonly #heard: (payload: string) => void
  readonly #missed: () => void
  #client: Client | undefined
  #pulse: ReturnType<typeof setInterval> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #isStopped = false

  constructor(options: PostgresOptions, channel: string, heard: (payload: string) => void, missed: () => void) {
    this.#options = options
    this.#channel = channel
    this.#heard = heard
    this.#missed = missed
  }

  async connect(): Promise<void> {
    const client = await connectClient(this.#options)
    try {
      client.on('notification', ({ channel, payload = '' }) => {
        if (channel === this.#channel) this.#heard(payload)
      })
      await client.query(`listen ${quote(this.#channel)}`)
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    if (this.#isStopped) return void (await client.end())
    this.#client = client
    client.once('end', () => this.#over(client))
    client.once('error', () => this.#over(client))
    this.#pulse = setInterval(() => this.#feel(client), quiet)
    this.#pulse.unref?.()
  }

  /** A peer that is gone without a word is noticed only by asking it. */
  #feel(client: Client): void {
    const timer = setTimeout(() => this.#over(client), quiet)
    client.query('select 1').then(
      () => clearTimeout(timer),
      () => {
        clearTimeout(timer)
        this.#over(client)
      },
    )
  }

  #over(client: Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    clearInterval(this.#pulse)
    client.end().catch(() => {})
    if (!this.#isStopped) this.#again(pauses.first)
  }

  #again(pause: number): void {
    this.#retry = setTimeout(
      () => {
        this.connect().then(
          () => {
            if (!this.#isStopped) this.#missed()
          },
          () => {
            if (!this.#isStopped) this.#again(Math.min(pause * 2, pauses.most))
          },
        )
      },
      pause * (0.5 + Math.random()),
    )
    this.#retry.unref?.()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#retry)
    clearInterval(this.#pulse)
    const client = this.#client
    this.#client = undefined
    await client?.end()
  }
}
