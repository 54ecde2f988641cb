import type { SQL } from 'drizzle-orm'
import { databaseErrorIn } from '#core/database-error'
import type { Database, Dialect, Values } from '#core/ports/database'
import type { Scope } from '#core/scope'
import { answerOf } from './answer.ts'
import type { PythonPage } from './compat.types.ts'
import type { KeyRing, Position } from './cursor/cursor.ts'
import { infoOf } from './cursor/page-info.ts'
import { stalePosition } from './cursor/place.ts'
import type { RowScope } from './declare/declaration.ts'
import type { Model } from './declare/model.ts'
import { exported, type Form, formatFor, nestedRows, tooLarge } from './export/export.ts'
import { inVersion } from './export/version.ts'
import type { Asked } from './query/asked.ts'
import { inBatches, type Read } from './query/reading.ts'
import type { Compiler } from './sql/compiler.ts'
import { compilerOf } from './sql/compilers.ts'
import { countRows, hasMoreThan } from './sql/counting.ts'
import { conditionFor, orderFor } from './sql/drizzle-parts.ts'
import { expand } from './sql/expand.ts'
import { explained } from './sql/explain.ts'
import { frameOf, rendered } from './sql/frame.ts'
import { Frames } from './sql/frames.ts'
import { byIndex, refuseUnprepared, searchesIndex } from './sql/full-text.ts'
import type { Layout } from './sql/layout.ts'
import { type Keys, RowReader, textOf } from './sql/row-reader.ts'
import type { Explained, ExportFormat, ExportOptions, List, More, Page } from './types.ts'

/** What a list is made of: the parsed query, where it begins, and what it is read with. */
export interface Parts {
  readonly model: Model
  readonly asked: Asked
  readonly read: Read
  readonly position: Position | undefined
  readonly ring: KeyRing
  readonly scope: Scope
  /** What the request asks its export to be, on the route of one. */
  readonly form?: Form
}

type Row = Record<string, unknown>

/** One request's list. */
export class Listing implements List<Row> {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  async page(given?: Database, more?: More): Promise<Page<Row>> {
    const made = this.wholePage(given, more)
    return answerOf(this.parts, made instanceof Promise ? await made : made)
  }

  private wholePage(given: Database | undefined, more: More | undefined): Page<Row> | Promise<Page<Row>> {
    const { asked, read, position } = this.parts
    const database = this.database(given)
    if (position !== undefined && position.h !== `${read.identity}${database.dialect}`) throw stalePosition(this.parts)
    const compiler = compilerOf(database.dialect, this.parts.model)
    const layout = compiler.layout(read)
    const backward = asked.before !== undefined
    const reader = new RowReader(database, compiler, read, this.frames(compiler, more), backward)
    return this.reading(database, () => {
      const found = this.rows(reader, layout)
      // Where the driver answers at once there is nothing to wait for.
      return found instanceof Promise
        ? found.then((values) => this.madeOf(values, reader, layout))
        : this.madeOf(found, reader, layout)
    })
  }

  private madeOf(values: Values[], reader: RowReader, layout: Layout): Page<Row> | Promise<Page<Row>> {
    const { count, expansions, total } = this.parts.asked
    const page = this.pageOf(values, layout, reader.database.dialect)
    return expansions.length === 0 && count === undefined && !total ? page : this.whole(page, values, reader, layout)
  }

  /** The page with what its rows lead to, and how many there are. */
  private async whole(page: Page<Row>, values: Values[], reader: RowReader, layout: Layout): Promise<PythonPage<Row>> {
    const { count, expansions, total } = this.parts.asked
    const { compiler } = reader
    if (expansions.length > 0) await expand(expansions, { compiler, layout, values, rows: page.data }, reader)
    const whole =
      count === undefined ? page : { ...page, page: { ...page.page, count: await countRows(reader, count) } }
    return total ? { total: (await countRows(reader, 'exact')).value, ...whole } : whole
  }

  /** All statements of a page see one state, and none runs for ever; SQLite's cannot be stopped. */
  private reading<T>(database: Database, run: () => T | Promise<T>): T | Promise<T> {
    const { asked, model } = this.parts
    const later = async (): Promise<T> => run()
    const searches = searchesIndex(asked.conditions)
    if (database.dialect === 'sqlite') return searches ? later().catch(refuseUnprepared(model)) : run()
    const joins = database.inTransaction
    const read = searches ? () => byIndex(database, joins, later) : later
    return database.snapshot(read, { timeout: model.budget.ms })
  }

  private pageOf(rows: Values[], layout: Layout, dialect: Dialect): Page<Row> {
    const { asked } = this.parts
    const full = rows.length > asked.limit
    if (full) rows.length = asked.limit
    if (asked.before !== undefined) rows.reverse()
    const keysOf = (row: Values): Keys => layout.keyAt.map((at) => textOf(row[at]))
    return { data: rows.map(layout.rowOf), page: infoOf(this.parts, { store: dialect, rows, keysOf, full }) }
  }

  async *stream(given?: Database, more?: More): AsyncIterable<Row> {
    for await (const rows of this.batches(this.wholeReader(given, more))) yield* rows
  }

