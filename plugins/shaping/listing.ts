import { and, type SQL, sql } from 'drizzle-orm'
import { databaseErrorIn } from '#core/database-error'
import type { Database, Dialect, Values } from '#core/ports/database'
import type { Scope } from '#core/scope'
import type { Asked } from './asked.ts'
import type { Compiler, RenderedFrame } from './compiler.ts'
import type { KeyRing, Position } from './cursor.ts'
import { type Frame, frameOf } from './frame.ts'
import { holdsCursor, partitionsOf } from './keyset.ts'
import type { Layout } from './layout.ts'
import { linkHeader, pathOf } from './links.ts'
import { isNullable, type Model } from './model.ts'
import { stalePosition } from './place.ts'
import type { Read } from './reading.ts'
import type { List, Page, PageInfo, RowScope } from './types.ts'

/** Rows that `count=capped` looks at. */
const countCap = 10_000

/** What a list is made of: the parsed query, where it begins, and what it is read with. */
export interface Parts {
  readonly model: Model
  readonly compiler: (dialect: Dialect) => Compiler
  readonly asked: Asked
  readonly read: Read
  readonly position: Position | undefined
  readonly ring: KeyRing
  readonly scope: Scope
}

type Row = Record<string, unknown>

/** One request's list. */
export class Listing implements List<Row> {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  async page(given?: Database, more?: { readonly where?: RowScope | readonly RowScope[] }): Promise<Page<Row>> {
    const { asked, read, position } = this.parts
    const database = this.database(given)
    if (position !== undefined && position.h !== `${read.identity.h}${database.dialect}`) throw stalePosition(asked)
    const compiler = this.parts.compiler(database.dialect)
    const layout = compiler.layout(read)
    const frame = compiler.frame(this.frame(more?.where ?? []))
    const found = this.rows(database, compiler, frame, layout)
    // Where the driver answered at once there is nothing to wait for.
    const rows = found instanceof Promise ? await found : found
    const page = this.pageOf(rows, layout, database.dialect)
    return asked.count === undefined
      ? page
      : { ...page, page: { ...page.page, count: await this.count(database, compiler, frame) } }
  }

  private pageOf(rows: Values[], layout: Layout, dialect: Dialect): Page<Row> {
    const { asked, scope } = this.parts
    const full = rows.length > asked.limit
    if (full) rows.length = asked.limit
    if (asked.before !== undefined) rows.reverse()
    const { next, prev } = this.neighbours(rows, layout, full, dialect)
    const page: PageInfo = {
      limit: asked.limit,
      ...(next !== undefined && { next }),
      ...(prev !== undefined && { prev }),
      hasMore: next !== undefined,
    }
    scope.header('link', linkHeader(pathOf(scope.request.url), asked.kept, { next, prev }))
    return { data: rows.map(layout.rowOf), page }
  }

