import type { Database, Values as DriverValues, Field } from '#core/ports/database'
import { quote } from '#core/table/fields'
import type { Actor } from './actor.ts'
import { forUpdate, stampsOf } from './assignments.ts'
import type { Model } from './model.ts'
import type { Values } from './options.ts'
import type { Aim, Reach, Row } from './reach.ts'
import { Statement } from './statement.ts'
import type { Storage } from './storage.ts'

export type { Row } from './reach.ts'

/** The rows of a resource, one by one: one statement for each thing that can be done with them, inside the caller's scope. */
export class Store {
  readonly reach: Reach
  readonly model: Model

  constructor(reach: Reach) {
    this.reach = reach
    this.model = reach.model
  }

  get isScoped(): boolean {
    return this.reach.isScoped
  }

  async find(key: unknown, actor: Actor): Promise<Row | undefined> {
    const { db } = actor
    const storage = this.reach.storage(db.dialect)
    if (!this.reach.isScoped) return rowOf(storage, await run(db, storage.find, [key]))
    const statement = new Statement(db.dialect)
    statement.text = `select ${storage.columns} from ${storage.table}${this.reach.where(key, actor, statement)}`
    return rowOf(storage, await run(db, statement.text, statement.parameters))
  }

  /**
   * The row, which nobody else changes before this transaction ends. SQLite has one writer at a time anyway.
   * @param fields what is read of it: by default, what leaves
   */
  async lock(key: unknown, actor: Actor, aim: Aim, fields?: readonly Field[]): Promise<Row | undefined> {
    const { dialect } = actor.db
    const storage = this.reach.storage(dialect)
    const { columns, toRow } = fields ? storage.reading(fields) : storage
    const statement = new Statement(dialect)
    const from = `select ${columns} from ${storage.table}${this.reach.where(key, actor, statement, aim)}`
    statement.text = dialect === 'postgresql' ? `${from} for update` : from
    const [found] = await this.reach.run(actor, statement)
    return found && toRow(found)
  }

  /** The version of a row that can be reached; `null` where the table has none, `undefined` where there is no row. */
  async versionOf(key: unknown, actor: Actor, aim: Aim): Promise<unknown> {
    const { version } = this.model
    const statement = new Statement(actor.db.dialect)
    const { table } = this.reach.storage(actor.db.dialect)
    const where = this.reach.where(key, actor, statement, { ...aim, versions: undefined })
    statement.text = `select ${version ? quote(version.column) : 'null'} from ${table}${where}`
    const [found] = await this.reach.run(actor, statement)
    return found?.[0]
  }

  async update(key: unknown, values: Values, actor: Actor, aim: Aim): Promise<Row | undefined> {
    const storage = this.reach.storage(actor.db.dialect)
    const statement = new Statement(actor.db.dialect)
    const changes = this.reach.changes(forUpdate(this.model, storage, values, actor), statement)
    if (changes === '') return aim.versions === undefined ? this.find(key, actor) : undefined
    await this.reach.follow([values], actor)
    return this.written(`update ${storage.table} set ${changes}`, key, actor, statement, aim)
  }

  /** Answers whether there was such a row. */
  async delete(key: unknown, actor: Actor, aim: Aim): Promise<boolean> {
    const { deletedAt } = this.model
    if (!deletedAt) return this.purge(key, actor, aim)
    const statement = new Statement(actor.db.dialect)
    const marked = this.marked(new Date(actor.clock.now()).toISOString(), actor, statement)
    statement.text = `${marked}${this.reach.where(key, actor, statement, aim)} returning 1`
    return (await this.reach.run(actor, statement)).length > 0
  }

  async restore(key: unknown, actor: Actor, aim: Aim): Promise<Row | undefined> {
    const statement = new Statement(actor.db.dialect)
    return this.written(this.marked(null, actor, statement), key, actor, statement, aim)
  }

  async purge(key: unknown, actor: Actor, aim: Aim): Promise<boolean> {
    const statement = new Statement(actor.db.dialect)
    const { table } = this.reach.storage(actor.db.dialect)
    statement.text = `delete from ${table}${this.reach.where(key, actor, statement, aim)} returning 1`
    return (await this.reach.run(actor, statement)).length > 0
  }

  private marked(deletedAt: string | null, actor: Actor, statement: Statement): string {
    const storage = this.reach.storage(actor.db.dialect)
    const field = this.model.deletedAt!
    const assignments = [[field, storage.bind(field, deletedAt)] as const, ...stampsOf(this.model, storage, actor)]
    return `update ${storage.table} set ${this.reach.changes(assignments, statement)}`
  }

  private async written(
    head: string,
    key: unknown,
    actor: Actor,
    statement: Statement,
    aim: Aim,
  ): Promise<Row | undefined> {
    const storage = this.reach.storage(actor.db.dialect)
    const where = this.reach.where(key, actor, statement, aim)
    statement.text = `${head}${where} returning ${storage.readKey}, ${storage.columns}`
    const [found] = await this.reach.run(actor, statement)
    if (found === undefined) return undefined
    const [own, ...values] = found
    await this.reach.keep([own], actor)
    return storage.toRow(values)
  }
}

const run = (db: Database, text: string, parameters: readonly unknown[]): DriverValues[] | Promise<DriverValues[]> =>
  db.valuesNow?.(text, parameters) ?? db.values(text, parameters)

const rowOf = (storage: Storage, rows: readonly DriverValues[]): Row | undefined =>
  rows[0] === undefined ? undefined : storage.toRow(rows[0])
