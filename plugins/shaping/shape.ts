import { documented } from '#core/elysia/door'
import type { TableLike } from '#core/ports/database'
import type { ProblemError } from '#core/problem'
import { type Scope, type Slot, scopeOf, slot } from '#core/scope'
import type { KeyRing } from './cursor.ts'
import type { AnyDeclaration, Declaration } from './declaration.ts'
import { modelOf } from './declared.ts'
import { Issues } from './issues.ts'
import { addressOf, linkToFirst } from './links.ts'
import { Listing } from './listing.ts'
import type { Model } from './model.ts'
import { rememberModel } from './models.ts'
import { filterSchema, querySchema } from './parameters.ts'
import type { Asking } from './paths.ts'
import { positionOf } from './place.ts'
import { searchOf } from './query-string.ts'
import { Readings } from './reading.ts'
import type { Reach, RelatedSort, Relations, ShapeFacts } from './relations.types.ts'
import { ringOf } from './rings.ts'
import type { CountMode, FieldName, FilterInput, Filters, Listed, QueryOf, RowOf, Visible } from './row-types.ts'
import type { FilterHook, List, ListHook, Page, Shape } from './types.ts'
import { urlOf } from './url.ts'
import { wordsOfFilter, wordsOfList } from './words.ts'

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
  const R extends Relations<FieldName<T>> = {},
  const S extends Visible<T, never> | RelatedSort<R> = never,
  const D extends Visible<T, H> = Visible<T, H>,
  const C extends CountMode = never,
  const E extends boolean = true,
>(
  table: T,
  declaration: Declaration<T, F, S, D, H, C, R, E>,
): Shape<
  Listed<T, D, Visible<T, H>, R>,
  QueryOf<T, F, S, Visible<T, H>, C, R>,
  FactsOf<T, F, S, Visible<T, H>, R>,
  E extends true ? Page<Listed<T, D, Visible<T, H>, R>> : Listed<T, D, Visible<T, H>, R>[]
> {
  return new TableShape(table, declaration as AnyDeclaration) as never
}

/** What other shapes may ask of this one. */
export interface FactsOf<T, F, S extends string, V extends string, R> extends ShapeFacts {
  readonly row: Partial<Listed<T, V, V, R>>
  readonly filters: FilterInput<T, F>
  readonly reach: [keyof R] extends [never] ? {} : Reach<R>
  readonly sort: Extract<S, V>
  readonly sortOver: Exclude<S, V>
  readonly fields: V
  readonly relations: keyof R & string
}

type Row = Record<string, unknown>

/** The work behind a shape. */
export class TableShape implements Shape<Row, Row> {
  readonly table: TableLike
  readonly declaration: AnyDeclaration
  private readonly model: Model
  private readonly place: Slot<Listing>
  private readonly readings = { list: new Readings(), filter: new Readings() }
  private readonly hooks: { list?: ListHook<Row>; filter?: FilterHook<Row> } = {}

  constructor(table: TableLike, declaration: AnyDeclaration) {
    const model = modelOf(table, declaration)
    this.table = table
    this.declaration = declaration
    this.model = model
    this.place = slot(`shape ${model.name}`)
    rememberModel(this, model)
  }

  /** Made when it is asked for: relations may lead to shapes that come later in the file. */
  get hook(): ListHook<Row> {
    this.hooks.list ??= { shape: this, query: documented(querySchema(this.model)) as never }
    return this.hooks.list
  }

  get filterOnly(): FilterHook<Row> {
    this.hooks.filter ??= { shape: { filterOnly: this }, query: filterSchema(this.model) as never }
    return this.hooks.filter
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
  load(scope: Scope, ring: KeyRing, mode: 'list' | 'filter' = 'list'): ProblemError | undefined {
    const { model } = this
    const issues = new Issues()
    const asking: Asking = {
      model,
      words: this.words[mode],
      prefix: '',
      budget: model.budget,
      granted: scope.principal?.permissions,
      issues,
    }
    const { read, asked } = this.readings[mode].read(asking, searchOf(scope.request.url))
    const { identity } = read
    const position = issues.none
      ? positionOf(asked, { identity, order: asked.sort, model, scope }, ring, issues)
      : undefined
    if (!issues.none) return issues.problem({ link: linkToFirst(addressOf(scope, ring.rules.baseUrl), asked.kept) })
    scope.set(this.place, new Listing({ model, asked, read, position, ring, scope }))
    return undefined
  }

  private known: { readonly list: ReadonlySet<string>; readonly filter: ReadonlySet<string> } | undefined
  private get words() {
    this.known ??= { list: wordsOfList(this.model), filter: new Set(wordsOfFilter(this.model)) }
    return this.known
  }
}
