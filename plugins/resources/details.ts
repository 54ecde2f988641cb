import { type TSchema, Type } from '@sinclair/typebox'
import type { AnyAction } from './actions.ts'
import type { Model } from './model.ts'
import type { Names } from './names.ts'
import type { AnyResourceOptions } from './options.ts'
import type { Schemas } from './schemas.ts'
import type { Operation } from './types.ts'

/** What the API document says of an operation. */
export type Detail = Readonly<Record<string, unknown>>
export interface Details {
  readonly of: Readonly<Record<Operation, Detail>>
  action(name: string, action: AnyAction): Detail
}

/**
 * The details of each operation. Answers are said here and not in Elysia's `response`: rows are made from the fields
 * of the table, so checking and copying every one of them again would cost more than reading it.
 */
export function detailsOf(names: Names, schemas: Schemas, model: Model, { version }: AnyResourceOptions): Details {
  const { singular, plural, word, words } = names
  const detail = (id: string, summary: string, responses: Detail, parameters: readonly Detail[] = []): Detail => ({
    tags: [words],
    operationId: id,
    summary,
    responses,
    ...(parameters.length > 0 && { parameters }),
  })
  const isVersioned = model.version !== undefined
  const isRequired = version === 'required'
  const etag = isVersioned ? { headers: { ETag: tag } } : {}
  const row = { ...answer(`The ${word}.`, schemas.row), ...etag }
  const made = {
    ...answer(`The new ${word}.`, schemas.row),
    headers: { Location: location, ...(isVersioned && { ETag: tag }) },
  }
  const gone = { description: `The ${word} is gone.` }
  const match = isVersioned ? [ifMatch(isRequired)] : []
  const mayMatch = isVersioned ? [ifMatch(false)] : []
  /** What a write of one row may be refused with. */
  const refusals = {
    ...taken,
    ...(isVersioned && { 412: problem('The row has another version.') }),
    ...(isVersioned && isRequired && { 428: problem('If-Match is missing.') }),
  }
  const { 428: _, ...without } = refusals as Record<string, Detail>
  const outcomes = answer('What became of each item, in their order (mode=each).', schemas.outcomes)
  const many = (status: number, response: Detail): Detail => ({
    [status]: response,
    207: outcomes,
    404: { $ref: '#/components/responses/NotFound' },
    ...without,
  })
  return {
    of: {
      list: detail(`list${plural}`, `List ${words}`, page(`A page of ${words}.`, schemas)),
      create: detail(`create${singular}`, `Create one ${word}`, { 201: made, ...taken }),
      upsert: detail(
        `upsert${singular}`,
        `Create one ${word}, or write the one with these unique values as a whole`,
        {
          200: row,
          201: made,
          ...refusals,
          412: problem('There is such a row, or none, against what the request says.'),
        },
        [ifMatch(false), ifNoneMatch('`*`: only where there is none.')],
      ),
      get: detail(
        `get${singular}`,
        `Get one ${word}`,
        { 200: row, ...(isVersioned && { 304: { description: 'It has not changed.', ...etag } }) },
        isVersioned ? [ifNoneMatch('ETags that the client has already (RFC 9110).')] : [],
      ),
      update: {
        ...detail(`update${singular}`, `Change fields of one ${word}`, { 200: row, ...refusals }, match),
        requestBody: { content: { 'application/merge-patch+json': {} } },
      },
      replace: detail(`replace${singular}`, `Write one ${word} as a whole`, { 200: row, ...refusals }, match),
      delete: detail(`delete${singular}`, `Delete one ${word}`, { 204: gone, ...refusals }, match),
      bulkCreate: detail(
        `create${plural}`,
        `Create many ${words}`,
        many(201, answer(`The new ${words}.`, schemas.rows)),
      ),
      bulkUpdate: detail(
        `update${plural}`,
        `Change fields of many ${words}`,
        many(200, answer(`The ${words}.`, schemas.rows)),
      ),
      bulkDelete: detail(
        `delete${plural}`,
        `Delete many ${words}`,
        many(204, { description: `The ${words} are gone.` }),
      ),
      deleted: detail(`listDeleted${plural}`, `List deleted ${words}`, page(`A page of deleted ${words}.`, schemas)),
      restore: detail(`restore${singular}`, `Restore one deleted ${word}`, { 200: row, ...without }, mayMatch),
      purge: detail(`purge${singular}`, `Remove one deleted ${word} for ever`, { 204: gone, ...without }, mayMatch),
    },
    action: (name, { on, answer: said }) => {
      const verb = name.replaceAll('-', ' ')
      const id = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
      const onAll = on === 'collection'
      const answered = said
        ? { 200: answer('What it answers.', said) }
        : onAll
          ? { 204: { description: 'Done.' } }
          : { 200: row }
      return detail(
        `${id}${onAll ? plural : singular}`,
        `${verb[0]!.toUpperCase()}${verb.slice(1)} ${onAll ? words : `one ${word}`}`,
        { ...answered, ...(onAll ? taken : without) },
        onAll ? [] : mayMatch,
      )
    },
  }
}

const page = (description: string, schemas: Schemas): Detail => ({
  200: { ...answer(description, schemas.page), headers: { Link: link } },
})
const answer = (description: string, schema: TSchema): Detail => ({
  description,
  content: { 'application/json': { schema } },
})
const problem = (description: string): Detail => ({
  description,
  content: { 'application/problem+json': { schema: Type.Unsafe({ $ref: '#/components/schemas/Problem' }) } },
})
const taken = { 409: { $ref: '#/components/responses/Conflict' } }
const text = { schema: { type: 'string' } }
const link = { description: 'Links to the first, next and previous page (RFC 8288).', ...text }
const location = { description: 'Where the new row is.', ...text }
const tag = { description: 'The version of the row, for If-Match and If-None-Match.', ...text }
const ifMatch = (required: boolean): Detail => ({
  name: 'If-Match',
  in: 'header',
  required,
  description: 'ETags of which the row must have one, or `*` (RFC 9110).',
  ...text,
})
const ifNoneMatch = (description: string): Detail => ({ name: 'If-None-Match', in: 'header', description, ...text })
