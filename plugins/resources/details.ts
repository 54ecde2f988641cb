import type { TSchema } from '@sinclair/typebox'
import type { Names } from './names.ts'
import type { Schemas } from './schemas.ts'
import type { Operation } from './types.ts'

/** What the API document says of an operation. */
export type Detail = Readonly<Record<string, unknown>>

/**
 * The details of each operation. Answers are said here and not in Elysia's `response`: rows are made from the fields
 * of the table, so checking and copying every one of them again would cost more than reading it.
 */
export function detailsOf(names: Names, schemas: Schemas): Readonly<Record<Operation, Detail>> {
  const { singular, plural, word, words } = names
  const detail = (id: string, summary: string, responses: Detail): Detail => ({
    tags: [words],
    operationId: id,
    summary,
    responses,
  })
  const taken = { 409: { $ref: '#/components/responses/Conflict' } }
  const row = answer(`The ${word}.`, schemas.row)
  return {
    list: detail(`list${plural}`, `List ${words}`, {
      200: { ...answer(`A page of ${words}.`, schemas.page), headers: { Link: link } },
    }),
    create: detail(`create${singular}`, `Create one ${word}`, {
      201: { ...answer(`The new ${word}.`, schemas.row), headers: { Location: location } },
      ...taken,
    }),
    get: detail(`get${singular}`, `Get one ${word}`, { 200: row }),
    update: detail(`update${singular}`, `Change fields of one ${word}`, { 200: row, ...taken }),
    replace: detail(`replace${singular}`, `Write one ${word} as a whole`, { 200: row, ...taken }),
    delete: detail(`delete${singular}`, `Delete one ${word}`, {
      204: { description: `The ${word} is gone.` },
      ...taken,
    }),
  }
}

const answer = (description: string, schema: TSchema): Detail => ({
  description,
  content: { 'application/json': { schema } },
})
const text = { schema: { type: 'string' } }
const link = { description: 'Links to the first, next and previous page (RFC 8288).', ...text }
const location = { description: 'Where the new row is.', ...text }
