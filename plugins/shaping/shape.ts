import type { Dialect, Field, TableLike } from '#core/ports/database'
import type { ProblemError } from '#core/problem'
import { type Scope, type Slot, scopeOf, slot } from '#core/scope'
import { Compiler } from './compiler.ts'
import type { KeyRing } from './cursor.ts'
import { modelOf } from './declared.ts'
import { Issues } from './issues.ts'
import { linkToFirst, pathOf } from './links.ts'
import { Listing } from './listing.ts'
import type { Model } from './model.ts'
import { querySchema } from './parameters.ts'
import { positionOf } from './place.ts'
import { searchOf } from './query-string.ts'
import { Readings } from './reading.ts'
import { ringOf } from './rings.ts'
import type { CountMode, Filters, Listed, QueryOf, RowOf, Visible } from './row-types.ts'
import type { AnyDeclaration, Declaration, List, ListHook, Shape } from './types.ts'
import { urlOf } from './url.ts'

/**
 * Declares what a list of a table's rows can be filtered and sorted by, what its rows show and how long its pages are.
 * From `kwik/shaping`.
 *
 * @param table a `defineTable()` definition, or a plain drizzle table
 * @throws {TypeError} for a declaration that cannot be right, naming table, place and what is allowed
 * @example
 * export const productList = shape(products, {
 *   filter: { status: true, name: ['contains', 'eq'], price: ['gte', 'lte'] },
 *   sort: { keys: ['price', 'createdAt'], default: '-createdAt' },
 *   limit: { default: 20, max: 100 },
 * })
 * app.get('/products', ({ request }) => productList.from({ request }).page(), { ...productList.hook, permission: 'products:read' })
 */
export function shape<
  const T extends TableLike,
  const F extends Filters<T> = {},
  const H extends Extract<keyof RowOf<T>, string> = never,
  const S extends Visible<T, H> = never,
  const D extends Visible<T, H> = Visible<T, H>,
  const C extends CountMode = never,
>(
  table: T,
  declaration: Declaration<T, F, S, D, H, C>,
): Shape<Listed<T, D, Visible<T, H>>, QueryOf<T, F, S, Visible<T, H>, C>> {
  return new TableShape(table, declaration as AnyDeclaration) as never
}

type Row = Record<string, unknown>

/** The work behind a shape. */
export class TableShape implements Shape<Row, Row> {
  readonly table: TableLike
  readonly declaration: AnyDeclaration
  readonly hook: ListHook<Row>
  private readonly model: Model
  private readonly place: Slot<Listing>
  private readonly compilers = new Map<Dialect, Compiler>()
  private readonly readings = new Readings()

  constructor(table: TableLike, declaration: AnyDeclaration) {
    const model = modelOf(table, declaration)
    this.table = table
    this.declaration = declaration
    this.model = model
    this.hook = { shape: this, query: querySchema(model) as never }
    this.place = slot(`shape ${model.name}`)
  }

  from({ request }: { readonly request: Request }): List<Row> {
    const scope = scopeOf(request)
    const parsed = scope.get(this.place)
    if (parsed) return parsed
    const ring = ringOf(scope.app?.root)
    if (!ring) throw new TypeError('a shape needs the plugin: kwik({ shaping: { keys } }), or .use(shaping())')
    const refusal = this.load(scope, ring)
    if (refusal) throw refusal
    return scope.get(this.place)!
  }

  toUrl(path: string, query: Row = {}): string {
    return urlOf(path, query)
  }

  /** Parses the request's query once; answers what is wrong with it. */
  load(scope: Scope, ring: KeyRing): ProblemError | undefined {
    const { model } = this
    const issues = new Issues()
    const granted = scope.principal?.permissions
    const knows = (field: Field): boolean => !model.guarded || model.mayKnow(field, granted)
    const { read, asked } = this.readings.read({ model, knows, issues }, searchOf(scope.request.url))
    const { order, identity } = read
    const position = issues.none
      ? positionOf(asked, { identity, order, primaryKey: model.primaryKey }, ring, issues)
      : undefined
    if (!issues.none) return issues.problem({ link: linkToFirst(pathOf(scope.request.url), asked.kept) })
    const compiler = (dialect: Dialect): Compiler => this.compiler(dialect)
    scope.set(this.place, new Listing({ model, compiler, asked, read, position, ring, scope }))
    return undefined
  }

  private compiler(dialect: Dialect): Compiler {
    let compiler = this.compilers.get(dialect)
    if (!compiler) {
      compiler = new Compiler(dialect, this.model)
      this.compilers.set(dialect, compiler)
    }
    return compiler
  }
}
