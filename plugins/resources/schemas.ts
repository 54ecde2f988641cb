import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { Field } from '#core/ports/database'
import { fieldSchema, wireSchema } from '#core/table/schema'
import type { Model } from './model.ts'

/** The schemas of a resource. Bodies are closed; answers are for the document: rows are made of the same fields. */
export interface Schemas {
  readonly create: TObject
  readonly update: TObject
  readonly replace: TObject
  readonly row: TObject
  readonly page: TObject
}

export function schemasOf(model: Model, singular: string, listed: readonly string[] | undefined): Schemas {
  // A guarded field is unknown to some callers: no body can need it.
  const isGuarded = (field: Field): boolean => model.guards.has(field.name)
  const body = (fields: readonly Field[], mayMiss: (field: Field) => boolean, options: object): TObject =>
    Type.Object(
      propertiesOf(fields, (field) => mayMiss(field) || isGuarded(field), fieldSchema),
      { additionalProperties: false, ...options },
    )
  const row = Type.Object(propertiesOf(model.readable, isGuarded, wireSchema), { title: singular })
  const isExtra = (field: Field): boolean => isGuarded(field) || listed?.includes(field.name) === false
  const short = Type.Object(propertiesOf(model.readable, isExtra, wireSchema), { title: `${singular}Listed` })
  return {
    create: body(model.creatable, mayMiss, { title: `${singular}Create` }),
    update: body(model.changeable, () => true, { title: `${singular}Update`, minProperties: 1 }),
    replace: body(model.changeable, mayReset, { title: `${singular}Replace` }),
    row,
    page: Type.Object(
      { data: Type.Array(listed === undefined ? row : short), page: pageInfo },
      { title: `${singular}Page` },
    ),
  }
}

const mayMiss = (field: Field): boolean => field.nullable || field.hasDefault
/** A replace writes what it is not told: the default must be known, not only to the database. */
const mayReset = (field: Field): boolean => field.nullable || field.defaultValue !== undefined

function propertiesOf(
  fields: readonly Field[],
  isOptional: (field: Field) => boolean,
  schemaOf: (field: Field) => TSchema,
): Record<string, TSchema> {
  return Object.fromEntries(
    fields.map((field) => {
      const schema = field.nullable ? Type.Union([schemaOf(field), Type.Null()]) : schemaOf(field)
      return [field.name, isOptional(field) ? Type.Optional(schema) : schema]
    }),
  )
}

export const pageInfo: TObject = Type.Object(
  {
    limit: Type.Integer({ description: 'Rows that a page may have.' }),
    next: Type.Optional(Type.String({ description: 'Cursor for `after`; absent on the last page.' })),
    prev: Type.Optional(Type.String({ description: 'Cursor for `before`; absent on the first page.' })),
    hasMore: Type.Boolean({ description: 'Whether rows follow.' }),
    count: Type.Optional(Type.Object({ value: Type.Integer(), exact: Type.Boolean() })),
  },
  { title: 'PageInfo' },
)
