import { answerOf } from '../answer.ts'
import { infoOf } from '../cursor/page-info.ts'
import { stalePosition } from '../cursor/place.ts'
import type { Model } from '../declare/model.ts'
import type { Parts } from '../listing.ts'
import { targetsIn } from '../query/conditions.ts'
import type { Selection } from '../query/selection.ts'
import { countedAs } from '../sql/counting.ts'
import type { Page } from '../types.ts'
import { comparableOf, fromText } from './comparable.ts'
import { within } from './frame.ts'
import { comparatorOf, type Keys } from './order.ts'
import { type Ranked, ranked, shown } from './selected.ts'
import { rowsBehind } from './table.ts'
import type { MemoryList, MemoryMore, MemoryScope } from './types.ts'
import { type Row, World } from './world.ts'

type Shown = Record<string, unknown>

/** One request's list of rows in memory. */
export class MemoryListing implements MemoryList<Shown, Page<Shown>, Row> {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  async page(more?: MemoryMore<Row>): Promise<Page<Shown>> {
    const { asked } = this.parts
    const { world, rows } = await this.ranked(more)
    const { found, full } = this.turnedTo(rows)
    const keysOf = ({ keys }: Ranked) => keys.map((key) => (key === null ? null : String(key)))
    const info = infoOf(this.parts, { store, rows: found, keysOf, full })
    return answerOf(this.parts, {
      ...(asked.total && { total: rows.length }),
      data: found.map(({ row }) => shown(row, asked, world)),
      page: asked.count === undefined ? info : { ...info, count: countedAs(rows.length, asked.count) },
    })
  }

  async all(more?: MemoryMore<Row>): Promise<Shown[]> {
    const { world, rows } = await this.ranked(more)
    return rows.map(({ row }) => shown(row, this.parts.asked, world))
  }

  /** The rows of the page, and whether more follow in the direction that is read. */
  private turnedTo(rows: readonly Ranked[]): { readonly found: readonly Ranked[]; readonly full: boolean } {
    const { asked } = this.parts
    const { skip, limit } = asked
    if (skip !== undefined) return { found: rows.slice(skip, skip + limit), full: rows.length > skip + limit }
    const keys = this.place(rows)
    const compare = comparatorOf(asked.sort)
    const beyond = keys === undefined ? rows : rows.filter((one) => this.isBeyond(compare(one.keys, keys)))
    const full = beyond.length > asked.limit
    return { found: asked.before === undefined ? beyond.slice(0, asked.limit) : beyond.slice(-asked.limit), full }
  }

  private isBeyond(order: number): boolean {
    return this.parts.asked.before === undefined ? order > 0 : order < 0
  }

  /** Keys of the place that the page begins at. */
  private place(rows: readonly Ranked[]): Keys | undefined {
    const { position, asked, read, model } = this.parts
    if (position === undefined) return undefined
    if (position.h !== `${read.identity}${store}`) throw stalePosition(this.parts)
    const { p } = position
    if (p !== undefined) {
      const own = (row: Row): boolean =>
        model.primaryKey.every((field, at) => String(comparableOf(field)(row[field.name])) === p[at])
      const keys = rows.find(({ row }) => own(row))?.keys
      if (keys === undefined) throw stalePosition(this.parts)
      return keys
    }
    return asked.sort.map(({ field }, at) => {
      const text = position.k[at]!
      return text === null ? null : fromText(field, text)
    })
  }

  private async ranked({ where }: MemoryMore<Row> = {}): Promise<{ world: World; rows: readonly Ranked[] }> {
    const { model, asked } = this.parts
    const world = await this.world()
    // What the handler adds is about the list itself, not about where it leads.
    const rows = within(model, world.rowsOf(model), [where].flat())
    return { world, rows: ranked(asked, rows, world) }
  }

  /** The rows that there are for the caller, here and where the query leads. */
  private async world(): Promise<World> {
    const { model, asked, scope } = this.parts
    const { principal, request, tenant } = scope
    const context = { user: principal?.user ?? null, principal, request, tenant }
    const models = [...new Set([model, ...reached(asked)])]
    const sources = await Promise.all(models.map(rowsIn))
    const rows = new Map(
      models.map((one, at) => [one, within(one, sources[at]!, (one.scope?.(context) ?? []) as MemoryScope<Row>[])]),
    )
    return new World((one) => rows.get(one)!)
  }
}

const store = 'memory'

/** The tables that a query leads to. */
function reached({ conditions, sort, expansions }: Selection): Model[] {
  return [
    ...targetsIn(conditions),
    ...sort.flatMap(({ via }) => via.map(({ target }) => target)),
    ...expansions.flatMap((one) => [one.relation.target, ...reached(one)]),
  ]
}

async function rowsIn({ table, name }: Model): Promise<readonly Row[]> {
  const source = rowsBehind(table)
  const rows = typeof source === 'function' ? await source() : source
  if (Array.isArray(rows)) return rows
  throw new TypeError(`shape.memory(${name}): its rows are no array`)
}
