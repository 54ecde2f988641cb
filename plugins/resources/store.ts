import { DatabaseError, databaseErrorIn } from '#core/database-error'
import type { Database, Dialect, Values as DriverValues } from '#core/ports/database'
import { columnOf } from '#core/table/columns'
import { isDefinition, quote } from '#core/table/fields'
import type { RowScope } from '../shaping/index.ts'
import type { Actor } from './actor.ts'
import { type Assignments, forInsert, forUpdate } from './assignments.ts'
import { refuse } from './errors.ts'
import type { Model } from './model.ts'
import type { Values } from './options.ts'
import { conditionOf, givenBy } from './row-scope.ts'
import { Statement } from './statement.ts'
import { type Storage, storageOf } from './storage.ts'

export type Row = Record<string, unknown>
type ScopeOf = ((actor: Actor) => RowScope) | undefined

/** The rows of a resource: one statement for each thing that can be done with them, inside the caller's scope. */
export class Store {
  readonly model: Model
  private readonly own: ScopeOf
  private readonly ofList: ScopeOf
  private readonly storages = new Map<Dialect, Storage & { readonly find: string }>()

  /**
   * @param own the resource's scope
   * @param ofList the scope of its list, which holds for single rows too
   */
  constructor(model: Model, own: ScopeOf, ofList: ScopeOf) {
    this.model = model
    this.own = own
    this.ofList = ofList
  }

  /** Whether a write needs more than its one statement to know that it may stand. */
  get isScoped(): boolean {
    return this.own !== undefined || this.ofList !== undefined
  }

  async find(key: unknown, actor: Actor): Promise<Row | undefined> {
    const { db } = actor
    const storage = this.storage(db.dialect)
    if (!this.isScoped) return rowOf(storage, await run(db, storage.find, [key]))
    const statement = new Statement(db.dialect)
    statement.text = `select ${storage.columns} from ${storage.table}${this.where(key, actor, storage, statement)}`
    return rowOf(storage, await run(db, statement.text, statement.parameters))
  }

  async insert(values: Values, actor: Actor): Promise<Row> {
    const storage = this.storage(actor.db.dialect)
    const given = givenBy(this.scopes(actor), this.model)
    const assignments = forInsert(this.model, storage, values, given, actor)
    const statement = new Statement(actor.db.dialect)
    const columns = assignments.map(([field]) => quote(field.column)).join(', ')
    const places = assignments.map(([, bound]) => statement.bind(bound)).join(', ')
    const what = assignments.length === 0 ? 'default values' : `(${columns}) values (${places})`
    statement.text = `insert into ${storage.table} ${what} returning ${storage.readKey}, ${storage.columns}`
    const [row] = await this.write(actor, statement)
    return this.kept(row!, actor, storage)
  }

  async update(key: unknown, values: Values, actor: Actor): Promise<Row | undefined> {
    const storage = this.storage(actor.db.dialect)
    const statement = new Statement(actor.db.dialect)
    const changes = this.changes(forUpdate(this.model, storage, values, actor), statement)
    if (changes === '') return this.find(key, actor)
    const where = this.where(key, actor, storage, statement)
    statement.text = `update ${storage.table} set ${changes}${where} returning ${storage.readKey}, ${storage.columns}`
    const [row] = await this.write(actor, statement)
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
    statement.text = `${head}${this.where(key, actor, storage, statement)} returning 1`
    return (await this.write(actor, statement)).length > 0
  }

  /** The rows a list is taken from, beside what its shape says. */
  reach(actor: Actor): readonly RowScope[] {
    const { deletedAt } = this.model
    return [this.own?.(actor), ...(deletedAt ? [{ [deletedAt.name]: null }] : [])]
  }

  private scopes(actor: Actor): readonly RowScope[] {
    return [this.own?.(actor), this.ofList?.(actor)]
  }

  private async write({ db }: Actor, { text, parameters }: Statement): Promise<DriverValues[]> {
    try {
      return await db.values(text, parameters)
    } catch (error) {
      throw inFieldsOf(this.model, error)
    }
  }

  private changes(assignments: Assignments, statement: Statement): string {
    const changes = assignments.map(([field, bound]) => `${quote(field.column)} = ${statement.bind(bound)}`)
    const version = this.model.fields.find((field) => field.server === 'version')
    if (version) changes.push(`${quote(version.column)} = ${quote(version.column)} + 1`)
    return changes.join(', ')
  }

  private where(key: unknown, actor: Actor, storage: Storage, statement: Statement): string {
    const condition = conditionOf(this.scopes(actor), this.model, storage, statement)
    const own = `${storage.table}.${storage.key} = ${statement.bind(key)}`
    return ` where ${condition === '' ? own : `${condition} and ${own}`}`
  }

  /** A row that was written must still be one that the caller may see: else the transaction is undone. */
  private async kept([key, ...values]: DriverValues, actor: Actor, storage: Storage): Promise<Row> {
    if (this.isScoped) {
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
      const alive = conditionOf([], this.model, made, statement)
      const own = `${made.key} = ${statement.bind(undefined)}`
      const where = alive === '' ? own : `${alive} and ${own}`
      storage = { ...made, find: `select ${made.columns} from ${made.table} where ${where}` }
      this.storages.set(dialect, storage)
    }
    return storage
  }
}

/** A plain table's columns may have other names than its fields, which are what a client knows. */
function inFieldsOf({ table, fields }: Model, error: unknown): unknown {
  const known = isDefinition(table) ? undefined : databaseErrorIn(error)
  if (known === undefined) return error
  const columns = known.columns.map((column) => columnOf(fields.find((one) => one.column === column)?.name ?? column))
  return new DatabaseError({ ...known, columns, statement: known.verb }, known.cause)
}

const run = (db: Database, text: string, parameters: readonly unknown[]): DriverValues[] | Promise<DriverValues[]> =>
  db.valuesNow?.(text, parameters) ?? db.values(text, parameters)

const rowOf = (storage: Storage, rows: readonly DriverValues[]): Row | undefined =>
  rows[0] === undefined ? undefined : storage.toRow(rows[0])
