import { type TSchema, TypeGuard } from '@sinclair/typebox'
import type { VersionsInside } from '../../../plugins/versioning/index.ts'

/** What of a value must come back from another version: all but what a change says is lost. */
export function comparable(
  history: VersionsInside['history'],
  schema: TSchema,
  value: unknown,
  step: number,
  side: 'older' | 'newer',
): unknown {
  const inner = (child: TSchema, one: unknown): unknown => comparable(history, child, one, step, side)
  if (Array.isArray(value)) {
    const { items } = schema as { items?: TSchema | TSchema[] }
    return value.map((one, at) => inner((Array.isArray(items) ? items[at] : items) ?? ({} as TSchema), one))
  }
  if (typeof value !== 'object' || value === null) return value
  const parts = (schema['anyOf'] ?? schema['allOf'] ?? schema['oneOf']) as readonly TSchema[] | undefined
  if (parts)
    return parts
      .filter((one) => TypeGuard.IsObject(one) || one['items'])
      .reduce((seen, one) => inner(one, seen), value as unknown)
  if (!TypeGuard.IsObject(schema)) return value
  const lenses = history.lensesOf(schema, step)
  if (lenses.some(({ lossy }) => lossy)) return 'lossy'
  const lost = lenses.flatMap(({ loses }) => loses[side])
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !lost.includes(name))
      .map(([name, one]) => [name, schema.properties[name] ? inner(schema.properties[name], one) : one]),
  )
}
