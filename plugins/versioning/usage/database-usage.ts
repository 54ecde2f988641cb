import { createHash } from 'node:crypto'
import { consoleLogger } from '#core/adapters/console-logger'
import type { Database } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import { Tally, type Usage, type UsageStore } from './usage.ts'

export interface DatabaseUsageOptions {
  /** Seconds between a request and the row that counts it. @default 10 */
  readonly every?: number
  /** Where it is told that the database did not take them. @default the console */
  readonly logger?: Logger
}

/** Sums that wait together at most: then they are stored at once. */
const most = 1000
const table = '"kwik_version_usage"'

/**
 * Keeps usage in the app's database, in {@link versionUsage}: all processes count together, and `kwik versions usage` can
 * tell. Requests do not wait for it; a process that dies loses the last seconds. From `kwik/versioning`.
 *
 * @example versions({ vendor: 'shop', list, usage: databaseUsage(database) })
 */
export function databaseUsage(
  database: Database,
  { every = 10, logger = consoleLogger }: DatabaseUsageOptions = {},
): UsageStore {
  const tally = new Tally()
  let timer: ReturnType<typeof setTimeout> | undefined
  let writing: Promise<void> = Promise.resolve()
  const place = (at: number): string => (database.dialect === 'sqlite' ? `?${at}` : `$${at}`)
  const upsert = `insert into ${table} ("id", "day", "version", "route", "client", "requests")
    values (${[1, 2, 3, 4, 5, 6].map(place).join(', ')})
    on conflict ("id") do update set "requests" = ${table}."requests" + excluded."requests"`

  const store = async (all: readonly Usage[]): Promise<void> => {
    try {
      await database.tx(async () => {
        // In one order, so that processes that store at once do not wait for each other in a ring.
        for (const one of all.map(rowOf).sort((a, b) => (a[0]! < b[0]! ? -1 : 1))) await database.execute(upsert, one)
      })
    } catch (error) {
      for (const one of all.slice(0, most)) tally.add(one)
      logger.warning('the usage of versions could not be stored: it is tried again', { error })
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const all = tally.take()
    if (all.length > 0) writing = writing.then(() => store(all))
    return writing
  }

  return {
    add(usage) {
      tally.add(usage)
      if (tally.size >= most) void flush()
      timer ??= unref(setTimeout(() => void flush(), every * 1000))
    },
    async read(since = '') {
      const rows = await database.values(
        `select "day", "version", "route", "client", "requests" from ${table} where "day" >= ${place(1)} order by "day"`,
        [since],
      )
      return rows.map(([day, version, route, client, requests]) => ({
        day: String(day),
        version: String(version),
        route: String(route),
        client: String(client),
        requests: Number(requests),
      }))
    },
    flush,
  }
}

function rowOf({ day, version, route, client, requests }: Usage): (string | number)[] {
  const about = [day, version, route.slice(0, 300), client.slice(0, 300)]
  return [createHash('sha256').update(JSON.stringify(about)).digest('base64url'), ...about, requests]
}

/** What waits to be counted keeps no program alive. */
function unref(timer: ReturnType<typeof setTimeout>): ReturnType<typeof setTimeout> {
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}
