import { type TSchema, Type } from '@sinclair/typebox'
import { describes } from '#core/described'
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

/** What a list answers that is no resource's. */
export function answerSchema(model: Model): TSchema {
  const rows = Type.Array(rowOf(model, model.budget.hops + 1))
  return model.declaration.envelope === false ? rows : Type.Object({ data: rows }, { additionalProperties: true })
}

function rowOf(model: Model, hops: number): TSchema {
  const fields = [...model.fields.values()].map((field) => {
    const schema = wireSchema(field)
    // Clients say which of them they want.
    return [field.name, Type.Optional(field.nullable ? Type.Union([schema, Type.Null()]) : schema)]
  })
  return Type.Object(
    { ...Object.fromEntries(fields), ...expandedIn(model, hops - 1) },
    { [describes]: { table: model.table, as: 'row' } },
  )
}

function rowsOf({ many, target }: Relation, hops: number): TSchema {
  const row = rowOf(target, hops)
  if (!many) return Type.Union([row, Type.Null()])
  return Type.Object({
    data: Type.Array(row),
    hasMore: Type.Boolean({ description: 'Whether there are more than `limit`.' }),
  })
}
