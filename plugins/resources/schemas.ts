import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { Field } from '#core/ports/database'
import { fieldSchema } from './field-schema.ts'
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
  const closed = { additionalProperties: false }
  // A guarded field is unknown to some callers: no body can need it.
  const orGuarded = (isOptional: (field: Field) => boolean) => (field: Field) =>
    isOptional(field) || model.guards.has(field.name)
  const row = Type.Object(
    propertiesOf(model.readable, (field) => model.guards.has(field.name)),
    { title: singular },
  )
  const short = Type.Object(
    propertiesOf(model.readable, (field) => !listed?.includes(field.name) || model.guards.has(field.name)),
    { title: `${singular}Listed` },
  )
  return {
    create: Type.Object(propertiesOf(model.creatable, orGuarded(mayMiss)), { ...closed, title: `${singular}Create` }),
    replace: Type.Object(propertiesOf(model.changeable, orGuarded(mayReset)), {
      ...closed,
      title: `${singular}Replace`,
    }),
    update: Type.Object(
      propertiesOf(model.changeable, () => true),
      { ...closed, minProperties: 1, title: `${singular}Update` },
    ),
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

function propertiesOf(fields: readonly Field[], isOptional: (field: Field) => boolean): Record<string, TSchema> {
  return Object.fromEntries(
    fields.map((field) => {
      const schema = fieldSchema(field)
      return [field.name, isOptional(field) ? Type.Optional(schema) : schema]
    }),
  )
}

const pageInfo: TObject = Type.Object(
  {
    limit: Type.Integer({ description: 'Rows that a page may have.' }),
    next: Type.Optional(Type.String({ description: 'Cursor for `after`; absent on the last page.' })),
    prev: Type.Optional(Type.String({ description: 'Cursor for `before`; absent on the first page.' })),
    hasMore: Type.Boolean({ description: 'Whether rows follow.' }),
    count: Type.Optional(Type.Object({ value: Type.Integer(), exact: Type.Boolean() })),
  },
  { title: 'PageInfo' },
)
