import type { Static, TSchema } from '@sinclair/typebox'
import type { Table } from 'drizzle-orm'
import type { FieldType, TableDefinition } from '#core/ports/database'
import type { FilterRule, JsonFilter } from './declare/declaration.ts'
import type { Expanded, ExpandInput, ExpandWord, RelatedFields, RelatedFilters } from './relations.types.ts'

/** Every operator of the query grammar. A bare key is `eq`. */
export type Operator =
  | 'eq'
  | 'ne'
  | 'in'
  | 'nin'
  | 'null'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'contains'
  | 'starts'
  | 'ends'
  | 'has'
  | 'hasAny'
  | 'hasAll'
  | 'empty'
  | 'on'

// Tuples, not unions: the compiler would show a union by its name instead of the words in it.
type Equality = ['eq', 'ne', 'in', 'nin']
type Ordered = [...Equality, 'gt', 'gte', 'lt', 'lte']
type Textual = [...Equality, 'contains', 'starts', 'ends']

/** Operators of each field type; runtime twin: `operatorsOf` in operators.ts. */
interface OperatorsByType {
  string: Textual
  text: Textual
  email: Textual
  url: Textual
  int: Ordered
  bigint: Ordered
  decimal: Ordered
  float: Ordered
  bool: ['eq', 'ne']
  date: Ordered
  datetime: [...Ordered, 'on']
  uuid: Equality
  enum: Equality
  ref: Equality
  file: []
  json: []
  list: ['has', 'hasAny', 'hasAll', 'empty']
}

export type RowOf<T> = T extends TableDefinition<string, infer Row> ? Row : T extends Table ? T['$inferSelect'] : never
export type FieldName<T> = keyof RowOf<T> & string
/** Fields that may leave. Written as `Extract` and `Exclude`, so that the compiler names them in its messages. */
export type Visible<T, H> = Exclude<Extract<keyof RowOf<T>, string>, H>
type Value<T, K> = K extends keyof RowOf<T> ? NonNullable<RowOf<T>[K]> : never
type IsNullable<T, K> = K extends keyof RowOf<T> ? (null extends RowOf<T>[K] ? true : false) : false

/** The field type where the table says it as a literal; else `unknown`, and the row's type decides. */
type TypeOf<T, K> = T extends { readonly fields: infer F }
  ? K extends keyof F
    ? F[K] extends { readonly type: infer Type extends FieldType }
      ? FieldType extends Type
        ? unknown
        : Type
      : unknown
    : unknown
  : unknown
/** drizzle's own name of a column's kind tells exact numbers and dates, which are strings in rows, from text. */
type ColumnKind<T, K> = T extends { readonly _: { readonly columns: infer C } }
  ? K extends keyof C
    ? C[K] extends { readonly _: { readonly columnType: infer Kind } }
      ? Kind
      : unknown
    : unknown
  : unknown
type IsJson<T, K> =
  TypeOf<T, K> extends 'json' ? true : ColumnKind<T, K> extends `${string}Json${string}` ? true : false
type StringOperators<V, Kind> = string extends V
  ? unknown extends Kind
    ? [...Textual, ...OperatorsByType['datetime']]
    : Kind extends `${string}Numeric` | `${string}Date${string}`
      ? Ordered
      : Kind extends `${string}Timestamp${string}`
        ? OperatorsByType['datetime']
        : Kind extends `${string}UUID`
          ? Equality
          : Textual
  : Equality
type OperatorsByValue<V, Kind> = [V] extends [boolean]
  ? OperatorsByType['bool']
  : [V] extends [number | bigint]
    ? Ordered
    : [V] extends [Date]
      ? OperatorsByType['datetime']
      : [V] extends [string]
        ? StringOperators<V, Kind>
        : [V] extends [readonly unknown[]]
          ? OperatorsByType['list']
          : []

/** The operators that a field can be filtered by. */
export type OperatorsOf<T, K> =
  | (TypeOf<T, K> extends infer Type extends FieldType
      ? OperatorsByType[Type][number]
      : OperatorsByValue<Value<T, K>, ColumnKind<T, K>>[number])
  | (IsNullable<T, K> extends true ? 'null' : never)

