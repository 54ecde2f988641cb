import { type TSchema, Type } from '@sinclair/typebox'
import { wireSchema } from '#core/table/schema'
import type { Model, Relation } from './declare/model.ts'
import { modelBehind } from './declare/models.ts'
import type { AnyShape } from './types.ts'

/** What `expand` puts into the rows of a list, by the names of its relations: for the API document. */
export function expandedSchemas(shape: AnyShape): Record<string, TSchema> {
  const model = modelBehind(shape)
  return model === undefined ? {} : expandedIn(model, model.budget.hops)
}

function expandedIn({ relations }: Model, hops: number): Record<string, TSchema> {
  if (hops === 0) return {}
  return Object.fromEntries(
    [...relations.values()]
      .filter((relation) => relation.expands)
      .map((relation) => [relation.name, Type.Optional(rowsOf(relation, hops))]),
  )
}

function rowsOf({ many, target }: Relation, hops: number): TSchema {
  const fields = [...target.fields.values()].map((field) => {
    const schema = wireSchema(field)
    // Clients say which of them they want.
    return [field.name, Type.Optional(field.nullable ? Type.Union([schema, Type.Null()]) : schema)]
  })
  const row = Type.Object({ ...Object.fromEntries(fields), ...expandedIn(target, hops - 1) })
  if (!many) return Type.Union([row, Type.Null()])
  return Type.Object({
    data: Type.Array(row),
    hasMore: Type.Boolean({ description: 'Whether there are more than `limit`.' }),
  })
}