  where(database?: { readonly dialect: Dialect }): SQL | undefined {
    const { model, scope, asked } = this.parts
    const dialect = database?.dialect ?? model.dialect ?? scope.app?.core.database?.dialect
    if (dialect === undefined) throw new TypeError(`shape(${model.name}): give where() the database`)
    const compiler = this.parts.compiler(dialect)
    const frame = this.frame([])
    const leaves = [...frame.leaves, ...asked.leaves]
    const parameters: unknown[] = []
    compiler.bind(leaves, parameters)
    const mark = '\0'
    const conditions = compiler.conditions(leaves, () => mark)
    if (frame.nothing) conditions.push('1 = 0')
    if (conditions.length === 0) return frame.sql
    const pieces = conditions.join(' and ').split(mark)
    const own = sql.join(
      pieces.flatMap((piece, index) =>
        index < parameters.length ? [sql.raw(piece), sql`${parameters[index]}`] : [sql.raw(piece)],
      ),
    )
    return and(frame.sql, own)
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

  private frame(more: RowScope | readonly RowScope[]): Frame {
    const { model, scope } = this.parts
    const { principal, request } = scope
    const own = model.scope?.({ user: principal?.user ?? null, principal, request })
    return frameOf(model, [own, ...(Array.isArray(more) ? more : [more as RowScope])])
  }

  private rows(
    database: Database,
    compiler: Compiler,
    frame: RenderedFrame,
    layout: Layout,
  ): Values[] | Promise<Values[]> {
    const { position } = this.parts
    if (position?.p) return this.rowsFrom(this.keysOf(database, compiler, layout), database, compiler, frame, layout)
    try {
      const read = this.read(database, compiler, frame, { layout, keys: position?.k })
      return read instanceof Promise ? read.catch((error) => this.refuse(error)) : read
    } catch (error) {
      return this.refuse(error)
    }
  }

  /** The rows from a place whose keys had to be looked up. */
  private async rowsFrom(
    keys: Promise<Position['k']>,
    database: Database,
    compiler: Compiler,
    frame: RenderedFrame,
    layout: Layout,
  ): Promise<Values[]> {
    try {
      return await this.read(database, compiler, frame, { layout, keys: await keys })
    } catch (error) {
      return this.refuse(error)
    }
  }

  /** A key that is no value of its column: no number, or a word that an enum does not have any more. */
  private refuse(error: unknown): never {
    const { position, asked } = this.parts
    const isUnfit = error instanceof SyntaxError || databaseErrorIn(error)?.failure === 'value'
    throw position !== undefined && isUnfit ? stalePosition(asked) : error
  }

  /** At most one row more than the page: it tells whether there are more. Waits only where the driver must. */
  private read(
    database: Database,
    compiler: Compiler,
    frame: RenderedFrame,
    { layout, keys }: { readonly layout: Layout; readonly keys: Position['k'] | undefined },
  ): Values[] | Promise<Values[]> {
    const { asked, read } = this.parts
    const { order } = read
    const lead = order[0]!
    const backward = asked.before !== undefined
    const nulls = keys?.map((key) => key === null)
    const partitions = partitionsOf(
      { nullable: isNullable(lead.field), nullsLast: lead.nullsLast !== backward },
      nulls?.[0],
    )
    const statements = partitions.map((partition) => {
      const within = holdsCursor(partition, nulls?.[0]) ? nulls : undefined
      const { text, bound } = compiler.page({ read, backward, nulls: within, partition }, layout, frame)
      const parameters = [...frame.parameters]
      compiler.bind(asked.leaves, parameters)
      for (const index of bound) parameters.push(compiler.storage(order[index]!.field).bindKey(keys![index]!))
      return { text, parameters }
    })
    const first = run(database, statements[0]!)
    if (first instanceof Promise) return first.then((rows) => this.fill(database, statements, rows))
    return statements.length === 1 || first.length > asked.limit ? first : this.fill(database, statements, first)
  }

  /** The second part of an order that NULLs divide is read only when the first does not fill the page. */
  private async fill(database: Database, statements: readonly Statement[], rows: Values[]): Promise<Values[]> {
    const second = statements[1]
    if (second === undefined || rows.length > this.parts.asked.limit) return rows
    return [...rows, ...(await run(database, second))]
  }

  private neighbours(
    rows: readonly Values[],
    layout: Layout,
    full: boolean,
    dialect: Dialect,
  ): { next: string | undefined; prev: string | undefined } {
    const { asked, position } = this.parts
    const first = rows[0]
    const last = rows.at(-1)
    const cursor = (row: Values | undefined): string | undefined => row && this.cursor(row, layout, dialect)
    // Where the page of a cursor is empty, all rows that are left lie on its other side.
    if (asked.before !== undefined)
      return { next: position && (cursor(last) ?? 'start'), prev: full ? cursor(first) : undefined }
    return { next: full ? cursor(last) : undefined, prev: position && (cursor(first) ?? 'end') }
  }

  private cursor(row: Values, layout: Layout, dialect: Dialect): string {
    const { ring, read, model } = this.parts
    const { identity, order } = read
    const k = layout.keyAt.map((at) => textOf(row[at]))
    const h = `${identity.h}${dialect}`
    const { s, f } = identity
    const short = (): string[] => model.primaryKey.map((field) => k[order.findIndex((term) => term.field === field)]!)
    return ring.sign({ h, s, f, k }) ?? ring.sign({ h, s, f, k: [], p: short() })!
  }

  /** The keys of a cursor that has the primary key alone. Without the row nobody knows where it stood. */
  private async keysOf(database: Database, compiler: Compiler, layout: Layout): Promise<Position['k']> {
    const { model, position, asked } = this.parts
    const parameters = model.primaryKey.map((field, at) => compiler.storage(field).bindKey(position!.p![at]!))
    const [row] = await run(database, { text: compiler.keysOf(model.primaryKey, layout), parameters })
    if (row === undefined) throw stalePosition(asked)
    return layout.keyAt.map((at) => textOf(row[at]))
  }

  private async count(database: Database, compiler: Compiler, frame: RenderedFrame): Promise<PageInfo['count']> {
    const { asked } = this.parts
    const most = asked.count === 'capped' ? countCap : undefined
    const parameters = [...frame.parameters]
    compiler.bind(asked.leaves, parameters)
    const text = compiler.count(asked.leaves, frame, most === undefined ? undefined : most + 1)
    const [row] = await run(database, { text, parameters })
    const found = Number(row![0])
    return { value: most === undefined ? found : Math.min(found, most), exact: most === undefined || found <= most }
  }
}

/** A driver's value as a cursor carries it. */
const textOf = (value: unknown): string | null => (value === null ? null : String(value))

interface Statement {
  readonly text: string
  readonly parameters: readonly unknown[]
}
const run = (database: Database, { text, parameters }: Statement): Values[] | Promise<Values[]> =>
  database.valuesNow?.(text, parameters) ?? database.values(text, parameters)