/** Which fields may be filtered, and how: `true` is every operator of the field's type. */
export type Filters<T> = {
  readonly [K in FieldName<T>]?:
    | true
    | readonly Extract<OperatorsOf<T, K>, string>[]
    | FilterRule<Extract<OperatorsOf<T, K>, string>>
    | (IsJson<T, K> extends true ? JsonFilter : never)
} & {
  readonly [other: string]: unknown
}

/** A value as clients write it in a query. */
type Written<V> = [V] extends [boolean]
  ? boolean
  : [V] extends [number]
    ? number
    : [V] extends [bigint]
      ? bigint | number | string
      : [V] extends [Date]
        ? Date | string
        : V extends readonly (infer Item)[]
          ? Written<Item>
          : V
type Operand<V, O> = O extends 'in' | 'nin' | 'hasAny' | 'hasAll'
  ? Written<V> | readonly Written<V>[]
  : O extends 'null' | 'empty'
    ? boolean
    : O extends 'contains' | 'starts' | 'ends' | 'on'
      ? string
      : Written<V>
type Allowed<T, K, Spec> = Spec extends readonly (infer O extends string)[]
  ? O
  : Spec extends { readonly by: readonly (infer O extends string)[] }
    ? O
    : OperatorsOf<T, K>
type Called<K extends string, Spec> = Spec extends { readonly as: infer A extends string } ? A : K
type KeyOf<K extends string, O> = O extends 'eq' ? K : O extends string ? `${K}[${O}]` : never
type Keyed<K extends string, V, O> = O extends string ? { key: KeyOf<K, O>; value: Operand<V, O> } : never
type FilterKeys<T, F> = {
  [K in keyof F & string]: F[K] extends JsonFilter<infer P>
    ? JsonKeys<K, P>
    : Keyed<Called<K, F[K]>, Value<T, K>, Allowed<T, K, F[K]>>
}[keyof F & string]
type JsonKeys<K extends string, P> = {
  [Q in keyof P & string]: P[Q] extends readonly [infer S extends TSchema, readonly (infer O)[]]
    ? Keyed<`${K}.${Q}`, Static<S>, O>
    : P[Q] extends TSchema
      ? Keyed<`${K}.${Q}`, Static<P[Q]>, OperatorsByValue<Static<P[Q]>, 'Json'>[number] | 'null'>
      : never
}[keyof P & string]
/** Parameters that filter by the table's own fields. */
export type FilterInput<T, F> = { [P in FilterKeys<T, F> as P['key']]?: P['value'] }

export type SortWord<S extends string> = S | `-${S}`
type Several<W> = W | readonly W[]

/** How many rows there are: not asked by default, because it costs more than the page. */
export type CountMode = 'capped' | 'exact' | 'estimated'

/** The query as clients write it: flat keys, so that every client is typed without a serializer of its own. */
export type QueryOf<T, F, S extends string, V extends string, C extends CountMode, R = {}> = FilterInput<T, F> & {
  sort?: Several<SortWord<S>>
  fields?: Several<V | RelatedFields<R>>
  limit?: number
  /** An expression of filters: `status eq draft or (score gte 5 and not title contains tea)`. */
  where?: string
  /** Words to look for. */
  q?: string
  /** Time zone of days, such as `Europe/Rome`. */
  tz?: string
  /** Cursor of the row that the page comes after; `start` is the first page. */
  after?: string
  /** Cursor of the row that the page comes before; `end` is the last page. */
  before?: string
} & ([C] extends [never] ? {} : { count?: C }) &
  ([keyof R] extends [never] ? {} : RelatedFilters<R> & ExpandInput<R> & { expand?: Several<ExpandWord<R>> })

type WireValue<V> = V extends Date | bigint
  ? string
  : V extends string | number | boolean | null
    ? V
    : V extends readonly (infer Item)[]
      ? WireValue<Item>[]
      : V
type Wire<T, K> = K extends keyof RowOf<T> ? WireValue<RowOf<T>[K]> : never
/** A row as it leaves: the default fields, and the others when `fields` asks for them. */
export type Listed<T, D extends string, V extends string, R = {}> = { [K in D]: Wire<T, K> } & {
  [K in Exclude<V, D>]?: Wire<T, K>
} & ([keyof R] extends [never] ? {} : Expanded<R>)
