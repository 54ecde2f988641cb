import { LRUCache } from 'lru-cache'
import type { Dialect, Field } from '#core/ports/database'
import { quote, quotedNameOf } from '#core/table/fields'
import { type FilterParameter, type Model, mayBeNull, type Relation, type SortTerm } from '../declare/model.ts'
import type { Read } from '../query/reading.ts'
import type { Selection } from '../query/selection.ts'
import { compilerOf } from './compilers.ts'
import { criterion, type Writing } from './criteria.ts'
import type { Frames } from './frames.ts'
import { jsonPlace } from './json-place.ts'
import { orderBy, type Partition, reversed, rowsAfter, type Term, termsWithin } from './keyset.ts'
import { type Layout, rowMaker } from './layout.ts'
import { SqlText, type Statement } from './sql-text.ts'
import { type Storage, storageOf } from './storage.ts'

/** What tells one page statement from another. Values are bound, so they are not among it. */
export interface PageWords {
  readonly read: Read
  readonly backward: boolean
  /** Which keys of the cursor are NULL; `undefined` where no cursor lies in the partition. */
  readonly nulls: readonly boolean[] | undefined
  readonly partition: Partition
}

/** Statements kept for one shape on one database. */
const most = 500

/** Makes the SQL of one shape for one database. Each text is built once and kept by the words that it depends on. */
export class Compiler {
  readonly dialect: Dialect
  readonly model: Model
  /** The table as statements call it. */
  readonly table: string
  /** Statements that others make for this shape's rows, by what they depend on. */
  readonly kept: LRUCache<string, Statement> = new LRUCache({ max: most })
  private readonly storages: ReadonlyMap<string, Storage>
  private readonly layouts: LRUCache<string, Layout> = new LRUCache({ max: most })
  private readonly near = new WeakMap<Read, Map<string, Statement>>()

  constructor(dialect: Dialect, model: Model) {
    this.dialect = dialect
    this.model = model
    this.table = quotedNameOf(model.table)
    const inside = [...model.filters.values()].filter(({ path }) => path !== undefined).map(({ field }) => field)
    this.storages = new Map(
      [...Object.values(model.all), ...inside].map((field) => [field.name, storageOf(dialect, model.table, field)]),
    )
  }

  storage(field: Field): Storage {
    return this.storages.get(field.name)!
  }

  /** Where a filter looks, in the rows that are called `name`. */
  place(name: string, { field, path }: FilterParameter): string {
    const column = `${name}.${quote(field.column)}`
    return path === undefined ? column : jsonPlace(this.dialect, column, field.type, path)
  }

  /** The rows that there are for the caller, under a name. */
  source(writing: Writing, name: string): string {
    const frame = writing.frames.of(this.model)
    if (frame.text === '') return `${this.table} as ${name}`
    return `(select * from ${this.table} where ${writing.sql.frame(frame, this.model)}) as ${name}`
  }

  layout(read: Read): Layout {
    return this.layoutOf(read.asked, this.table, read.words)
  }

  /** @param words what tells the selection from others */
  layoutOf(selection: Selection, name: string, words: string): Layout {
    const key = `${name} ${words}`
    let layout = this.layouts.get(key)
    if (!layout) {
      layout = this.makeLayout(selection, name)
      this.layouts.set(key, layout)
    }
    return layout
  }

  private makeLayout({ fields, sort, expansions }: Selection, name: string): Layout {
    const own = (field: Field): string => this.storage(field).read(`${name}.${quote(field.column)}`)
    const names = joinNames(sort, name)
    const shown = fields.map(own)
    // Keys are selected apart from what is shown: a narrow `fields` must not break the cursor.
    const keys = sort.map((term) =>
      compilerOf(this.dialect, term.via.at(-1)?.target ?? this.model)
        .storage(term.field)
        .read(columnOf(term, name, names)),
    )
    const links = expansions.map(({ relation }) => own(relation.local))
    const columns = [...shown, ...new Set([...keys, ...links].filter((one) => !shown.includes(one)))]
    return {
      columns,
      rowOf: rowMaker(
        fields.map((field) => field.name),
        fields.map((field) => this.storage(field).toWire),
      ),
      keyAt: keys.map((key) => columns.indexOf(key)),
      linkAt: links.map((link) => columns.indexOf(link)),
    }
  }

  page(words: PageWords, layout: Layout, frames: Frames): Statement {
    const { read, backward, nulls, partition } = words
    const place = nulls === undefined ? '-' : nulls.includes(true) ? nulls.map(Number).join('') : '0'
    const skips = read.asked.skip !== undefined
    const turn = `${partition} ${backward ? '<' : '>'} ${skips ? '+' : place}`
    const bounds = frames.textOf(read.targets)
    // A reading that is kept has its statements at hand, where no frame makes others of them.
    const near = bounds === '' ? this.pagesOf(read) : undefined
    const known = near?.get(turn)
    if (known) return known
    const statement = this.keep(`page ${turn} ${read.words} ${bounds}`, () => this.makePage(words, layout, frames))
    near?.set(turn, statement)
    return statement
  }

  private pagesOf(read: Read): Map<string, Statement> {
    let pages = this.near.get(read)
    if (!pages) {
      pages = new Map()
      this.near.set(read, pages)
    }
    return pages
  }

