import { LRUCache } from 'lru-cache'
import type { Dialect, Field } from '#core/ports/database'
import { quote, quotedNameOf } from '#core/table/fields'
import { type Frame, rendered } from './frame.ts'
import { orderBy, type Partition, placeholders, reversed, rowsAfter, type Term, termsWithin } from './keyset.ts'
import { type Layout, rowMaker } from './layout.ts'
import type { Leaf } from './leaf.ts'
import { isNullable, type Model, type SortTerm } from './model.ts'
import { bindLeaf, conditionOf, type Placeholder } from './predicate.ts'
import type { Read } from './reading.ts'
import { type Storage, storageOf } from './storage.ts'

/** What tells one page statement from another. Values are bound, so they are not among it. */
export interface PageWords {
  readonly read: Read
  readonly backward: boolean
  /** Which keys of the cursor are NULL; `undefined` where no cursor lies in the partition. */
  readonly nulls: readonly boolean[] | undefined
  readonly partition: Partition
}

/** A page statement with all that is needed to run it: made once, kept. */
export interface PageStatement {
  readonly text: string
  /** Index of the cursor's key for each placeholder after those of frame and filters. */
  readonly bound: readonly number[]
}

/** Statements kept for one shape on one database. */
const most = 500

/** Makes the SQL of one shape for one database. Each text is built once and kept by the words that it depends on. */
export class Compiler {
  readonly dialect: Dialect
  private readonly table: string
  private readonly storages: ReadonlyMap<string, Storage>
  private readonly statements: LRUCache<string, PageStatement> = new LRUCache({ max: most })
  private readonly layouts: LRUCache<string, Layout> = new LRUCache({ max: most })
  private readonly near = new WeakMap<Read, Map<string, PageStatement>>()

  constructor(dialect: Dialect, model: Model) {
    this.dialect = dialect
    this.table = quotedNameOf(model.table)
    this.storages = new Map(
      Object.values(model.all).map((field) => [field.name, storageOf(dialect, model.table, field)]),
    )
  }

  storage(field: Field): Storage {
    return this.storages.get(field.name)!
  }

  layout({ asked, order, words }: Read): Layout {
    let layout = this.layouts.get(words)
    if (!layout) {
      layout = this.makeLayout(asked.fields, order)
      this.layouts.set(words, layout)
    }
    return layout
  }

  private makeLayout(fields: readonly Field[], order: readonly SortTerm[]): Layout {
    // Keys are selected apart from what is shown: a narrow `fields` must not break the cursor.
    const selected = [...new Set([...fields, ...order.map((term) => term.field)])]
    return {
      columns: selected.map((field) => this.storage(field).read(this.column(field))),
      rowOf: rowMaker(
        fields.map((field) => field.name),
        fields.map((field) => this.storage(field).toWire),
      ),
      keyAt: order.map((term) => selected.indexOf(term.field)),
    }
  }

  page(words: PageWords, layout: Layout, frame: RenderedFrame): PageStatement {
    const { read, backward, nulls, partition } = words
    const place = nulls === undefined ? '-' : nulls.map(Number).join('')
    const turn = `${partition} ${backward ? '<' : '>'} ${place}`
    // A reading that is kept has its statements at hand, where no frame makes others of them.
    const near = frame.text === '' ? this.pagesOf(read) : undefined
    const known = near?.get(turn)
    if (known) return known
    const key = `${turn} ${read.words} ${frame.text}`
    let statement = this.statements.get(key)
    if (!statement) {
      statement = this.makePage(words, layout, frame)
      this.statements.set(key, statement)
    }
    near?.set(turn, statement)
    return statement
  }

  private pagesOf(read: Read): Map<string, PageStatement> {
    let pages = this.near.get(read)
    if (!pages) {
      pages = new Map()
      this.near.set(read, pages)
    }
    return pages
  }

  private makePage(
    { read, backward, nulls, partition }: PageWords,
    layout: Layout,
    frame: RenderedFrame,
  ): PageStatement {
    const { leaves, limit } = read.asked
    const next = placeholders(this.dialect, frame.parameters.length)
    const conditions = this.conditions(leaves, next)
    const terms = this.terms(read.order)
    const within = termsWithin(partition, backward ? reversed(terms) : terms)
    const bound: number[] = []
    if (partition === 'nulls') conditions.push(`${terms[0]!.column} is null`)
    else if (partition === 'values' && nulls === undefined) conditions.push(`${terms[0]!.column} is not null`)
    if (nulls !== undefined) {
      const skipped = terms.length - within.length
      conditions.push(rowsAfter(within, nulls.slice(skipped), next, (index) => bound.push(index + skipped)))
    }
    const where = whereOf([frame.text, ...conditions])
    // One row more than the page tells whether there are more.
    return {
      text: `select ${layout.columns.join(', ')} from ${this.table}${where} order by ${orderBy(within)} limit ${limit + 1}`,
      bound,
    }
  }

  /** The keys of one row, which is found by its primary key. */
  keysOf(primaryKey: readonly Field[], layout: Layout): string {
    const next = placeholders(this.dialect, 0)
    const conditions = primaryKey.map((field) => `${this.column(field)} = ${next()}`)
    return `select ${layout.columns.join(', ')} from ${this.table}${whereOf(conditions)}`
  }

  /** `most` rows at the most are counted, where it is given. */
  count(leaves: readonly Leaf[], frame: RenderedFrame, most: number | undefined): string {
    const where = whereOf([frame.text, ...this.conditions(leaves, placeholders(this.dialect, frame.parameters.length))])
    if (most === undefined) return `select count(*) from ${this.table}${where}`
    return `select count(*) from (select 1 from ${this.table}${where} limit ${most}) as counted`
  }

  conditions(leaves: readonly Leaf[], next: Placeholder): string[] {
    return leaves.map((leaf) => conditionOf(this.dialect, this.table, leaf, next))
  }

  bind(leaves: readonly Leaf[], into: unknown[]): void {
    for (const leaf of leaves) bindLeaf(this.dialect, this.storage(leaf.parameter.field), leaf, into)
  }

  frame(frame: Frame): RenderedFrame {
    if (frame.sql === undefined && frame.leaves.length === 0) return frame.nothing ? nothing : all
    const parts: string[] = frame.nothing ? ['1 = 0'] : []
    const parameters: unknown[] = []
    if (frame.sql !== undefined) {
      const { sql, params } = rendered(this.dialect, frame.sql)
      parts.push(`(${sql})`)
      parameters.push(...params)
    }
    parts.push(...this.conditions(frame.leaves, placeholders(this.dialect, parameters.length)))
    this.bind(frame.leaves, parameters)
    return { text: parts.join(' and '), parameters }
  }

  private terms(order: readonly SortTerm[]): Term[] {
    return order.map(({ field, descending, nullsLast }) => ({
      column: this.column(field),
      descending,
      nullable: isNullable(field),
      nullsLast,
    }))
  }

  private column(field: Field): string {
    return `${this.table}.${quote(field.column)}`
  }
}

/** A frame as SQL, first in every condition, so that its parameters come first. */
export interface RenderedFrame {
  readonly text: string
  readonly parameters: readonly unknown[]
}
const all: RenderedFrame = { text: '', parameters: [] }
const nothing: RenderedFrame = { text: '1 = 0', parameters: [] }

const whereOf = (conditions: readonly string[]): string => {
  const some = conditions.filter((condition) => condition !== '')
  return some.length === 0 ? '' : ` where ${some.join(' and ')}`
}
