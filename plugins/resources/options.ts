import type { TableLike } from '#core/ports/database'
import type { FileStore } from '#core/ports/file-store'
import type {
  AnyShape,
  CountMode,
  Declaration,
  Filters,
  RowOf,
  RowScope,
  ScopeContext,
  Visible,
} from '../shaping/index.ts'
import type { AnyActions } from './actions.ts'
import type { Actions } from './actions.types.ts'
import type { ResourceCache } from './caching.ts'
import type { Exporting } from './export.ts'
import type { FileRule } from './files/options.ts'
import type { HistoryOptions } from './history/options.ts'
import type { IdempotentRoute } from './idempotency/options.ts'
import type { CreateOf, FieldRules, Filled, IsAudited, Operation, ResourceTypes, UpdateOf } from './types.ts'

/** Options of one route: any route option of Kwik's plugins, `detail`, and hooks of Elysia. */
export type RouteOptions = Readonly<Record<string, unknown>>

/** What happened to a row, told after it was committed. */
export interface Change<Row> {
  readonly action: 'create' | 'update' | 'replace' | 'delete' | 'restore' | 'purge'
  readonly id: string
  /** The row as it is now; absent after a delete and a purge. */
  readonly row?: Row
  readonly userId: string | null
}

/** Work of the app around writes. A `before` hook runs in the transaction of the write: what it throws leaves nothing behind. */
export interface Hooks<Create, Update, Row> {
  /** Sees what will be stored, and may answer other values. */
  beforeCreate?(values: Create, context: ScopeContext): Create | void | Promise<Create | void>
  /** Sees what will change, by PATCH or PUT, and may answer other values. */
  beforeUpdate?(values: Update, context: ScopeContext, id: string): Update | void | Promise<Update | void>
  beforeDelete?(id: string, context: ScopeContext): void | Promise<void>
  /** Runs once the write is committed, and never for one that was rolled back. */
  afterCommit?(change: Change<Row>): void | Promise<void>
}

/** Stands where `permissions: false` would let anybody write rows that say who wrote them. */
export interface SayAuditFalse {
  readonly '~remedy': 'audit: false'
}

/** Unique fields, alone or together. Written as `Extract`, so that the compiler names them in its messages. */
export type UpsertBy<T> = readonly (Extract<keyof RowOf<T>, string> | readonly Extract<keyof RowOf<T>, string>[])[]
export interface BulkOptions {
  /** Items of one request. @default 500 */
  readonly max?: number
}

/** What every resource says, whichever way its list is given. */
export interface ResourceBase<
  T extends TableLike,
  W,
  O extends Operation,
  A extends boolean,
  Row,
  U,
  K,
  Q extends string = never,