  async export(format?: ExportFormat, options: ExportOptions = {}): Promise<Response> {
    const { scope, form, model } = this.parts
    const chosen = format ?? form?.format ?? formatFor(scope.request)
    const reader = this.wholeReader(options.database, options)
    const { fields, expansions } = reader.read.asked
    if (chosen === 'csv' && expansions.length > 0) throw nestedRows(expansions)
    const { bom = form?.bom ?? false, max = form?.max, name = model.name } = options
    if (max !== undefined && (await this.reading(reader.database, () => hasMoreThan(max, reader)))) throw tooLarge(max)
    const told = inVersion(
      scope.naming,
      model,
      fields,
      expansions,
      !new URL(scope.request.url).searchParams.has('fields'),
    )
    return exported(told.rows(this.batches(reader)), { format: chosen, bom, columns: told.columns, name })
  }

  /** Reads from the first row to the last, in batches. */
  private wholeReader(given: Database | undefined, more: More | undefined): RowReader {
    const database = this.database(given)
    const compiler = compilerOf(database.dialect, this.parts.model)
    return new RowReader(database, compiler, inBatches(this.parts.read, this.parts.model), this.frames(compiler, more))
  }

  private async *batches(reader: RowReader): AsyncGenerator<Row[]> {
    const { compiler, database } = reader
    const layout = compiler.layout(reader.read)
    const { expansions } = reader.read.asked
    for (let keys: Keys | undefined; ; ) {
      const { rows, last } = await this.reading(database, async () => {
        const { values, last } = await reader.batch(layout, keys)
        const rows = values.map(layout.rowOf)
        if (expansions.length > 0) await expand(expansions, { compiler, layout, values, rows }, reader)
        return { rows, last }
      })
      yield rows
      if (last === undefined) return
      keys = last
    }
  }

  async explain(given?: Database): Promise<Explained[]> {
    const { position, read, asked } = this.parts
    const database = this.database(given)
    const compiler = compilerOf(database.dialect, this.parts.model)
    const layout = compiler.layout(read)
    const reader = new RowReader(database, compiler, read, this.frames(compiler), asked.before !== undefined)
    return explained(reader, layout, position?.k)
  }

  where(database?: { readonly dialect: Dialect }): SQL | undefined {
    const compiler = this.compilerFor(database, 'where')
    return conditionFor(compiler, this.parts.asked.conditions, this.frames(compiler))
  }

  orderBy(database?: { readonly dialect: Dialect }): SQL[] {
    const compiler = this.compilerFor(database, 'orderBy')
    return orderFor(compiler, this.parts.asked.sort, this.frames(compiler))
  }

  private compilerFor(database: { readonly dialect: Dialect } | undefined, word: string): Compiler {
    const { model, scope } = this.parts
    const dialect = database?.dialect ?? model.dialect ?? scope.app?.core.database?.dialect
    if (dialect === undefined) throw new TypeError(`shape(${model.name}): give ${word}() the database`)
    return compilerOf(dialect, model)
  }

  private database(given: Database | undefined): Database {
    const { model, scope } = this.parts
    const database = given ?? scope.app?.core.database
    if (!database)
      throw new TypeError(`shape(${model.name}): give page() a database, or the app one: kwik({ database })`)
    if (model.dialect !== undefined && model.dialect !== database.dialect)
      throw new TypeError(`shape(${model.name}): a ${model.dialect} table cannot be read from ${database.dialect}`)
    return database
  }

  /** Which rows there are for the caller, here and where relations lead. */
  private frames({ dialect, model }: Compiler, more: More = {}): Frames {
    const { where, scope, deleted = 'hidden' } = more
    if (model.isOpen && where === undefined && scope === undefined) return everyRow
    const { principal, request, tenant } = this.parts.scope
    const context = { user: principal?.user ?? null, principal, request, tenant }
    const framed = (of: Model, more: readonly RowScope[], deleted: More['deleted']) =>
      rendered(compilerOf(dialect, of), frameOf(of, [...(of.scope?.(context) ?? []), ...more], deleted))
    const everywhere = scopesIn(scope)
    return new Frames(framed(model, [...everywhere, ...scopesIn(where)], deleted), (of) =>
      framed(of, of.table === model.table ? everywhere : [], 'hidden'),
    )
  }

  private rows(reader: RowReader, layout: Layout): Values[] | Promise<Values[]> {
    const { position } = this.parts
    if (position?.p) return this.rowsFrom(position.p, reader, layout)
    try {
      const read = reader.page(layout, position?.k)
      return read instanceof Promise ? read.catch((error) => this.refuse(error)) : read
    } catch (error) {
      return this.refuse(error)
    }
  }

  /** The rows from a place whose keys had to be looked up: without the row nobody knows where it stood. */
  private async rowsFrom(primaryKey: readonly string[], reader: RowReader, layout: Layout): Promise<Values[]> {
    try {
      const keys = await reader.keysOf(layout, primaryKey)
      if (keys === undefined) throw stalePosition(this.parts)
      return await reader.page(layout, keys)
    } catch (error) {
      return this.refuse(error)
    }
  }

  /** A key that is no value of its column: no number, or a word that an enum does not have any more. */
  private refuse(error: unknown): never {
    const { position } = this.parts
    const isUnfit = error instanceof SyntaxError || databaseErrorIn(error)?.failure === 'value'
    throw position !== undefined && isUnfit ? stalePosition(this.parts) : error
  }
}

/** Most lists show all rows to everybody, and lead nowhere. */
const everyRow: Frames = new Frames({ text: '', parameters: [] }, () => {
  throw new TypeError('an open list leads to no other')
})

const scopesIn = (given: More['where']): readonly RowScope[] =>
  Array.isArray(given) ? (given as readonly RowScope[]) : [given as RowScope]
