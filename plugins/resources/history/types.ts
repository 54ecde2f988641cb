import type { Problem } from '#core/problem'
import type { Page } from '../../shaping/index.ts'
import type { ResourceTypes } from '../types.ts'
import type { FieldChange } from './table.ts'

/** One write to one row, as the history tells it. */
export interface HistoryEntry<Row = Record<string, unknown>> {
  readonly id: string
  /** `create`, `update`, `replace`, `delete`, `restore`, `purge`, or the name of an action. */
  readonly action: string
  readonly at: string
  readonly actorId: string | null
  /** Who really did it, while somebody was impersonated. */
  readonly impersonatorId: string | null
  readonly requestId: string | null
  /** Of the row after the write, where rows have one. */
  readonly version: number | null
  readonly changes: { readonly [Field in keyof Row]?: FieldChange<Row[Field] | null> }
}

/** What the query of a history may have. */
export interface HistoryQuery {
  readonly action?: string
  readonly actorId?: string
  readonly 'at[gte]'?: string
  readonly 'at[lte]'?: string
  readonly limit?: number
  readonly after?: string
  readonly before?: string
}

type Refused = 400 | 401 | 403 | 404 | 422 | 429

/** The route of a resource whose history is kept. */
export type HistoryRoutes<Name extends string, R extends ResourceTypes, H> = [H] extends [false]
  ? {}
  : {
      [K in Name]: {
        ':id': {
          history: {
            get: {
              body: unknown
              params: { id: string }
              query: HistoryQuery
              headers: unknown
              response: { 200: Page<HistoryEntry<R['row']>> } & { [Status in Refused]: Problem }
            }
          }
        }
      }
    }

/** What the service of such a resource has beside the others' words. */
export type HistoryService<R extends ResourceTypes, H> = [H] extends [false]
  ? unknown
  : {
      /** A page of what was written to a row, the newest first. @throws {ProblemError} KWIK_NOT_FOUND */
      history(id: string, caller: R['caller'], query?: HistoryQuery): Promise<Page<HistoryEntry<R['row']>>>
    }
