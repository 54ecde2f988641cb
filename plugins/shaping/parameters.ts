import { type TSchema, Type } from '@sinclair/typebox'
import type { FilterParameter, Model } from './model.ts'
import { takesFlag, takesList } from './operators.ts'
import { schemaOf } from './values.ts'

/**
 * The query of a route as a schema: it names and describes each parameter for the API document and lets every value
 * through, because the shape reads the query string itself and refuses in its own words.
 */
export function querySchema(model: Model): TSchema {
  const properties: Record<string, TSchema> = {}
  for (const parameter of new Set(model.filters.values())) properties[parameter.name] = described(schemaFor(parameter))
  const sortKeys = [...model.sortable.keys()]
  const { default: usual, max } = model.limit
  if (sortKeys.length > 0)
    properties['sort'] = described({
      type: 'string',
      description: `Up to three keys, separated by commas, \`-\` for descending: ${sortKeys.join(', ')}`,
    })
  properties['fields'] = described({
    type: 'string',
    description: `Fields of each row, separated by commas: ${[...model.fields.keys()].join(', ')}`,
  })
  properties['limit'] = described({
    type: 'integer',
    minimum: 1,
    maximum: max,
    default: usual,
    description: 'Rows of a page',
  })
  properties['after'] = described({
    type: 'string',
    description: 'Cursor: rows after it (`page.next`), `start` for the first page',
  })
  properties['before'] = described({
    type: 'string',
    description: 'Cursor: rows before it (`page.prev`), `end` for the last page',
  })
  if (model.count.length > 0)
    properties['count'] = described({ type: 'string', enum: [...model.count], description: 'How many rows there are' })
  return Type.Object(properties, { additionalProperties: true })
}

const described = (schema: Readonly<Record<string, unknown>>): TSchema => Type.Optional(Type.Any(schema))

function schemaFor({ field, operator }: FilterParameter): Record<string, unknown> {
  const description = descriptions[operator]
  if (takesFlag(operator)) return { type: 'boolean', description }
  if (takesList(operator)) return { type: 'string', description }
  if (operator === 'on') return { type: 'string', format: 'date', description }
  return { ...schemaOf(field), description }
}

const descriptions: Readonly<Record<FilterParameter['operator'], string>> = {
  eq: 'Equal',
  ne: 'Not equal; rows without a value fit',
  in: 'One of several values, separated by commas',
  nin: 'None of several values, separated by commas; rows without a value fit',
  null: 'Whether there is no value',
  gt: 'Greater than',
  gte: 'Greater than or equal',
  lt: 'Less than',
  lte: 'Less than or equal',
  contains: 'Holds this text, in upper or lower case',
  starts: 'Starts with this text, in upper or lower case',
  ends: 'Ends with this text, in upper or lower case',
  has: 'Has this item',
  hasAny: 'Has one of several items, separated by commas',
  hasAll: 'Has all of several items, separated by commas',
  empty: 'Whether there are no items',
  on: 'On this day, in UTC or in the zone of `tz`',
}
