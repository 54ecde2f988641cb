import type { Table } from 'drizzle-orm'
import type { Database, TableDefinition, TableLike } from '#core/ports/database'
import type { OperatorsOf, RowOf } from '../shaping/index.ts'
import type { FileField } from './files/types.ts'

/** What can be done with a resource. */
export type Operation =
  | 'list'
  | 'get'
  | 'create'
  | 'update'
  | 'replace'
  | 'delete'
  | 'upsert'
  | 'bulkCreate'
  | 'bulkUpdate'
  | 'bulkDelete'
  | 'deleted'
  | 'restore'
  | 'purge'

type InsertOf<T> =
  T extends TableDefinition<string, infer _Row, infer Insert> ? Insert : T extends Table ? T['$inferInsert'] : never
type MayMiss<I> = { [K in keyof I]-?: {} extends Pick<I, K> ? K : never }[keyof I]

/** Fields that the server alone writes, by their names in `t.audit()`, `t.version()` and `t.softDelete()`; and a key that Kwik makes. */
type ServerOwned<T> =
  | 'createdAt'
  | 'updatedAt'
  | 'createdBy'
  | 'updatedBy'
  | 'deletedAt'
  | 'version'
  | ('id' extends MayMiss<InsertOf<T>> ? 'id' : never)

/** What holds for one field. */
export interface FieldRule<Op extends string = string> {
  /** The permission without which the field does not exist: not in rows, filters and sorting, not in bodies. */
  readonly read?: string
  /** When clients write it: `'create'` is once, `false` never; or the permission that it takes. */
  readonly write?: 'create' | false | `${string}:${string}`
  /** Lists may be filtered by it: `true` for every operator of its type, or the operators. */
  readonly filter?: true | readonly Op[]
  /** Lists may be sorted by it. */
  readonly sort?: true
}
export type FieldRules<T> = { readonly [K in keyof RowOf<T> & string]?: FieldRule<Extract<OperatorsOf<T, K>, string>> }
type Barred<W, Word> = { [K in keyof W]-?: W[K] extends { readonly write: Word } ? K : never }[keyof W]

/** The rules of fields with what the server fills in: clients write neither owner nor tenant, unless a rule says when. */
export type Filled<W, Q extends string> = [Q] extends [never]
  ? W
  : W & { readonly [K in Exclude<Q, WriteRuled<W>>]: { readonly write: false } }
type WriteRuled<W> = { [K in keyof W]-?: W[K] extends { readonly write: unknown } ? K : never }[keyof W]

/** What the rules of fields add to the list. */
export type FiltersBy<W> = { [K in keyof W as W[K] extends { readonly filter: unknown } ? K : never]: FilterBy<W[K]> }
type FilterBy<R> = R extends { readonly filter: infer F } ? F : never
export type SortsBy<W> = { [K in keyof W & string]: W[K] extends { readonly sort: true } ? K : never }[keyof W & string]

type WireValue<V> = V extends Date | bigint ? string : V
type Shown<X> = { [K in keyof X]: X[K] } & {}

/** Body of a create: what a row needs, in the form of the wire (times, bigints and decimals are text). */
export type CreateOf<T, W> = Shown<{
  [K in keyof InsertOf<T> as Exclude<K, ServerOwned<T> | FileField<T> | Barred<W, false>>]: WireValue<InsertOf<T>[K]>
}>
/** Body of a replace: the same without the fields that are written once. */
export type ReplaceOf<T, W> = Shown<Omit<CreateOf<T, W>, Barred<W, 'create'> & string>>
/** Body of an update: what is to change. `null` empties a field, a field that is absent stays. */
export type UpdateOf<T, W> = Partial<ReplaceOf<T, W>>

/** Whether rows say who wrote them. */
export type IsAudited<T> = RowOf<T> extends { createdBy: unknown } | { updatedBy: unknown } ? true : false
/** Whether deleted rows stay. */
export type IsSoft<T> = RowOf<T> extends { deletedAt: unknown } ? true : false

interface Acting {
  /** The database to work on; a call inside its `tx()` joins the transaction. */
  readonly db: Database
  /** What the user may do: guarded fields are unknown without their permission. @default everything */
  readonly permissions?: ReadonlySet<string>
  /** For which tenant it is: needed where rows belong to tenants. */
  readonly tenant?: string | undefined
}
/** A call of the service for a user. */
export interface UserCtx extends Acting {
  readonly user: { readonly id: string }
}
/** A call for a user, where there is one. */
export interface MaybeUserCtx extends Acting {
  readonly user: { readonly id: string } | null
}
/** A call for nobody: only where rows do not say who wrote them. */
export interface NoUserCtx extends Acting {
  readonly user?: null
}
/** For whom a call of the service is. Rows that say who wrote them are written for a user. */
export type Caller<T = TableLike, Audit = true> =
  IsAudited<T> extends true
    ? Audit extends false
      ? UserCtx | MaybeUserCtx | NoUserCtx
      : UserCtx
    : UserCtx | MaybeUserCtx | NoUserCtx

/** What a write expects of the row. */
export interface Expecting {
  /** The version, or versions, that the row must have: else the write is refused with 412. */
  readonly version?: number | readonly number[]
}

/** The types of one resource. */
export interface ResourceTypes {
  row: unknown
  listed: unknown
  /** What a list answers: a page, or bare rows. */
  page: unknown
  query: unknown
  create: unknown
  update: unknown
  replace: unknown
  caller: unknown
}
