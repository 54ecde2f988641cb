import type { RowScopeValue } from '../declaration.ts'

/** Which rows a caller may see: fields and the values they must have, or a test; `false` is none, `undefined` all. */
export type MemoryScope<Row> =
  | ((row: Row) => boolean)
  | { readonly [field: string]: RowScopeValue | readonly RowScopeValue[] | null }
  | false
  | undefined
