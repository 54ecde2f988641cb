import type { Field } from '#core/ports/database'
import { mediaTypeOf } from './files/media.ts'
import type { Model } from './model.ts'
import type { Values } from './options.ts'

/** Merges a patch into what is there: objects field by field, `null` takes one away, all else is put in place (RFC 7396). */
export function merged(there: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  // Not by assignment: a field of the patch may be called `__proto__`.
  const fields = new Map(isObject(there) ? Object.entries(there) : [])
  for (const [name, value] of Object.entries(patch))
    if (value === null) fields.delete(name)
    else fields.set(name, merged(fields.get(name), value))
  return Object.fromEntries(fields)
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields of a patch that cannot be written without knowing what is there. */
export const toMerge = (model: Model, patch: Values): readonly Field[] =>
  model.changeable.filter((field) => field.type === 'json' && isObject(patch[field.name]))

/** Whether a request says that its body is a merge patch, and not just the new values. */
export const isMergePatch = (request: Request): boolean =>
  mediaTypeOf(request.headers.get('content-type')) === 'application/merge-patch+json'
