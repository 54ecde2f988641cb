import type { Problem } from '#core/problem'
import type { ExportFormat, ExportQuery } from '../shaping/index.ts'
import type { ResourceTypes } from './types.ts'

type Refused = 400 | 401 | 403 | 406 | 429

type FormatsOf<X> = X extends readonly (infer F extends ExportFormat)[]
  ? F
  : X extends { readonly formats: readonly (infer F extends ExportFormat)[] }
    ? F
    : ExportFormat

/** The route of a resource that can be exported. */
export type ExportRoutes<Name extends string, R extends ResourceTypes, X> = [X] extends [never]
  ? {}
  : {
      [K in Name]: {
        export: {
          get: {
            body: unknown
            params: {}
            query: ExportQuery<R['query'], FormatsOf<X>>
            headers: unknown
            response: { 200: string } & { [Status in Refused]: Problem }
          }
        }
      }
    }
