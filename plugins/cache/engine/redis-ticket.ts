import { type Ends, LocalTicket } from './ends.ts'
import type { Seen } from './redis-store.ts'

/** What this process knew when it asked Redis. */
export interface Moment {
  readonly names: readonly string[]
  readonly since: number
  readonly epoch: number
  readonly sent: number
  readonly at: number
}

export class RedisTicket extends LocalTicket {
  readonly seen: Seen
  readonly moment: Moment

  constructor(ends: Ends, moment: Moment, key: string, tags: readonly string[], seen: Seen) {
    const storable = !seen.versions.some((version) => version.startsWith('P '))
    const stamp = [seen.run, ...seen.versions].join('.')
    super({ ends, ...moment }, { key, tags, stamp, shared: `${stamp}.${seen.id}`, storable })
    this.seen = seen
    this.moment = moment
  }
}

/** Of a look while nothing was heard: no copy of it is certain. */
export const deaf = -1
