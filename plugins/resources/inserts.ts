import { orderedUuids } from '#core/internal/uuid'
import type { Values as DriverValues, Field } from '#core/ports/database'
import { aliveOf, quote } from '#core/table/fields'
import type { Actor } from './actor.ts'
import { type Assignments, forInsert, forUpdate, resetsOf } from './assignments.ts'
import type { Model } from './model.ts'
import type { Values } from './options.ts'
import type { Reach, Row } from './reach.ts'
import { Statement } from './statement.ts'

/** A row that was written, and whether it was made. */
export interface Written {
  readonly row: Row
  readonly created: boolean
}

/** Rows of one statement: few sizes, so that few statements are kept prepared. */
const sizes: readonly number[] = [256, 64, 16, 4, 1]
/** Parameters that a statement may have: SQLite takes 32766, PostgreSQL 65535. */
const mostParameters = 32_766

/** New rows. */
export class Inserts {
  private readonly reach: Reach
  private readonly model: Model
  /** Rows that are made at once sort in the order of their values. */
  private readonly idAt = orderedUuids()

  constructor(reach: Reach) {
    this.reach = reach
    this.model = reach.model
  }

  async one(values: Values, actor: Actor): Promise<Row> {
    await this.reach.follow([values], actor)
    const { head, statement } = this.begun(values, actor)
    const [row] = await this.finished(head, actor, statement)
    return row!
  }

  /**
   * Rows in the order of their values, in few statements where Kwik makes their keys: it finds them again by those, for
   * no database promises an order of what it gives back.
   * @param first which item of a request the first of them is
   */
  async many(all: readonly Values[], actor: Actor, first = 0): Promise<Row[]> {
    const { key } = this.model
    if (key.server !== 'id' || key.type !== 'uuid') {
      const rows: Row[] = []
      for (const values of all) rows.push(await this.one(values, actor))
      return rows
    }
    await this.reach.follow(all, actor)
    const found = new Map<unknown, Row>()
    const made = all.map((values) => this.assignments(values, actor))
    for (const group of groupsOf(made))
      for (const chunk of chunksOf(group)) for (const [own, row] of await this.chunk(chunk, actor)) found.set(own, row)
    const keys = made.map((assignments) => assignments.find(([field]) => field === key)![1])
    await this.reach.keep(keys, actor, first)
    return keys.map((own) => found.get(own)!)
  }

  /** Makes the row unless one with these unique values is there; then `undefined`. */
  async unlessThere(values: Values, by: readonly Field[], actor: Actor): Promise<Row | undefined> {
    await this.reach.follow([values], actor)
    const { head, statement } = this.begun(values, actor)
    const [row] = await this.finished(`${head} on conflict ${this.target(by)} do nothing`, actor, statement)
    return row
  }

  /**
   * Makes the row, or writes the one with these unique values as a whole, in one statement. `undefined` where that one is
   * out of scope: it stays as it is.
   * @param kept names of fields that stay as they are in a row that is there
   */
  async orReplace(
    values: Values,
    by: readonly Field[],
    kept: readonly string[],
    actor: Actor,
  ): Promise<Written | undefined> {
    const storage = this.reach.storage(actor.db.dialect)
    await this.reach.follow([values], actor)
    const { head, statement, assignments } = this.begun(values, actor)
    const { key } = this.model
    const own = assignments.find(([field]) => field === key && key.server === 'id')?.[1]
    const mayBeNew =
      own !== undefined || actor.db.dialect === 'postgresql' || !(await this.isThere(by, assignments, actor))
    const changes = this.reach.changes(
      forUpdate(this.model, storage, { ...resetsOf(this.model, values, kept) }, actor),
      statement,
    )
    const condition = this.reach.condition(actor, statement)
    const set = changes === '' ? `${storage.key} = excluded.${storage.key}` : changes
    const where = condition === '' ? '' : ` where ${condition}`
    const mark = actor.db.dialect === 'postgresql' && own === undefined ? '(xmax = 0)' : '1'
    statement.text = `${head} on conflict ${this.target(by)} do update set ${set}${where} returning ${mark}, ${storage.readKey}, ${storage.columns}`
    const [found] = await this.reach.run(actor, statement)
    if (found === undefined) return undefined
    const [isNew, madeKey, ...rest] = found
    await this.reach.keep([madeKey], actor)
    const created = own === undefined ? mayBeNew && (isNew === true || isNew === 1) : own === madeKey
    return { row: storage.toRow(rest), created }
  }