> {
  readonly table: T
  /**
   * First word of the permissions that the routes ask for: `products` gives `products:read`, `:create`, `:update`, `:delete`.
   * `false` asks for none: **anybody may do everything**, so a table that says who wrote a row takes it with `audit: false` only.
   * @default the resource's name
   */
  readonly permissions?: string | (IsAudited<T> extends true ? (A extends false ? false : SayAuditFalse) : false)
  /** The operations to serve. @default all */
  readonly only?: readonly O[]
  /** Who reads and writes single fields, and by which a list is filtered and sorted. Server-owned fields need no word here. */
  readonly fields?: W & FieldRules<T>
  /** Write who made and changed a row, where the table has `createdBy` and `updatedBy`. @default true */
  readonly audit?: A
  /**
   * Whether clients must say with If-Match which version they change, replace or delete; for tables with `t.version()`.
   * @default 'optional'
   */
  readonly version?: 'optional' | 'required'
  /** Unique fields by which `PUT /products?by=sku` finds the row that it writes, or makes. @default none */
  readonly upsert?: U
  /** Serve `POST`, `PATCH` and `DELETE /products/bulk`, for so many items at most. @default none */
  readonly bulk?: K
  /** Which rows a caller may see and write at all. `{ ownerId: user.id }` also fills the field in when a row is created. */
  scope?(context: ScopeContext): RowScope
  /**
   * The field with the id of who a row belongs to: `authorId`, or `createdBy`. Who holds `posts:read:own` and not `posts:read`
   * then sees their own rows alone, and so with every operation; a new row is its maker's. Declare both forms.
   * @default rows belong to nobody
   */
  readonly owner?: Q
  /** The field with the tenant that a row belongs to: rows of others are not there, and the server writes it. Needs `kwik({ tenant })`. @default none */
  readonly tenant?: Q
  readonly hooks?: Hooks<CreateOf<T, Filled<NoInfer<W>, NoInfer<Q>>>, UpdateOf<T, Filled<NoInfer<W>, NoInfer<Q>>>, Row>
  /** For every route. */
  readonly rateLimit?: unknown
  /** For `list` and `get`: `{ ttl: 300 }` keeps their answers until a write ends them. Needs `kwik({ cache })`. @default none */
  readonly cache?: true | ResourceCache
  /** For every route that writes: repeats with one `Idempotency-Key` get the first answer again. Needs `kwik({ idempotency })`. */
  readonly idempotent?: boolean | IdempotentRoute
  /** Keep what each write changed, and show it at `GET /products/:id/history`. Needs the table {@link historyTable}. @default false */
  readonly history?: boolean | HistoryOptions
  /** Where the files of `files` are kept: `diskFiles({ folder })`. */
  readonly fileStore?: FileStore
  /** For the routes of single operations; `public`, `auth` or `permission` here replace the permission that the route would ask for. */
  readonly options?: { readonly [K in Operation]?: RouteOptions }
  /** What one row is called in the API document: `Product`. @default made of the name */
  readonly singular?: string
}

/** What decides which routes and words a resource has beside the usual ones. */
export interface Additional<Y, Z extends string, X> {
  readonly history?: Y
  /** Columns of `t.file()` and what they take: adds PUT, GET and DELETE of `/products/:id/<field>`. */
  readonly files?: { readonly [Field in Z]: FileRule }
  /** Serve `GET /products/export`, the whole list as a file: `['csv', 'ndjson']`, or more to say. @default none */
  readonly export?: X
}

/** What a resource's app adds to it. */
export interface WithActions<B, A, O, R extends ResourceTypes> {
  /** What else can be done with it: `{ archive: { body: t.Object({}), run } }` is `POST /products/:id/archive`. @default none */
  readonly actions?: Actions<B, A, O, R>
}

/** A resource whose list is declared in place. */
export interface ResourceOptions<
  T extends TableLike,
  F,
  H extends string,
  S extends string,
  D extends string,
  C extends CountMode,
  R,
  E extends boolean,
  W,
  O extends Operation,
  A extends boolean,
  Row,
  U,
  K,
  P extends 'python' = never,
  Q extends string = never,
> extends ResourceBase<T, W, O, A, Row, U, K, Q> {
  /** How the list may be filtered, sorted and paged, as `shape()` takes it. @default by primary key, without filters */
  readonly list?: Declaration<T, F, S, D, H, C, R, E, P>
}

/** A resource whose list is a shape. */
export interface ResourceOfShape<
  T extends TableLike,
  L extends AnyShape,
  W,
  O extends Operation,
  A extends boolean,
  Row,
  U,
  K,
  Q extends string = never,
> extends ResourceBase<T, W, O, A, Row, U, K, Q> {
  readonly list: L
}

/** Options with their types put aside. */
export type AnyResourceOptions = Omit<
  ResourceBase<TableLike, {}, Operation, boolean, never, UpsertBy<TableLike>, BulkOptions>,
  'hooks' | 'permissions' | 'actions' | 'owner' | 'tenant'
> & {
  readonly owner?: string
  readonly tenant?: string
  readonly actions?: AnyActions
  readonly permissions?: string | false
  readonly hooks?: Hooks<Values, Values, Values>
  readonly list?: AnyShape | object
  readonly files?: Readonly<Record<string, FileRule>>
  readonly export?: Exporting
}
export type Values = Readonly<Record<string, unknown>>
export type { CountMode, Declaration, Filters, RowOf, Visible }
