import { and, is, type SQL, SQL as Sql, sql } from 'drizzle-orm'
import type { Database, Dialect, Values as DriverValues } from '#core/ports/database'
import type { RowScope } from '../shaping/index.ts'
import type { Actor } from './actor.ts'
import { type Assignments, forInsert, forUpdate } from './assignments.ts'
import { refuse } from './errors.ts'
import type { Model } from './model.ts'
import type { Values } from './options.ts'
import { conditionOf, givenBy } from './row-scope.ts'
import { Statement } from './statement.ts'
import { quote, type Storage, storageOf } from './storage.ts'

export type Row = Record<string, unknown>
type ScopeOf = ((actor: Actor) => RowScope) | undefined

/** The rows of a resource: one statement for each thing that can be done with them, inside the caller's scope. */
export class Store {
  readonly model: Model
  private readonly scope: ScopeOf
  private readonly storages = new Map<Dialect, Storage & { readonly find: string }>()

  constructor(model: Model, scope: ScopeOf) {
    this.model = model
    this.scope = scope
  }

  /** Whether a write needs more than its one statement to know that it may stand. */
  get isScoped(): boolean {
    return this.scope !== undefined
  }

  async find(key: unknown, actor: Actor): Promise<Row | undefined> {
    const { db } = actor
    const storage = this.storage(db.dialect)
    if (this.scope === undefined) return rowOf(storage, await run(db, storage.find, [key]))
    const statement = new Statement(db.dialect)
    statement.text = `select ${storage.columns} from ${storage.table}${this.where(key, actor, storage, statement)}`
    return rowOf(storage, await run(db, statement.text, statement.parameters))
  }

  async insert(values: Values, actor: Actor): Promise<Row> {
    const storage = this.storage(actor.db.dialect)
    const given = givenBy(this.scope?.(actor), this.model)
    const assignments = forInsert(this.model, storage, values, given, actor)
    const statement = new Statement(actor.db.dialect)
    const columns = assignments.map(([field]) => quote(field.column)).join(', ')
    const places = assignments.map(([, bound]) => statement.bind(bound)).join(', ')
    const what = assignments.length === 0 ? 'default values' : `(${columns}) values (${places})`
    statement.text = `insert into ${storage.table} ${what} returning ${storage.key}, ${storage.columns}`
    const [row] = await actor.db.values(statement.text, statement.parameters)
    return this.kept(row!, actor, storage)
  }

  async update(key: unknown, values: Values, actor: Actor): Promise<Row | undefined> {
    const storage = this.storage(actor.db.dialect)
    const statement = new Statement(actor.db.dialect)
    const changes = this.changes(forUpdate(this.model, storage, values, actor), statement)
    const where = this.where(key, actor, storage, statement)
    statement.text = `update ${storage.table} set ${changes}${where} returning ${storage.key}, ${storage.columns}`
    const [row] = await actor.db.values(statement.text, statement.parameters)
    return row && this.kept(row, actor, storage)
  }

  /** Answers whether there was such a row. */
  async delete(key: unknown, actor: Actor): Promise<boolean> {
    const { deletedAt } = this.model
    const storage = this.storage(actor.db.dialect)
    const statement = new Statement(actor.db.dialect)
    const now = new Date(actor.clock.now()).toISOString()
    const head = deletedAt
      ? `update ${storage.table} set ${this.changes([[deletedAt, storage.bind(deletedAt, now)]], statement)}`
      : `delete from ${storage.table}`
    statement.text = `${head}${this.where(key, actor, storage, statement)} returning ${storage.key}`
    return (await actor.db.values(statement.text, statement.parameters)).length > 0
  }

  /** The rows a list is taken from, beside what its shape says. */
  reach(actor: Actor): RowScope {
    const { deletedAt } = this.model
    const scope = this.scope?.(actor)
    if (deletedAt === undefined || scope === false) return scope
    if (!is(scope, Sql)) return { ...scope, [deletedAt.name]: null }
    const name = sql.raw(`${quote(this.model.tableName)}.${quote(deletedAt.column)}`)
    return and(scope, sql`${name} is null`) as SQL
  }

  private changes(assignments: Assignments, statement: Statement): string {
    const changes = assignments.map(([field, bound]) => `${quote(field.column)} = ${statement.bind(bound)}`)
    const version = this.model.fields.find((field) => field.server === 'version')
    if (version) changes.push(`${quote(version.column)} = ${quote(version.column)} + 1`)
    return changes.join(', ')
  }

  private where(key: unknown, actor: Actor, storage: Storage, statement: Statement): string {
    const condition = conditionOf(this.scope?.(actor), this.model, storage, statement)
    const own = `${storage.table}.${storage.key} = ${statement.bind(key)}`
    return ` where ${condition === '' ? own : `${condition} and ${own}`}`
  }

  /** A row that was written must still be one that the caller may see: else the transaction is undone. */
  private async kept([key, ...values]: DriverValues, actor: Actor, storage: Storage): Promise<Row> {
    if (this.scope !== undefined) {
      const statement = new Statement(actor.db.dialect)
      statement.text = `select 1 from ${storage.table}${this.where(key, actor, storage, statement)}`
      const found = await actor.db.values(statement.text, statement.parameters)
      if (found.length === 0)
        throw refuse('KWIK_RESOURCE_OUT_OF_SCOPE', { detail: 'You may not write a row that you could not see.' })
    }
    return storage.toRow(values)
  }

  private storage(dialect: Dialect): Storage & { readonly find: string } {
    let storage = this.storages.get(dialect)
    if (!storage) {
      const made = storageOf(this.model, dialect)
      const statement = new Statement(dialect)
      const alive = conditionOf(undefined, this.model, made, statement)
      const own = `${made.key} = ${statement.bind(undefined)}`
      const where = alive === '' ? own : `${alive} and ${own}`
      storage = { ...made, find: `select ${made.columns} from ${made.table} where ${where}` }
      this.storages.set(dialect, storage)
    }
    return storage
  }
}

const run = (db: Database, text: string, parameters: readonly unknown[]): DriverValues[] | Promise<DriverValues[]> =>
  db.valuesNow?.(text, parameters) ?? db.values(text, parameters)

const rowOf = (storage: Storage, rows: readonly DriverValues[]): Row | undefined =>
  rows[0] === undefined ? undefined : storage.toRow(rows[0])
