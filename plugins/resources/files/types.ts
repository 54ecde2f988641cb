import type { StoredFile } from '#core/ports/file-store'
import type { Problem } from '#core/problem'
import type { ResourceTypes } from '../types.ts'

/** Names of the `t.file()` fields of a table. */
export type FileField<T> = T extends { readonly fields: infer F }
  ? { [K in keyof F & string]: F[K] extends { readonly type: 'file' } ? K : never }[keyof F & string]
  : never

type Refused = 401 | 403 | 404 | 422 | 429
type Refusals<Status extends number> = { [S in Status]: Problem }

interface Keyed {
  params: { id: string }
  query: unknown
  headers: unknown
}
interface FileRoute<Row> {
  put: Keyed & { body: { file: File }; response: { 200: Row } & Refusals<Refused | 400 | 408 | 413 | 415> }
  get: Keyed & { body: unknown; response: { 200: unknown; 206: unknown } & Refusals<Refused | 416> }
  delete: Keyed & { body: unknown; response: { 204: void } & Refusals<Refused> }
}

/** The routes of file columns. */
export type FileRoutes<Name extends string, R extends ResourceTypes, F extends string> = [F] extends [never]
  ? {}
  : { [K in Name]: { ':id': { [Field in F]: FileRoute<R['row']> } } }

/** What the service of a resource with files has beside the others' words. */
export type FileService<R extends ResourceTypes, F extends string> = [F] extends [never]
  ? unknown
  : {
      /** Stores a file as the route does. @throws {ProblemError} KWIK_FILE_CONTENT, KWIK_FILE_EMPTY, KWIK_BODY_TOO_LARGE, KWIK_NOT_FOUND */
      putFile(id: string, field: F, file: Blob, caller: R['caller']): Promise<R['row']>
      /** @throws {ProblemError} KWIK_NOT_FOUND */
      openFile(
        id: string,
        field: F,
        caller: R['caller'],
      ): Promise<StoredFile & { readonly content: ReadableStream<Uint8Array> }>
      /** @throws {ProblemError} KWIK_NOT_FOUND */
      deleteFile(id: string, field: F, caller: R['caller']): Promise<void>
    }
