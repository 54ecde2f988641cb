/** Name of an index, as migrations have it: `products_status_created_at_index`. */
export const indexName = (table: string, columns: readonly string[], kind: 'index' | 'unique' = 'index'): string =>
  short(`${table}_${columns.join('_')}_${kind}`)

/** PostgreSQL cuts names at 63 bytes: a long one keeps its end apart by a checksum. */
export function short(name: string): string {
  if (name.length <= 63) return name
  let sum = 0
  for (const char of name) sum = (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0
  return `${name.slice(0, 54)}_${sum.toString(36)}`
}
