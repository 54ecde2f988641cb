import type { Database } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import { tagChannel } from './triggers.ts'

/** What ends: a cache. */
export interface Ends {
  invalidate(...tags: readonly string[]): Promise<unknown>
  clear(): Promise<unknown>
}

export interface ListenOptions {
  /** Told where something that ended could not be. @default nobody */
  readonly logger?: Logger
}

/**
 * Ends what the triggers of `notifyTriggers` say, over a connection of its own. What was said while that was broken is
 * lost: when it is back, everything ends. From `kwik/cache`.
 *
 * It takes a direct connection, or a pooler in session mode: in transaction mode LISTEN hears nothing. With Redis one
 * process that listens is enough; in memory each must.
 *
 * @returns how to stop it, once it hears
 * @throws {TypeError} for SQLite, which tells nobody
 * @throws {DatabaseError} when the database cannot be reached
 * @example const stop = await listenForTags(database, cache)
 */
export async function listenForTags(
  database: Database,
  cache: Ends,
  { logger }: ListenOptions = {},
): Promise<() => Promise<void>> {
  if (!database.listen)
    throw new TypeError(`listenForTags needs PostgreSQL: ${database.dialect} tells nobody of what changes`)
  const orLog = (ending: Promise<unknown>): void => {
    ending.catch((error) => logger?.error('What the database said has ended could not be.', { error }))
  }
  return database.listen(
    tagChannel,
    (payload) => {
      const tags = tagsIn(payload)
      // Anybody may say anything on a channel.
      orLog(tags === undefined ? cache.clear() : cache.invalidate(...tags))
    },
    () => orLog(cache.clear()),
  )
}

function tagsIn(payload: string): readonly string[] | undefined {
  try {
    const tags: unknown = JSON.parse(payload)
    if (Array.isArray(tags) && tags.every((tag): tag is string => typeof tag === 'string')) return tags
  } catch {
    // Not ours.
  }
  return undefined
}
