import { type TSchema, TypeGuard } from '@sinclair/typebox'
import { escaped, unescaped } from '#core/internal/pointer'
import type { SchemaHistory } from './history.ts'

/** Where a place of a newest value is in an older one. Both are parts of a JSON pointer. @param step the first that the version does not know */
export function olderPlace(
  history: SchemaHistory,
  schema: TSchema,
  path: readonly string[],
  step: number,
): readonly string[] {
  const [first, ...rest] = path
  if (first === undefined) return path
  if (TypeGuard.IsObject(schema)) {
    const child = schema.properties[first]
    let place: readonly string[] = [first, ...(child ? olderPlace(history, child, rest, step) : rest)]
    let node: TSchema = schema
    for (let at = history.steps.length - 1; at >= step; at--) {
      for (const lens of history.lensesOf(node, at).toReversed()) place = lens.place(place)
      node = history.stepBack(node, at)
    }
    return place
  }
  const { items } = schema as { items?: TSchema | TSchema[] }
  const item = Array.isArray(items) ? items[Number(first)] : items
  if (item !== undefined) return [first, ...olderPlace(history, item, rest, step)]
  const parts = (schema['allOf'] ?? schema['anyOf'] ?? schema['oneOf']) as readonly TSchema[] | undefined
  const part = parts?.find((one) => has(one, first))
  return part ? olderPlace(history, part, path, step) : path
}

const has = (schema: TSchema, name: string): boolean =>
  TypeGuard.IsObject(schema) ? name in schema.properties : schema['items'] !== undefined && /^\d+$/.test(name)

/** A JSON pointer (RFC 6901) in older names. */
export function olderPointer(history: SchemaHistory, schema: TSchema, pointer: string, step: number): string {
  const path = pointer.split('/').slice(1).map(unescaped)
  return olderPlace(history, schema, path, step)
    .map((part) => `/${escaped(part)}`)
    .join('')
}
