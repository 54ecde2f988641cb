import type { MemoryShape } from './memory/types.ts'
import type { Shape } from './types.ts'

/** What a shape tells other shapes at compile time: what they may ask of it over a relation. */
export interface ShapeFacts {
  /** A row as it leaves, with everything that can be asked for. */
  readonly row: unknown
  /** Parameters that filter by its own fields: `{ 'price[gte]'?: number }`. */
  readonly filters: object
  /** Parameters that filter by fields over its own relations. */
  readonly reach: object
  /** Its own fields that rows can be sorted by. */
  readonly sort: string
  /** Keys to sort by over its own relations. */
  readonly sortOver: string
  /** Fields that may leave. */
  readonly fields: string
  /** Names of its relations. */
  readonly relations: string
}

/** A row of another table that a field here points at; made by `one()`. */
export interface One<X extends ShapeFacts = ShapeFacts, By extends string = string> {
  readonly kind: 'one'
  readonly by: By | undefined
  readonly shape: Target
  readonly options: RelationOptions
  readonly '~facts'?: X
}
/** Rows of another table that point at a row here; made by `many()`. */
export interface Many<X extends ShapeFacts = ShapeFacts> {
  readonly kind: 'many'
  readonly by: string | undefined
  readonly shape: Target
  readonly options: ManyOptions
  readonly '~facts'?: X
}
/** The other table's shape, or a function that answers it where it is declared later in the file. */
export type Target<X extends ShapeFacts = any> = Pointed<X> | (() => Pointed<X>)
type Pointed<X extends ShapeFacts> = Shape<any, any, X> | MemoryShape<any, any, X>

export interface RelationOptions {
  /** Whether clients may filter by the relation. @default true */
  readonly filter?: boolean
  /** Whether clients may ask for its rows with `expand`. @default true */
  readonly expand?: boolean
  /** Without it the relation does not exist for the caller. */
  readonly permission?: string
  /** The field that is pointed at. @default the primary key of the table that is pointed at */
  readonly to?: string
}
export interface ManyOptions extends RelationOptions {
  /** Rows shown for each row here. @default { default: 5, max: 50 } */
  readonly limit?: { readonly default?: number; readonly max?: number }
}

/** The relations of a table: those to one row go by a field of it. */
export type Relations<Field extends string> = { readonly [name: string]: One<any, Field> | Many<any> }

export type AnyRelation = One<any> | Many<any>

type Both<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void ? All : never
type Prefixed<P extends string, F> = { [K in keyof F & string as `${P}.${K}`]?: F[K] }
type Quantifier = 'any' | 'none' | 'every'

/** Parameters over relations, one hop further than what `Pick` takes of the other shape. */
type Over<R, Part extends 'filters' | 'both'> = Both<
  {
    [K in keyof R & string]: R[K] extends One<infer X, string>
      ? Prefixed<K, Taken<X, Part>>
      : R[K] extends Many<infer X>
        ? Prefixed<`${K}.${Quantifier}`, Taken<X, Part>>
        : never
  }[keyof R & string]
>
type Taken<X extends ShapeFacts, Part> = Part extends 'both' ? X['filters'] & X['reach'] : X['filters']

/** Parameters that filter over relations. */
export type RelatedFilters<R> = Over<R, 'both'>
/** Those that a shape hands on to shapes that point at it. */
export type Reach<R> = Extract<Over<R, 'filters'>, object>

type FactsOf<E> = E extends One<infer X, string> ? X : E extends Many<infer X> ? X : never

/** Keys to sort by over relations to one row: `author.name`. */
export type RelatedSort<R> = {
  [K in keyof R & string]: R[K] extends One<infer X, string> ? `${K}.${X['sort'] | X['sortOver']}` : never
}[keyof R & string]
/** Fields over relations: `author.name`. */
export type RelatedFields<R> = { [K in keyof R & string]: `${K}.${FactsOf<R[K]>['fields']}` }[keyof R & string]
/** What `expand` takes. */
export type ExpandWord<R> = {
  [K in keyof R & string]: K | `${K}.${FactsOf<R[K]>['relations']}`
}[keyof R & string]

type Several<W> = W | readonly W[]
type SortWord<S extends string> = S | `-${S}`
/** `expand.comments.limit`, `.sort`, `.fields`, and its filters. */
export type ExpandInput<R> = Both<
  {
    [K in keyof R & string]: R[K] extends Many<infer X>
      ? Prefixed<`expand.${K}`, X['filters'] & X['reach'] & ManyWords<X>>
      : R[K] extends One<infer X, string>
        ? Prefixed<`expand.${K}`, X['filters'] & X['reach'] & { fields?: Several<X['fields']> }>
        : never
  }[keyof R & string]
>
interface ManyWords<X extends ShapeFacts> {
  limit?: number
  sort?: Several<SortWord<X['sort']>>
  fields?: Several<X['fields']>
}

/** What expanded rows are in a row. */
export type Expanded<R> = {
  [K in keyof R]?: R[K] extends One<infer X, string>
    ? X['row'] | null
    : R[K] extends Many<infer X>
      ? { data: X['row'][]; hasMore: boolean }
      : never
}
