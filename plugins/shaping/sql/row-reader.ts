import type { Database, Values } from '#core/ports/database'
import type { Position } from '../cursor/cursor.ts'
import { mayBeNull } from '../declare/model.ts'
import type { Read } from '../query/reading.ts'
import type { Compiler } from './compiler.ts'
import { compilerOf } from './compilers.ts'
import { boundLeaves } from './criteria.ts'
import type { Expanding } from './expand.ts'
import type { Frames } from './frames.ts'
import { holdsCursor, partitionsOf } from './keyset.ts'
import type { Layout } from './layout.ts'
import { parametersOf, type Statement } from './sql-text.ts'

export type Keys = Position['k']
/** A statement with what is bound to it. */
export interface Ready {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/** What is bound to the filters of readings that are kept: the same for each request that asks for the same. */
const leaves = new WeakMap<Read, Map<Compiler, readonly (readonly unknown[])[]>>()

/** Reads the rows of one list. */
export class RowReader implements Expanding {
  readonly frames: Frames
  readonly database: Database
  readonly compiler: Compiler
  readonly read: Read
  private readonly backward: boolean

  /** @param backward whether the page ends where the cursor is */
  constructor(database: Database, compiler: Compiler, read: Read, frames: Frames, backward = false) {
    this.database = database
    this.compiler = compiler
    this.read = read
    this.frames = frames
    this.backward = backward
  }

  /** At most one row more than the page: it tells whether there are more. Waits only where the driver must. */
  page(layout: Layout, keys: Keys | undefined): Values[] | Promise<Values[]> {
    const statements = this.statements(layout, keys)
    const first = this.now(statements[0]!)
    if (first instanceof Promise) return first.then((rows) => this.fill(statements, rows))
    return statements.length === 1 || first.length > this.read.asked.limit ? first : this.fill(statements, first)
  }

  /** The statements of a page: two where a first key that may be NULL divides the order. */
  statements(layout: Layout, keys: Keys | undefined): Ready[] {
    const { compiler, read, frames, backward } = this
    const { sort, skip } = read.asked
    // Rows are passed over in the whole order.
    if (skip !== undefined)
      return [this.ready(compiler.page({ read, backward, nulls: undefined, partition: 'whole' }, layout, frames))]
    const lead = sort[0]!
    const nulls = keys?.map((key) => key === null)
    const partitions = partitionsOf({ nullable: mayBeNull(lead), nullsLast: lead.nullsLast !== backward }, nulls?.[0])
    const bound = keys && sort.map((term, at) => this.key(term.via.at(-1)?.target, term.field.name, keys[at]!))
    return partitions.map((partition) => {
      const within = holdsCursor(partition, nulls?.[0]) ? nulls : undefined
      return this.ready(compiler.page({ read, backward, nulls: within, partition }, layout, frames), bound)
    })
  }

  private key(target: Parameters<typeof compilerOf>[1] | undefined, name: string, text: string | null): unknown {
    if (text === null) return null
    const compiler = target === undefined ? this.compiler : compilerOf(this.compiler.dialect, target)
    return compiler.storage(compiler.model.all[name]!).bindKey(text)
  }

  /** The second part of an order that NULLs divide is read only when the first does not fill the page. */
  private async fill(statements: readonly Ready[], rows: Values[]): Promise<Values[]> {
    const second = statements[1]
    if (second === undefined || rows.length > this.read.asked.limit) return rows
    return [...rows, ...(await this.now(second))]
  }

  /** The keys of a cursor that has the primary key alone; `undefined` when its row is gone. */
  async keysOf(layout: Layout, primaryKey: readonly string[]): Promise<Keys | undefined> {
    const { compiler, read, frames } = this
    const own = compiler.model.primaryKey.map((field, at) => compiler.storage(field).bindKey(primaryKey[at]!))
    const [row] = await this.run(this.ready(compiler.keysOf(read, layout, frames), own))
    return row && layout.keyAt.map((at) => textOf(row[at]))
  }

  /** Rows after some keys, and the keys of the last one where more follow. */
  async batch(
    layout: Layout,
    keys: Keys | undefined,
  ): Promise<{ readonly values: Values[]; readonly last: Keys | undefined }> {
    const { limit } = this.read.asked
    const values = await this.page(layout, keys)
    if (values.length <= limit) return { values, last: undefined }
    values.length = limit
    const last = values.at(-1)!
    return { values, last: layout.keyAt.map((at) => textOf(last[at])) }
  }

  ready(statement: Statement, keys?: readonly unknown[]): Ready {
    const { frames } = this
    return {
      text: statement.text,
      parameters: parametersOf(statement, { frames, leaves: this.leaves(), skip: this.read.asked.skip, keys }),
    }
  }

  private leaves(): readonly (readonly unknown[])[] {
    const { conditions } = this.read.asked
    if (conditions.length === 0) return none
    let known = leaves.get(this.read)
    if (!known) {
      known = new Map()
      leaves.set(this.read, known)
    }
    let bound = known.get(this.compiler)
    if (!bound) {
      bound = boundLeaves(this.compiler, conditions)
      known.set(this.compiler, bound)
    }
    return bound
  }

  async run(statement: Ready): Promise<Values[]> {
    return this.now(statement)
  }

  private now({ text, parameters }: Ready): Values[] | Promise<Values[]> {
    return this.database.valuesNow?.(text, parameters) ?? this.database.values(text, parameters)
  }
}

const none: readonly (readonly unknown[])[] = []

/** A driver's value as a cursor carries it. */
export const textOf = (value: unknown): string | null => (value === null ? null : String(value))
