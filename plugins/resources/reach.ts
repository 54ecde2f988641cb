import { DatabaseError, databaseErrorIn } from '#core/database-error'
import type { Dialect, Values as DriverValues, Field } from '#core/ports/database'
import { columnOf } from '#core/table/columns'
import { isDefinition, quote } from '#core/table/fields'
import type { Reference, RowScope } from '../shaping/index.ts'
import type { Actor } from './actor.ts'
import type { Assignments } from './assignments.ts'
import { refuse } from './errors.ts'
import type { Model } from './model.ts'
import type { Ownership } from './ownership.ts'
import { conditionOf } from './row-scope.ts'
import { Statement } from './statement.ts'
import { type Storage, storageOf } from './storage.ts'

export type Row = Record<string, unknown>

/** Which rows a statement means, beside the caller's scope. */
export interface Aim {
  /** Rows that were deleted, in the place of those that were not. */
  readonly deleted?: boolean
  /** Versions of which the row must have one. */
  readonly versions?: readonly number[] | undefined
}

/** Rows that are looked for by one statement. */
const keptAtOnce = 256

/** What a caller can reach of a resource's rows, and how it is said in SQL. */
export class Reach {
  readonly model: Model
  private readonly ownership: Ownership
  private readonly references: () => readonly Reference[]
  private readonly storages = new Map<Dialect, Storage & { readonly find: string }>()

  /**
   * @param references fields that may point only at rows that the caller sees; asked for late, lists may come later in a file
   */
  constructor(model: Model, ownership: Ownership, references: () => readonly Reference[] = () => []) {
    this.model = model
    this.ownership = ownership
    this.references = references
  }

  /** The same rows, of which other fields are read and written. */
  of(model: Model): Reach {
    return new Reach(model, this.ownership, this.references)
  }

  /** Whether a write needs more than its one statement to know that it may stand. */
  get isScoped(): boolean {
    return this.ownership.isScoped
  }

  scopes(actor: Actor): readonly RowScope[] {
    return this.ownership.all(actor)
  }

  /** Whether some rows are out of reach for this caller. */
  isScopedFor(actor: Actor): boolean {
    return this.isScoped && this.scopes(actor).some((one) => one !== undefined)
  }

  /** The resource's own scopes: that of the list is the shape's to keep. */
  ownScopes(actor: Actor): readonly RowScope[] {
    return this.ownership.own(actor)
  }

  /** What a new row is given where its values say nothing. */
  given(actor: Actor): ReadonlyMap<Field, unknown> {
    return this.ownership.given(actor)
  }

  storage(dialect: Dialect): Storage & { readonly find: string } {
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

  /** The condition that rows can be reached; `''` for all. */
  condition(actor: Actor, statement: Statement, aim: Aim = {}): string {
    return conditionOf(this.scopes(actor), this.model, this.storage(statement.dialect), statement, aim.deleted)
  }

  where(key: unknown, actor: Actor, statement: Statement, aim: Aim = {}): string {
    const storage = this.storage(statement.dialect)
    const condition = this.condition(actor, statement, aim)
    const own = `${storage.table}.${storage.key} = ${statement.bind(key)}`
    const where = ` where ${condition === '' ? own : `${condition} and ${own}`}`
    return aim.versions === undefined ? where : `${where} and ${this.hasVersion(aim.versions, statement)}`
  }

  private hasVersion(versions: readonly number[], statement: Statement): string {
    const { version } = this.model
    // PostgreSQL does not compare a column with what cannot be in it.
    const possible = version === undefined ? [] : versions.filter((one) => one <= mostIn(version))
    if (version === undefined || possible.length === 0) return '1 = 0'
    const places = possible.map((one) => statement.bind(one)).join(', ')
    return `${this.storage(statement.dialect).table}.${quote(version.column)} in (${places})`
  }

  /** What stands after SET. The version counts every change. */
  changes(assignments: Assignments, statement: Statement): string {
    const changes = assignments.map(([field, bound]) => `${quote(field.column)} = ${statement.bind(bound)}`)
    const { version } = this.model
    if (version) {
      const column = quote(version.column)
      changes.push(`${column} = ${this.storage(statement.dialect).table}.${column} + 1`)
    }
    return changes.join(', ')
  }

  async run({ db }: Actor, { text, parameters }: Statement): Promise<DriverValues[]> {
    try {
      return await db.values(text, parameters)
    } catch (error) {
      throw inFieldsOf(this.model, error)
    }
  }

  /**
   * What is written may point only at rows that the caller sees: another's row is as one that is not there.
   * @throws {DatabaseError} as the database's own for a reference to nothing
   */
  async follow(all: readonly Readonly<Record<string, unknown>>[], actor: Actor): Promise<void> {
    for (const { field, isInReach } of this.references()) {
      const values = new Set(all.map((one) => one[field.name]).filter((value) => value !== undefined && value !== null))
      for (const value of values) if (!(await isInReach(value, actor, actor.db))) throw this.pointsAtNothing(field)
    }
  }

  private pointsAtNothing({ name, column }: Field): DatabaseError {
    const columns = [isDefinition(this.model.table) ? column : columnOf(name)]
    return new DatabaseError({ failure: 'foreign-key', columns, referenced: false, statement: 'insert' }, undefined)
  }

  /** Rows that were written must still be ones that the caller may see: else the transaction is undone. */
  async keep(keys: readonly unknown[], actor: Actor, first?: number): Promise<void> {
    if (!this.isScopedFor(actor)) return
    const { table, key, readKey } = this.storage(actor.db.dialect)
    for (let from = 0; from < keys.length; from += keptAtOnce) {
      const some = keys.slice(from, from + keptAtOnce)
      const statement = new Statement(actor.db.dialect)
      const condition = this.condition(actor, statement)
      const own = `${table}.${key} in (${some.map((one) => statement.bind(one)).join(', ')})`
      statement.text = `select ${readKey} from ${table} where ${condition === '' ? own : `${condition} and ${own}`}`
      const found = await actor.db.values(statement.text, statement.parameters)
      if (found.length === some.length) continue
      const kept = new Set(found.map(([one]) => one))
      const at = from + some.findIndex((one) => !kept.has(one))
      throw outOfScope(first === undefined ? undefined : first + at)
    }
  }
}

/** The largest number that a column takes. */
const mostIn = ({ type, range }: Field): number =>
  type === 'int' ? (range?.[1] ?? 2 ** 31 - 1) : Number.MAX_SAFE_INTEGER

function outOfScope(at: number | undefined): Error {
  const detail = 'You may not write a row that you could not see.'
  const errors = at === undefined ? {} : { errors: [{ code: 'out-of-scope', detail, pointer: `/items/${at}` }] }
  return refuse('KWIK_RESOURCE_OUT_OF_SCOPE', { detail, ...errors })
}

/** A plain table's columns may have other names than its fields, which are what a client knows. */
function inFieldsOf({ table, fields }: Model, error: unknown): unknown {
  const known = isDefinition(table) ? undefined : databaseErrorIn(error)
  if (known === undefined) return error
  const columns = known.columns.map((column) => columnOf(fields.find((one) => one.column === column)?.name ?? column))
  return new DatabaseError({ ...known, columns, statement: known.verb }, known.cause)
}
