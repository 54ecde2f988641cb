import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import { describedBy, describes } from '#core/described'
import { namedPermissions } from '#core/grants'
import type { Field } from '#core/ports/database'
import { seenOnly } from '#core/schema'
import { fieldSchema, wireSchema } from '#core/table/schema'
import type { ItemSchemas } from './bulk.ts'
import { keyOf } from './key.ts'
import type { Model } from './model.ts'
import type { AnyResourceOptions } from './options.ts'

/** The schemas of a resource. Bodies are closed; answers are for the document: rows are made of the same fields. */
export interface Schemas {
  readonly create: TObject
  readonly update: TObject
  readonly replace: TObject
  readonly row: TObject
  /** What a list answers. */
  readonly page: TSchema
  /** Items of bulk requests, which are checked one by one; and the bodies that they stand in. */
  readonly items: ItemSchemas
  readonly bulk: ItemSchemas
  /** What a bulk request answers: rows, or what became of each item. */
  readonly rows: TObject
  readonly outcomes: TObject
}

/** What the schemas need to know of the list. */
export interface Listed {
  /** Fields of a row, where it does not show all that can be read. */
  readonly listed: readonly string[] | undefined
  /** What clients may ask for beside them. */
  readonly expanded: Readonly<Record<string, TSchema>>
  readonly envelope: boolean
  /** Whether some answers have how many rows there are in all. */
  readonly totals: boolean
}

export function schemasOf(
  model: Model,
  { bulk, version }: AnyResourceOptions,
  singular: string,
  list: Listed,
): Schemas {
  const { listed, expanded, envelope, totals } = list
  // A guarded field is unknown to some callers: no body can need it. Nor one that some may not write.
  const isGuarded = (field: Field): boolean => model.guards.has(field.name)
  const isLocked = (field: Field): boolean => isGuarded(field) || model.locks.has(field.name)
  const named = [...model.guards.values(), ...model.locks.values()]
  const body = (fields: readonly Field[], mayMiss: (field: Field) => boolean, options: object): TObject =>
    Type.Object(
      propertiesOf(fields, (field) => mayMiss(field) || isLocked(field), fieldSchema),
      {
        additionalProperties: false,
        [describes]: { table: model.table, as: 'body' },
        [namedPermissions]: named,
        [seenOnly]: model.readable.filter((one) => !isGuarded(one) && !fields.includes(one)).map(({ name }) => name),
        ...options,
      },
    )
  const shows = { [describes]: { table: model.table, as: 'row' } }
  const row = Type.Object(propertiesOf(model.readable, isGuarded, wireSchema), { title: singular, ...shows })
  const isExtra = (field: Field): boolean => isGuarded(field) || listed?.includes(field.name) === false
  const short = Type.Object(
    { ...propertiesOf(model.readable, isExtra, wireSchema), ...expanded },
    { title: `${singular}Listed`, ...shows },
  )
  const rows = Type.Array(listed === undefined && Object.keys(expanded).length === 0 ? row : short)
  const create = body(model.creatable, mayMiss, { title: `${singular}Create` })
  const update = body(model.changeable, () => true, { title: `${singular}Update`, minProperties: 1 })
  const items = itemsOf(model, { create, update }, singular, version === 'required')
  const inBulk = (schema: TSchema, title: string): TObject =>
    bodyOfMany(schema, bulk?.max ?? 500, `${singular}${title}`)
  return {
    create,
    update,
    items,
    bulk: {
      create: inBulk(items.create, 'BulkCreate'),
      update: inBulk(items.update, 'BulkUpdate'),
      delete: inBulk(items.delete, 'BulkDelete'),
    },
    rows: Type.Object({ data: Type.Array(row) }, { title: `${singular}Rows` }),
    outcomes: Type.Object({ data: Type.Array(outcomeOf(row, singular)) }, { title: `${singular}Outcomes` }),
    replace: body(model.changeable, mayReset, { title: `${singular}Replace` }),
    row,
    page: envelope
      ? Type.Object({ data: rows, page: pageInfo, ...(totals && { total }) }, { title: `${singular}Page` })
      : rows,
  }
}

/** An item to change has its key, and the version that it is expected to have. */
function itemsOf(
  { key, version }: Model,
  { create, update }: { readonly create: TObject; readonly update: TObject },
  singular: string,
  mustSay: boolean,
): ItemSchemas {
  const id = keyOf(key).schema
  const number = Type.Integer({ minimum: 0, description: 'The version that the row must have.' })
  const versioned: Record<string, TSchema> = version ? { version: mustSay ? number : Type.Optional(number) } : {}
  const keyed = Type.Object({ id, ...versioned }, { additionalProperties: false })
  return {
    create,
    update: Type.Object(
      { id, ...versioned, ...update.properties },
      {
        additionalProperties: false,
        minProperties: mustSay ? 3 : 2,
        title: `${singular}BulkChange`,
        [describes]: describedBy(update),
        [seenOnly]: (update as { readonly [seenOnly]?: readonly string[] })[seenOnly],
      },
    ),
    delete: mustSay ? keyed : Type.Union([id, keyed]),
  }
}

/**
 * The items are checked by the resource: one that does not fit must not take the others along, where each is by itself.
 * Elysia looks into no `allOf` of an unknown kind, neither to check it nor to drop what it does not know.
 */
function bodyOfMany(item: TSchema, max: number, title: string): TObject {
  const items = Type.Array(Type.Any({ allOf: [item] }), {
    minItems: 1,
    maxItems: max,
    error: `must have from 1 to ${max} items`,
  })
  return Type.Object({ items }, { additionalProperties: false, title })
}

const outcomeOf = (row: TObject, singular: string): TObject =>
  Type.Object(
    {
      status: Type.Integer({ description: 'What the item alone would have been answered with.' }),
      row: Type.Optional(row),
      problem: Type.Optional(Type.Unsafe({ $ref: '#/components/schemas/Problem' })),
    },
    { title: `${singular}Outcome` },
  )

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

const total = Type.Optional(
  Type.Integer({ description: 'Rows that fit: where the query has a word of the Python Kwik.' }),
)

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