  /** Values with those of the unique fields that the scope gives, where clients do not say them. */
  completed(values: Values, by: readonly Field[], actor: Actor): Values {
    const given = this.reach.given(actor)
    const silent = by.filter((field) => values[field.name] === undefined && given.has(field))
    return silent.length === 0
      ? values
      : { ...values, ...Object.fromEntries(silent.map((field) => [field.name, given.get(field)])) }
  }

  /** Finds the row with these unique values, in scope. */
  async by(said: Values, by: readonly Field[], actor: Actor): Promise<Row | undefined> {
    const values = this.completed(said, by, actor)
    const storage = this.reach.storage(actor.db.dialect)
    const statement = new Statement(actor.db.dialect)
    const condition = this.reach.condition(actor, statement)
    const own = by
      .map(
        (field) =>
          `${storage.table}.${quote(field.column)} = ${statement.bind(storage.bind(field, values[field.name]))}`,
      )
      .join(' and ')
    const where = condition === '' ? own : `${condition} and ${own}`
    statement.text = `select ${storage.columns} from ${storage.table} where ${where}`
    const [found] = await this.reach.run(actor, statement)
    return found && storage.toRow(found)
  }

  /** SQLite does not say whether it made the row; it has one writer, so what is there now is there in the next statement. */
  private async isThere(by: readonly Field[], assignments: Assignments, actor: Actor): Promise<boolean> {
    const statement = new Statement(actor.db.dialect)
    const { table } = this.reach.storage(actor.db.dialect)
    const { deletedAt } = this.model
    const bound = (field: Field): unknown => assignments.find(([one]) => one === field)?.[1]
    const own = by.map((field) => `${quote(field.column)} = ${statement.bind(bound(field))}`)
    statement.text = `select 1 from ${table} where ${[...own, ...(deletedAt ? [aliveOf(deletedAt)] : [])].join(' and ')}`
    return (await this.reach.run(actor, statement)).length > 0
  }

  private target(by: readonly Field[]): string {
    const { deletedAt } = this.model
    const columns = `(${by.map((field) => quote(field.column)).join(', ')})`
    // As the partial index says it.
    return deletedAt && !by.some((field) => field.primaryKey) ? `${columns} where ${aliveOf(deletedAt)}` : columns
  }

  private assignments(values: Values, actor: Actor): Assignments {
    const given = this.reach.given(actor)
    return forInsert(this.model, this.reach.storage(actor.db.dialect), values, given, actor, this.idAt)
  }

  private begun(values: Values, actor: Actor): { head: string; statement: Statement; assignments: Assignments } {
    const assignments = this.assignments(values, actor)
    const statement = new Statement(actor.db.dialect)
    return { head: this.head([assignments], statement), statement, assignments }
  }

  private head(rows: readonly Assignments[], statement: Statement): string {
    const { table } = this.reach.storage(statement.dialect)
    const [first = []] = rows
    if (first.length === 0) return `insert into ${table} default values`
    const columns = first.map(([field]) => quote(field.column)).join(', ')
    const values = rows.map((row) => `(${row.map(([, bound]) => statement.bind(bound)).join(', ')})`)
    return `insert into ${table} (${columns}) values ${values.join(', ')}`
  }

  private async finished(head: string, actor: Actor, statement: Statement): Promise<Row[]> {
    const storage = this.reach.storage(actor.db.dialect)
    statement.text = `${head} returning ${storage.readKey}, ${storage.columns}`
    const found = await this.reach.run(actor, statement)
    await this.reach.keep(
      found.map(([own]) => own),
      actor,
    )
    return found.map(([, ...values]) => storage.toRow(values))
  }

  private async chunk(rows: readonly Assignments[], actor: Actor): Promise<(readonly [unknown, Row])[]> {
    const storage = this.reach.storage(actor.db.dialect)
    const statement = new Statement(actor.db.dialect)
    statement.text = `${this.head(rows, statement)} returning ${storage.readKey}, ${storage.columns}`
    const found = await this.reach.run(actor, statement)
    return found.map(([own, ...values]: DriverValues) => [own, storage.toRow(values)])
  }
}

/** Rows of the same columns go into one statement. */
function groupsOf(rows: readonly Assignments[]): Iterable<readonly Assignments[]> {
  const groups = new Map<string, Assignments[]>()
  for (const row of rows) {
    const columns = row.map(([field]) => field.column).join()
    const group = groups.get(columns)
    if (group) group.push(row)
    else groups.set(columns, [row])
  }
  return groups.values()
}

function* chunksOf(rows: readonly Assignments[]): Iterable<readonly Assignments[]> {
  const width = rows[0]!.length
  for (let at = 0; at < rows.length; ) {
    const size = sizes.find((one) => one <= rows.length - at && one * width <= mostParameters)!
    yield rows.slice(at, at + size)
    at += size
  }
}
