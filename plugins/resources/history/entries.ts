import { currentScope } from '#core/context'
import { orderedUuids } from '#core/internal/uuid'
import type { Database, Dialect } from '#core/ports/database'
import { scopeOf } from '#core/scope'
import { codecOf } from '#core/table/codec'
import { quote } from '#core/table/fields'
import type { Actor } from '../actor.ts'
import type { Model } from '../model.ts'
import { Statement } from '../statement.ts'
import type { RowChange, Watcher, Written } from '../watch.ts'
import { changesOf, comparedOf } from './diff.ts'
import type { ResolvedHistoryOptions } from './options.ts'

/** Rows of one statement: no database takes any number of parameters. */
const atOnce = 500
/** Between two sweeps of what is kept no longer, in milliseconds. */
const sweepEvery = 3_600_000

/** Writes an entry for each row that a write changed, in the transaction of the write. */
export function historyWatcher(model: Model, { table, redacted, keep }: ResolvedHistoryOptions): Watcher {
  const compared = comparedOf(model.fields)
  const version = model.fields.find((field) => field.server === 'version')
  const ids = orderedUuids()
  const fields = Object.values(table.fields)
  const columns = fields.map((field) => quote(field.column)).join(', ')
  let swept = 0

  const bound = (dialect: Dialect, entry: Readonly<Record<string, unknown>>): unknown[] =>
    fields.map((field) => {
      const value = entry[field.name]
      return value === null || value === undefined ? null : codecOf(dialect, field).toDriver(value)
    })

  const entriesOf = ({ action, actor, changes }: Written): Record<string, unknown>[] => {
    const now = actor.clock.now()
    const whose = { ...callerOf(actor), resource: model.name, action, at: new Date(now).toISOString() }
    return changes.flatMap((change) => {
      const fieldChanges = changesOf(change, compared, redacted)
      if (fieldChanges === undefined) return []
      return [{ ...whose, id: ids(now), recordId: change.id, version: versionIn(change), changes: fieldChanges }]
    })
  }

  const versionIn = ({ before, after }: RowChange): unknown => version && (after ?? before)?.[version.name]

  const sweep = (db: Database, now: number): void => {
    if (keep === undefined || now - swept < sweepEvery) return
    swept = now
    const statement = new Statement(db.dialect)
    const at = codecOf(db.dialect, table.fields.at).toDriver(new Date(now - keep).toISOString())
    const old = `"resource" = ${statement.bind(model.name)} and "at" < ${statement.bind(at)}`
    // What fails here is done an hour later.
    db.execute(`delete from ${quote(table.name)} where ${old}`, statement.parameters).catch(() => {})
  }

  return async (written) => {
    const { actor } = written
    const { db } = actor
    const entries = entriesOf(written)
    for (let at = 0; at < entries.length; at += atOnce) {
      const statement = new Statement(db.dialect)
      const rows = entries.slice(at, at + atOnce).map(
        (entry) =>
          `(${bound(db.dialect, entry)
            .map((value) => statement.bind(value))
            .join(', ')})`,
      )
      statement.text = `insert into ${quote(table.name)} (${columns}) values ${rows.join(', ')}`
      await db.execute(statement.text, statement.parameters)
    }
    if (entries.length > 0) db.afterCommit(() => sweep(db, actor.clock.now()))
  }
}

/** Who did it, who really did it, and in which request: of a call of the service, the request it was made in. */
function callerOf({ principal, request }: Actor): Record<string, unknown> {
  const own = scopeOf(request)
  const around = own.app === undefined ? currentScope() : own
  const impersonator =
    principal?.actor ?? (around?.principal?.id === principal?.id ? around?.principal?.actor : undefined)
  return {
    actorId: bounded(principal?.id),
    impersonatorId: bounded(impersonator?.id),
    requestId: bounded(around?.id),
  }
}

const bounded = (id: string | undefined): string | null => id?.slice(0, 255) ?? null