  keep(key: string, make: () => Statement): Statement {
    let statement = this.kept.get(key)
    if (!statement) {
      statement = make()
      this.kept.set(key, statement)
    }
    return statement
  }

  private makePage({ read, backward, nulls, partition }: PageWords, layout: Layout, frames: Frames): Statement {
    const { sort, limit, skip } = read.asked
    const { writing, from, conditions } = this.begun(read.asked, frames)
    const terms = this.terms(sort, this.table)
    const turned = backward ? reversed(terms) : terms
    const within = termsWithin(partition, turned)
    if (partition === 'nulls') conditions.push(`${terms[0]!.column} is null`)
    else if (partition === 'values' && nulls === undefined) conditions.push(`${terms[0]!.column} is not null`)
    if (nulls !== undefined) {
      const skipped = terms.length - within.length
      conditions.push(rowsAfter(within, nulls.slice(skipped), (index) => writing.sql.key(index + skipped)))
    }
    // NULL alone orders nothing, but with it PostgreSQL sees that an index on all keys has the order of the rest.
    const order = partition === 'nulls' ? [{ ...turned[0]!, nullable: false }, ...within] : within
    // One row more than the page tells whether there are more.
    const offset = skip === undefined ? '' : ` offset ${writing.sql.skip()}`
    const text = `select ${layout.columns.join(', ')} from ${from}${whereOf(conditions)} order by ${orderBy(order)} limit ${limit + 1}${offset}`
    return { text, binds: writing.sql.binds }
  }

  /** Joins, and the conditions of frame and filters. */
  private begun({ sort, conditions }: Pick<Selection, 'sort' | 'conditions'>, frames: Frames): Begun {
    const sql = new SqlText(this.dialect)
    const writing: Writing = { sql, frames, names: 0 }
    const from = `${this.table}${this.joins(writing, sort, this.table)}`
    const frame = sql.frame(frames.of(undefined))
    const rest = conditions.map((one) => criterion(writing, this, this.table, one))
    return { writing, from, conditions: [frame, ...rest] }
  }

  /** Tables that the order reads keys of. */
  joins(writing: Writing, sort: readonly SortTerm[], name: string): string {
    const names = joinNames(sort, name)
    let text = ''
    for (const { via } of sort)
      for (const [at, relation] of via.entries()) {
        const own = names.get(pathOf(via.slice(0, at + 1)))!
        if (text.includes(` as ${own} on `)) continue
        const before = at === 0 ? name : names.get(pathOf(via.slice(0, at)))!
        const source = compilerOf(this.dialect, relation.target).source(writing, own)
        text += ` left join ${source} on ${own}.${quote(relation.foreign.column)} = ${before}.${quote(relation.local.column)}`
      }
    return text
  }

  /** The keys of one row, which is found by its primary key. */
  keysOf(read: Read, layout: Layout, frames: Frames): Statement {
    return this.keep(`keys ${read.words} ${frames.textOf(read.targets)}`, () => {
      const sql = new SqlText(this.dialect)
      const joins = this.joins({ sql, frames, names: 0 }, read.asked.sort, this.table)
      const found = this.model.primaryKey.map((field, at) => `${this.table}.${quote(field.column)} = ${sql.key(at)}`)
      return {
        text: `select ${layout.columns.join(', ')} from ${this.table}${joins}${whereOf(found)}`,
        binds: sql.binds,
      }
    })
  }

  /** `most` rows at the most are counted, where it is given. */
  count(read: Read, frames: Frames, most: number | undefined): Statement {
    return this.keep(`count ${most} ${read.words} ${frames.textOf(read.targets)}`, () => {
      const { writing, from, conditions } = this.begun({ conditions: read.asked.conditions, sort: [] }, frames)
      const rows = `from ${from}${whereOf(conditions)}`
      const text =
        most === undefined
          ? `select count(*) ${rows}`
          : `select count(*) from (select 1 ${rows} limit ${most}) as counted`
      return { text, binds: writing.sql.binds }
    })
  }

  terms(order: readonly SortTerm[], name: string): Term[] {
    const names = joinNames(order, name)
    return order.map((term) => ({
      column: columnOf(term, name, names),
      descending: term.descending,
      nullable: mayBeNull(term),
      nullsLast: term.nullsLast,
    }))
  }
}

interface Begun {
  readonly writing: Writing
  readonly from: string
  readonly conditions: string[]
}

const pathOf = (via: readonly Relation[]): string => via.map((relation) => relation.name).join('.')

/** A name for each table that an order reads keys of, by the path that leads there. */
function joinNames(sort: readonly SortTerm[], name: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  // The names of a table's own statement, and of those it stands in, differ.
  const start = /^\w+$/.test(name) ? `${name}_` : ''
  for (const { via } of sort)
    for (const at of via.keys()) {
      const path = pathOf(via.slice(0, at + 1))
      if (!names.has(path)) names.set(path, `${start}s${names.size}`)
    }
  return names
}

const columnOf = ({ via, field }: SortTerm, name: string, names: ReadonlyMap<string, string>): string =>
  `${via.length === 0 ? name : names.get(pathOf(via))!}.${quote(field.column)}`

export const whereOf = (conditions: readonly string[]): string => {
  const some = conditions.filter((condition) => condition !== '')
  return some.length === 0 ? '' : ` where ${some.join(' and ')}`
}
