import { type TSchema, Type } from '@sinclair/typebox'
import { type FilterParameter, type Model, maxSortKeys } from './declare/model.ts'
import { takesFlag, takesList } from './declare/operators.ts'
import { pythonParameters } from './query/compat.ts'
import { schemaOf } from './query/values.ts'
import { wordsOfFilter } from './query/words.ts'
import type { ExportFormat } from './types.ts'

/**
 * The query of a route as a schema: it names and describes each parameter for the API document and lets every value
 * through, because the shape reads the query string itself and refuses in its own words.
 */
export function querySchema(model: Model): TSchema {
  const { default: usual, max } = model.limit
  const counts = [...model.count.keys()]
  const words: Record<string, Word | undefined> = {
    ...rowWords(model),
    limit: { type: 'integer', minimum: 1, maximum: max, default: usual, description: 'Rows of a page' },
    after: { type: 'string', description: 'Cursor: rows after it (`page.next`), `start` for the first page' },
    before: { type: 'string', description: 'Cursor: rows before it (`page.prev`), `end` for the last page' },
    count: counts.length === 0 ? undefined : { type: 'string', enum: counts, description: 'How many rows there are' },
    ...expandWords(model),
    ...(model.declaration.compat === 'python' && pythonParameters(model)),
  }
  return objectOf({ ...filterWords(model), ...words })
}

/** The parameters of an export: those of the list without its pages. */
export const exportSchema = (model: Model, formats: readonly ExportFormat[]): TSchema =>
  objectOf({
    ...filterWords(model),
    ...rowWords(model),
    ...(formats.includes('ndjson') && expandWords(model)),
    format: { type: 'string', enum: [...formats], description: 'Form of the rows; without it Accept says which' },
    ...(formats.includes('csv') && {
      bom: { type: 'boolean', default: false, description: 'Begin CSV with a byte order mark, which Excel needs' },
    }),
  })

const rowWords = (model: Model): Record<string, Word | undefined> => ({
  sort: model.sortable.size === 0 ? undefined : sortWord(model),
  fields: several(fieldWords(model), 'Fields of each row'),
})

/** The parameters of a route that only chooses rows. */
export const filterSchema = (model: Model): TSchema => objectOf(filterWords(model))

type Word = Readonly<Record<string, unknown>>

/** What is repeated, or separated by commas. */
const several = (words: readonly string[], description: string, most?: number): Word => ({
  type: 'array',
  items: { type: 'string', enum: words },
  ...(most !== undefined && { maxItems: most }),
  description,
})

/** Filters that a document lists before it leaves out those over two relations: a list with many of them would fill it. */
const mostFilters = 300

function objectOf(words: Readonly<Record<string, Word | undefined>>): TSchema {
  const properties = Object.entries(words).flatMap(([name, word]) => (word ? [[name, described(word)]] : []))
  return Type.Object(Object.fromEntries(properties), { additionalProperties: true })
}

/** Filters of the table, over its relations, and the words that choose rows. */
function filterWords(model: Model): Record<string, Word> {
  const { hops } = model.budget
  const all = filtersOf(model, '', hops)
  const isLong = hops > 1 && Object.keys(all).length > mostFilters
  const words = isLong ? filtersOf(model, '', 1) : all
  const offered = wordsOfFilter(model)
  if (offered.includes('where'))
    words['where'] = {
      type: 'string',
      description: `An expression of filters: \`price gte 5 and (status eq live or not name contains "ice tea")\`${isLong ? '. Also over two relations, whose filters are too many to be listed one by one' : ''}`,
    }
  if (model.search) words['q'] = { type: 'string', description: 'Words that must all be there' }
  if (offered.includes('tz'))
    words['tz'] = { type: 'string', default: 'UTC', description: 'Time zone of days, such as Europe/Rome' }
  return words
}

function filtersOf(model: Model, prefix: string, hops: number): Record<string, Word> {
  const words: Record<string, Word> = {}
  for (const parameter of new Set(model.filters.values())) words[prefix + parameter.name] = schemaFor(parameter)
  if (hops === 0) return words
  for (const { name, many, filters, target } of model.relations.values())
    for (const way of !filters ? [] : many ? [`${name}.any`, `${name}.none`, `${name}.every`] : [name])
      Object.assign(words, filtersOf(target, `${prefix}${way}.`, hops - 1))
  return words
}

const sortWord = (model: Model): Word =>
  several(
    [...model.sortable.keys()].flatMap((key) => [key, `-${key}`]),
    'Up to three keys, `-` for descending',
    maxSortKeys,
  )

const fieldWords = ({ fields, relations }: Model): string[] => [
  ...fields.keys(),
  ...[...relations.values()]
    .filter((one) => one.expands)
    .flatMap(({ name, target }) => [...target.fields.keys()].map((field) => `${name}.${field}`)),
]

/** `expand`, and what is asked of the rows of each relation. */
function expandWords({ relations }: Model): Record<string, Word> {
  const all = [...relations.values()].filter((one) => one.expands)
  if (all.length === 0) return {}
  const names = all.flatMap(({ name, target }) => [
    name,
    ...[...target.relations.keys()].map((one) => `${name}.${one}`),
  ])
  const words: Record<string, Word> = { expand: several(names, 'Rows of relations to show in each row') }
  for (const { name, many, target, limit } of all) {
    const at = `expand.${name}.`
    words[`${at}fields`] = several([...target.fields.keys()], `Fields of ${name}`)
    if (!many) continue
    words[`${at}limit`] = {
      type: 'integer',
      minimum: 1,
      maximum: limit.max,
      default: limit.default,
      description: `Rows of ${name} in each row`,
    }
    if (target.sortable.size > 0) words[`${at}sort`] = sortWord(target)
    for (const parameter of new Set(target.filters.values())) words[at + parameter.name] = schemaFor(parameter)
  }
  return words
}

const described = (schema: Readonly<Record<string, unknown>>): TSchema => Type.Optional(Type.Any(schema))

function schemaFor({ field, operator }: FilterParameter): Record<string, unknown> {
  const description = descriptions[operator]
  if (takesFlag(operator)) return { type: 'boolean', description }
  if (takesList(operator)) return { type: 'array', items: schemaOf(field), minItems: 1, description }
  if (operator === 'on') return { type: 'string', format: 'date', description }
  return { ...schemaOf(field), description }
}

const descriptions: Readonly<Record<FilterParameter['operator'], string>> = {
  eq: 'Equal',
  ne: 'Not equal; rows without a value fit',
  in: 'One of several values',
  nin: 'None of several values; rows without a value fit',
  null: 'Whether there is no value',
  gt: 'Greater than',
  gte: 'Greater than or equal',
  lt: 'Less than',
  lte: 'Less than or equal',
  contains: 'Holds this text, in upper or lower case',
  starts: 'Starts with this text, in upper or lower case',
  ends: 'Ends with this text, in upper or lower case',
  has: 'Has this item',
  hasAny: 'Has one of several items',
  hasAll: 'Has all of several items',
  empty: 'Whether there are no items',
  on: 'On this day, in UTC or in the zone of `tz`',
}
