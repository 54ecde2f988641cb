import type { Dialect, FieldType } from '#core/ports/database'

const postgresTypes: Partial<Record<FieldType, readonly [kind: string, cast: string]>> = {
  float: ['number', '::numeric'],
  bool: ['boolean', '::boolean'],
}

/** A value inside a JSON column: NULL where there is none, or one of another type. Paths are the developer's own, plain words. */
export function jsonPlace(dialect: Dialect, column: string, type: FieldType, path: readonly string[]): string {
  if (dialect === 'postgresql') {
    // Without quotes `null` would be no word.
    const at = `'{${path.map((word) => (/^null$/i.test(word) ? `"${word}"` : word)).join(',')}}'`
    const [kind, cast] = postgresTypes[type] ?? ['string', '']
    // A cast is made only of what has the type: everything else would fail.
    return `(case when jsonb_typeof(${column}::jsonb #> ${at}) = '${kind}' then (${column}::jsonb #>> ${at})${cast} end)`
  }
  const at = `'$.${path.map((word) => `"${word}"`).join('.')}'`
  const kinds = type === 'float' ? "'integer', 'real'" : type === 'bool' ? "'true', 'false'" : "'text'"
  return `(case when json_type(${column}, ${at}) in (${kinds}) then json_extract(${column}, ${at}) end)`
}
