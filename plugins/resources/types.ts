import type { Table } from 'drizzle-orm'
import type { Database, TableDefinition, TableLike } from '#core/ports/database'
import type { Page, RowOf } from '../shaping/index.ts'

/** What can be done with a resource. */
export type Operation = 'list' | 'get' | 'create' | 'update' | 'replace' | 'delete'

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

/** When clients may write a field: `'create'` is once, `false` is never. */
export interface FieldRule {
  readonly write?: 'create' | false
}
export type FieldRules<T> = { readonly [K in keyof RowOf<T> & string]?: FieldRule }
type Barred<W, Word> = { [K in keyof W]-?: W[K] extends { readonly write: Word } ? K : never }[keyof W]

type WireValue<V> = V extends Date | bigint ? string : V
type Shown<X> = { [K in keyof X]: X[K] } & {}

/** Body of a create: what a row needs, in the form of the wire (times, bigints and decimals are text). */
export type CreateOf<T, W> = Shown<{
  [K in keyof InsertOf<T> as Exclude<K, ServerOwned<T> | Barred<W, false>>]: WireValue<InsertOf<T>[K]>
}>
/** Body of a replace: the same without the fields that are written once. */
export type ReplaceOf<T, W> = Shown<Omit<CreateOf<T, W>, Barred<W, 'create'> & string>>
/** Body of an update: what is to change. `null` empties a field, a field that is absent stays. */
export type UpdateOf<T, W> = Partial<ReplaceOf<T, W>>

/** Whether rows say who wrote them. */
export type IsAudited<T> = RowOf<T> extends { createdBy: unknown } | { updatedBy: unknown } ? true : false

interface Acting {
  /** The database to work on; a call inside its `tx()` joins the transaction. */
  readonly db: Database
  /** What the user may do: guarded fields are unknown without their permission. @default everything */
  readonly permissions?: ReadonlySet<string>
}
/** For whom a call of the service is: nobody, where rows do not say who wrote them. */
export type Caller<T = TableLike> =
  IsAudited<T> extends true
    ? Acting & { readonly user: { readonly id: string } }
    : Acting & { readonly user?: { readonly id: string } | null }

/** The types of one resource. */
export interface ResourceTypes {
  row: unknown
  listed: unknown
  query: unknown
  create: unknown
  update: unknown
  replace: unknown
  caller: unknown
}

/** A resource without HTTP, for jobs, seeds and other routes. Rows and values are in the form of the wire. */
export interface ResourceService<R extends ResourceTypes> {
  /** A page, as `GET /products` answers it. @throws {ProblemError} KWIK_QUERY_INVALID */
  list(query: R['query'], caller: R['caller']): Promise<Page<R['listed']>>
  /** @throws {ProblemError} KWIK_NOT_FOUND */
  get(id: string, caller: R['caller']): Promise<R['row']>
  find(id: string, caller: R['caller']): Promise<R['row'] | undefined>
  /** @throws {ProblemError} KWIK_INVALID, KWIK_RESOURCE_OUT_OF_SCOPE */
  create(values: R['create'], caller: R['caller']): Promise<R['row']>
  /** Changes what is given, and nothing else. @throws {ProblemError} KWIK_INVALID, KWIK_NOT_FOUND */
  update(id: string, values: R['update'], caller: R['caller']): Promise<R['row']>
  /** Writes the whole row: what is not given becomes its default, or empty. @throws {ProblemError} KWIK_INVALID, KWIK_NOT_FOUND */
  replace(id: string, values: R['replace'], caller: R['caller']): Promise<R['row']>
  /** @throws {ProblemError} KWIK_NOT_FOUND */
  delete(id: string, caller: R['caller']): Promise<void>
}
