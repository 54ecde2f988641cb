import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'

/** How a dialect says the time, and counts with it. */
export interface Moments {
  /**
   * The present moment: the database's own, so that two servers whose clocks differ decide alike; the one of a clock
   * that somebody gave, which tests travel with.
   */
  now(): string
  /** A moment some milliseconds after another. */
  after(moment: string, ms: number): string
  earlier(one: string, other: string): string
  /** Reads a moment as milliseconds since 1970. */
  ms(moment: string): string
}

export function momentsOf({ dialect }: Pick<Database, 'dialect'>, clock: Clock | undefined): Moments {
  const given = (): number => Math.floor(clock!.now())
  if (dialect === 'sqlite')
    return {
      now: () => (clock ? String(given()) : "cast(unixepoch('subsec') * 1000 as integer)"),
      after: (moment, ms) => `(${moment} + ${Math.floor(ms)})`,
      earlier: (one, other) => `min(${one}, ${other})`,
      ms: (moment) => moment,
    }
  return {
    // Not now(): that is when the transaction began. One statement sees one time, to the millisecond as columns keep it.
    now: () => (clock ? `to_timestamp(${given()} / 1000.0)` : "date_trunc('milliseconds', statement_timestamp())"),
    after: (moment, ms) => `(${moment} + interval '${Math.floor(ms)} milliseconds')`,
    earlier: (one, other) => `least(${one}, ${other})`,
    ms: (moment) => `(extract(epoch from ${moment}) * 1000)::float8`,
  }
}
