import { type TObject, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import { describedBy, describes } from '#core/described'
import type { TableLike } from '#core/ports/database'
import { isSchema } from '#core/schema'
import { fieldsOf, nameOf } from '#core/table/fields'
import { wireSchema } from '#core/table/schema'

/** What a change is about: a schema as it is now, a table, whose rows and bodies are meant, or the name of a model. */
export type Target = TSchema | TableLike | string

export const isTable = (target: Target): target is TableLike => typeof target !== 'string' && !isSchema(target)

/** What messages call it. */
export function nameOfTarget(target: Target): string {
  if (typeof target === 'string') return target
  if (isTable(target)) return nameOf(target)
  return String(target['title'] ?? target.$id ?? 'a schema without a title')
}

/** Whether an object's schema, as it is now, is what a change is about. */
export function isAbout(target: Target, schema: TSchema): boolean {
  if (typeof target === 'string') return schema.$id === target || schema['title'] === target
  if (isTable(target)) return describedBy(schema)?.table === target
  if (schema === target) return true
  // An optional one is a copy with the same fields; a partial or picked one keeps the title.
  if (TypeGuard.IsObject(schema) && schema.properties === target['properties']) return true
  const name = target.$id ?? target['title']
  return name !== undefined && (schema.$id === name || schema['title'] === name)
}

/** The whole object that a target stands for, as it is now; `undefined` for the name of a model. */
export function objectOf(target: Target): TObject | undefined {
  if (typeof target === 'string') return undefined
  if (!isTable(target)) return TypeGuard.IsObject(target) ? target : undefined
  const fields = Object.values(fieldsOf(target)).filter((field) => field.hidden !== true)
  return Type.Object(
    Object.fromEntries(
      fields.map((field) => [
        field.name,
        field.nullable ? Type.Union([wireSchema(field), Type.Null()]) : wireSchema(field),
      ]),
    ),
    { title: nameOf(target), [describes]: { table: target, as: 'row' } },
  )
}
