import type { Database } from '#core/ports/database'
import { facadeOf } from './facade.ts'
import type { Engine } from './session.ts'

/** A state of a database, from which copies are made. */
export interface Template {
  /** Makes one copy. */
  copy(): Promise<Engine>
}

/**
 * Keeps a state of a database that copies start from, so that `isolate` need not make it each time. From `kwik/database`, for tests.
 *
 * @param prepare makes the state: migrations, rows that every test needs. On SQLite it runs on a copy and `database` stays
 *   as it is; on PostgreSQL it runs on the database itself, for a transaction sees what is committed: give tests one of their own.
 * @example
 * const template = await templateOf(db, async () => { await migrate(db, { folder: 'migrations' }) })
 * await isolate(db, async () => { await db.execute('delete from products') }, template)
 */
export async function templateOf(database: Database, prepare?: () => Promise<unknown>): Promise<Template> {
  const facade = facadeOf(database)
  if (!prepare) return facade.engine.template()
  if (database.dialect === 'postgresql') {
    await prepare()
    return facade.engine.template()
  }
  const copy = await (await facade.engine.template()).copy()
  try {
    await facade.within(copy, prepare)
    return await copy.template()
  } finally {
    await copy.close()
  }
}

/**
 * Runs with a copy of the database behind the same object: everything that `run` and what it calls does to `database`
 * is gone afterwards, and nobody else sees it. From `kwik/database`, for tests.
 *
 * SQLite copies the bytes into memory. PostgreSQL runs in one transaction that is rolled back at the end: `tx()` is a
 * savepoint of it, and everything runs on one connection. Requests join through `app.handle`; over a socket they do not.
 *
 * @param template a state to start from, instead of the present one
 * @example
 * await isolate(db, async () => { await db.execute('delete from products') })
 */
export async function isolate<T>(database: Database, run: () => Promise<T> | T, template?: Template): Promise<T> {
  const copy = await (template ?? (await templateOf(database))).copy()
  try {
    return await facadeOf(database).within(copy, async () => run())
  } finally {
    await copy.close()
  }
}
