import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Database } from '#core/ports/database'
import { databaseProblem } from './problem.ts'

export interface DatabasePluginOptions {
  /** Close the database when the app stops; `false` when the program uses it afterwards. @default true */
  readonly closeOnStop?: boolean
}

export type DatabasePlugin = KwikPlugin<{ decorator: { db: Database } }>

/**
 * Hands the database to handlers as `db`, answers its refusals as problems, closes it when the app stops. From `kwik/database`.
 *
 * @example
 * const db = openDatabase({ url: 'sqlite:./data/app.sqlite' })
 * const app = new Elysia().use(core({ database: db })).use(database(db))
 *   .get('/time', ({ db }) => db.values('select 1'), { public: true })
 */
export function database(db: Database, options: DatabasePluginOptions = {}): DatabasePlugin {
  const { closeOnStop = true } = options
  return definePlugin<DatabasePlugin, { readonly db: Database; readonly closeOnStop: boolean }>({
    name: 'database',
    options: { db, closeOnStop },
    keys: [],
    decorate: { db },
    setup: () => ({
      database: db,
      problemOf: databaseProblem,
      ...(closeOnStop && { stop: () => db.close() }),
    }),
  })
}
