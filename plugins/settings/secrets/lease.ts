import type { SecretContext } from './provider.ts'

/** Something that is good for a time: a token, credentials of a role. */
export interface Leased<T> {
  readonly value: T
  /** In milliseconds since 1970. */
  readonly expires: number
}

/** What is left of a lease when it is renewed: requests that carry it take their time. */
const early = 60_000

/** Obtains something once for all who need it at one time, and anew shortly before it ends. */
export class Lease<T> {
  private readonly obtain: (context: SecretContext, before: T | undefined) => Promise<Leased<T>>
  private held: Leased<T> | undefined
  private running: Promise<Leased<T>> | undefined

  constructor(obtain: (context: SecretContext, before: T | undefined) => Promise<Leased<T>>) {
    this.obtain = obtain
  }

  async get(context: SecretContext): Promise<T> {
    return (await this.lease(context)).value
  }

  async lease(context: SecretContext): Promise<Leased<T>> {
    const now = context.clock.now()
    // What is good for less than a minute altogether is used for half of that time.
    if (this.held && now < this.held.expires - Math.min(early, (this.held.expires - this.since) / 2)) return this.held
    this.running ??= this.obtain(context, this.held?.value)
      .then((leased) => {
        this.since = context.clock.now()
        this.held = leased
        return leased
      })
      .finally(() => {
        this.running = undefined
      })
    return this.running
  }

  /** Forgets it: the store did not take it. */
  drop(): void {
    this.held = undefined
  }

  private since = 0
}
