import type { Problem } from '#core/problem'
import type { Expecting, ResourceTypes } from './types.ts'

/** A row that is there, and whether this call made it. */
export interface Made<Row> {
  readonly row: Row
  readonly created: boolean
}
/** Fields that are unique together: rows are found by them. Some may come from the scope, and be no client's to write. */
export interface By<R extends ResourceTypes> {
  readonly by: readonly (keyof (R['create'] & R['row']) & string)[]
}

/** A resource without HTTP, for jobs, seeds and other routes. Rows and values are in the form of the wire. */
export interface ResourceService<R extends ResourceTypes> {
  /** A page, as `GET /products` answers it. @throws {ProblemError} KWIK_QUERY_INVALID */
  list(query: R['query'], caller: R['caller']): Promise<R['page']>
  /** @throws {ProblemError} KWIK_NOT_FOUND */
  get(id: string, caller: R['caller']): Promise<R['row']>
  find(id: string, caller: R['caller']): Promise<R['row'] | undefined>
  /** @throws {ProblemError} KWIK_INVALID, KWIK_RESOURCE_OUT_OF_SCOPE */
  create(values: R['create'], caller: R['caller']): Promise<R['row']>
  /**
   * Makes the row, unless one with these unique values is there: that one is answered as it is.
   * @throws {ProblemError} KWIK_INVALID; KWIK_RESOURCE_TAKEN when the row that is there is out of scope
   */
  createIfNotExist(values: R['create'], by: By<R>, caller: R['caller']): Promise<Made<R['row']>>
  /**
   * Makes the row, or writes the one with these unique values as a whole, in one statement.
   * @throws {ProblemError} KWIK_INVALID; KWIK_RESOURCE_TAKEN when the row that is there is out of scope
   */
  upsert(values: R['create'], by: By<R>, caller: R['caller']): Promise<Made<R['row']>>
  /** Changes what is given, and nothing else. @throws {ProblemError} KWIK_INVALID, KWIK_NOT_FOUND, KWIK_RESOURCE_PRECONDITION */
  update(id: string, values: R['update'], caller: R['caller'], expecting?: Expecting): Promise<R['row']>
  /** Writes the whole row: what is not given becomes its default, or empty. @throws {ProblemError} as `update` */
  replace(id: string, values: R['replace'], caller: R['caller'], expecting?: Expecting): Promise<R['row']>
  /** @throws {ProblemError} KWIK_NOT_FOUND, KWIK_RESOURCE_PRECONDITION */
  delete(id: string, caller: R['caller'], expecting?: Expecting): Promise<void>
  /** Many rows in one transaction. */
  readonly bulk: BulkService<R>
}

/** What a table whose deleted rows stay has beside that. */
export interface SoftService<R extends ResourceTypes> {
  /** A page of the deleted rows. @throws {ProblemError} KWIK_QUERY_INVALID */
  deleted(query: R['query'], caller: R['caller']): Promise<R['page']>
  /** @throws {ProblemError} KWIK_NOT_FOUND where no such row was deleted, KWIK_RESOURCE_PRECONDITION */
  restore(id: string, caller: R['caller'], expecting?: Expecting): Promise<R['row']>
  /** Removes a row that was deleted. @throws {ProblemError} as `restore` */
  purge(id: string, caller: R['caller'], expecting?: Expecting): Promise<void>
}

/** What became of one item, where each is written by itself. */
export type Outcome<Row> =
  | { readonly status: 200 | 201; readonly row: Row }
  | { readonly status: 204 }
  | { readonly status: number; readonly problem: Problem }

export type BulkUpdate<R extends ResourceTypes> = R['update'] & { readonly id: string; readonly version?: number }
export type BulkKey = string | { readonly id: string; readonly version?: number }

/** All or nothing; each by itself with `{ mode: 'each' }`, which answers what became of each item in their order. */
export interface BulkService<R extends ResourceTypes> {
  create(items: readonly R['create'][], caller: R['caller'], how?: { readonly mode?: 'atomic' }): Promise<R['row'][]>
  create(items: readonly R['create'][], caller: R['caller'], how: Each): Promise<Outcome<R['row']>[]>
  update(items: readonly BulkUpdate<R>[], caller: R['caller'], how?: { readonly mode?: 'atomic' }): Promise<R['row'][]>
  update(items: readonly BulkUpdate<R>[], caller: R['caller'], how: Each): Promise<Outcome<R['row']>[]>
  delete(items: readonly BulkKey[], caller: R['caller'], how?: { readonly mode?: 'atomic' }): Promise<void>
  delete(items: readonly BulkKey[], caller: R['caller'], how: Each): Promise<Outcome<R['row']>[]>
}
interface Each {
  readonly mode: 'each'
}
