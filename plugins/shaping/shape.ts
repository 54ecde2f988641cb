import type { TSchema } from '@sinclair/typebox'
import { type ListFacts, listFacts } from '#core/described'
import { documented } from '#core/elysia/door'
import { namedPermissions } from '#core/grants'
import type { TableLike } from '#core/ports/database'
import { ProblemError } from '#core/problem'
import { type Scope, type Slot, scopeOf, slot } from '#core/scope'
import type { AnswerOf, PythonQuery } from './compat.types.ts'
import type { KeyRing } from './cursor/cursor.ts'
import { addressOf, linkToFirst } from './cursor/links.ts'
import { positionOf } from './cursor/place.ts'
import { ringOf } from './cursor/rings.ts'
import type { AnyDeclaration, Declaration } from './declare/declaration.ts'
import { modelOf } from './declare/declared.ts'
import type { Model } from './declare/model.ts'
import { rememberModel } from './declare/models.ts'
import { exportFormats, formOf } from './export/export.ts'
import { Listing } from './listing.ts'
import { MemoryListing } from './memory/listing.ts'
import { asOfTable, memoryTable, rowsBehind } from './memory/table.ts'
import type { MakeMemoryShape } from './memory/types.ts'
import { exportSchema, filterSchema, querySchema } from './parameters.ts'
import { Issues } from './query/issues.ts'
import { Names } from './query/names.ts'
import { queryInNames } from './query/names-schema.ts'
import type { Asking } from './query/paths.ts'
import { searchOf } from './query/query-string.ts'
import { Readings } from './query/reading.ts'
import { wordsOfExport, wordsOfFilter, wordsOfList } from './query/words.ts'
import type { Reach, RelatedSort, Relations, ShapeFacts } from './relations.types.ts'
import { answerSchema } from './row-schema.ts'
import type { CountMode, FieldName, FilterInput, Filters, Listed, QueryOf, RowOf, Visible } from './row-types.ts'
import type { ExportHook, ExportRules, FilterHook, List, ListHook, Shape } from './types.ts'
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
  const R extends Relations<FieldName<T>> = {},
  const S extends Visible<T, never> | RelatedSort<R> = never,
  const D extends Visible<T, H> = Visible<T, H>,
  const C extends CountMode = never,
  const E extends boolean = true,
  const P extends 'python' = never,
>(
  table: T,
  declaration: Declaration<T, F, S, D, H, C, R, E, P>,
): Shape<
  Listed<T, D, Visible<T, H>, R>,
  QueryOf<T, F, S, Visible<T, H>, C, R> & PythonQuery<P, T, F, S>,
  FactsOf<T, F, S, Visible<T, H>, R>,
  AnswerOf<Listed<T, D, Visible<T, H>, R>, E, P>
> {
  return new TableShape(table, declaration as AnyDeclaration) as never
}

/** What is not made of a table. */
export declare namespace shape {
  const memory: MakeMemoryShape
}
const memory: MakeMemoryShape = (schema, rows, declaration) => {
  const table = memoryTable(schema, rows, declaration)
  const list = new TableShape(table, asOfTable(table.name, declaration))
  return Object.assign(list, {
    ask: async (query?: Row) => list.from({ request: asRequest(list, query) }).page(),
  }) as never
}
Object.assign(shape, { memory })

const asRequest = (list: TableShape, query: Row | undefined): Request =>
  new Request(list.toUrl('http://memory.local/', query))

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

/** What is read of a request: a page, rows that are chosen and not shown, or all rows in a form. */
export type Mode = 'list' | 'filter' | 'export'

/** The work behind a shape. */
export class TableShape implements Shape<Row, Row> {
  readonly table: TableLike
  readonly declaration: AnyDeclaration
  private readonly model: Model
  private readonly place: Slot<Listing>
  private readonly readings = { list: new Readings(), filter: new Readings(), export: new Readings() }
  private readonly hooks: { list?: ListHook<Row, List<Row>>; filter?: FilterHook<Row> } = {}

  constructor(table: TableLike, declaration: AnyDeclaration) {
    const model = modelOf(table, declaration)
    this.table = table
    this.declaration = declaration
    this.model = model
    this.place = slot(`shape ${model.name}`)
    rememberModel(this, model)
    Object.defineProperty(this, namedPermissions, { get: () => model.permissions })
  }

  /** Made when it is asked for: relations may lead to shapes that come later in the file. */
  get hook(): ListHook<Row, List<Row>> {
    this.hooks.list ??= { shape: this, query: this.withFacts(querySchema(this.model)) as never }
    return this.hooks.list
  }

  private withFacts(query: TSchema): TSchema {
    const { model } = this
    const facts: ListFacts = {
      answer: () => answerSchema(model),
      query: (naming) => queryInNames(query, model, naming),
    }
    return documented(Object.assign(query, { [listFacts]: facts }))
  }

  get filterOnly(): FilterHook<Row> {
    const shape = { filterOnly: this, [namedPermissions]: this.model.permissions }
    this.hooks.filter ??= { shape, query: filterSchema(this.model) as never }
    return this.hooks.filter
  }

  /** @throws {TypeError} for filters whose names an export needs itself */
  exportHook(rules: ExportRules = {}): ExportHook<never> {
    const { formats = exportFormats, max } = rules
    const wrong = (text: string): TypeError => new TypeError(`shape(${this.model.name}): export: ${text}`)
    const strange = formats.find((format) => !exportFormats.includes(format))
    if (strange !== undefined || formats.length === 0) throw wrong(`formats are ${exportFormats.join(' and ')}`)
    if (max !== undefined && !(Number.isInteger(max) && max > 0)) throw wrong('max is a number of rows')
    for (const word of ['format', 'bom'])
      if (this.model.filters.has(word))
        throw wrong(`"${word}" is a word of exports: give the filter another name, { as: '${word}Value' }`)
    const shape = {
      exportOnly: this,
      rules: { formats, ...(max !== undefined && { max }) },
      [namedPermissions]: this.model.permissions,
    }
    return {
      shape,
      query: this.withFacts(exportSchema(this.model, formats)) as never,
    }
  }

  from({ request }: { readonly request: Request }): List<Row> {
    const scope = scopeOf(request)
    const parsed = scope.get(this.place)
    if (parsed) return parsed
    const ring = ringOf(scope.app?.root)
    if (!ring) throw new TypeError('a shape needs the plugin: kwik({ shaping: { keys } }), or .use(shaping())')
    const list = this.load(scope, ring)
    if (list instanceof ProblemError) throw list
    return list
  }

  toUrl(path: string, query: Row = {}): string {
    return urlOf(path, query)
  }

  /** Parses the request's query once; answers what is wrong with it. */
  load(scope: Scope, ring: KeyRing, mode: Mode = 'list', rules: ExportRules = {}): ProblemError | Listing {
    const { model } = this
    const names = scope.naming && new Names(scope.naming, model, this.words[mode])
    const issues = new Issues(names)
    const asking: Asking = {
      model,
      words: this.words[mode],
      prefix: '',
      budget: model.budget,
      granted: scope.principal?.permissions,
      issues,
      ...(names && { names }),
    }
    const { read, asked } = this.readings[mode].read(asking, searchOf(scope.request.url))
    const { identity } = read
    const position = issues.none
      ? positionOf(asked, { identity, order: asked.sort, model, scope }, ring, issues)
      : undefined
    const form = mode === 'export' ? formOf(asked, scope.request, rules, issues) : undefined
    if (!issues.none) return issues.problem({ link: linkToFirst(addressOf(scope, ring.rules.baseUrl), asked.kept) })
    const parts = { model, asked, read, position, ring, scope, ...(form && { form }) }
    const inMemory = rowsBehind(this.table) !== undefined
    const listing = inMemory ? (new MemoryListing(parts) as never) : new Listing(parts)
    scope.set(this.place, listing)
    return listing
  }

  private known: Readonly<Record<Mode, ReadonlySet<string>>> | undefined
  private get words() {
    const { model } = this
    this.known ??= { list: wordsOfList(model), filter: new Set(wordsOfFilter(model)), export: wordsOfExport(model) }
    return this.known
  }
}
