import type { TSchema } from '@sinclair/typebox'
import type { Names } from '../names.ts'
import type { FileColumn } from './options.ts'

/** What the API document says of the routes of a file column. */
export interface FileDetails {
  readonly put: object
  readonly get: object
  readonly delete: object
}

export function fileDetails({ singular, word, words }: Names, { field, types }: FileColumn, row: TSchema): FileDetails {
  const name = field.name.replace(/^./, (first) => first.toUpperCase())
  const about = (id: string, summary: string, rest: object): object => ({
    tags: [words],
    operationId: id,
    summary,
    ...rest,
  })
  const bytes = { schema: { type: 'string', format: 'binary' } }
  const contents = Object.fromEntries(types.map((type) => [type, bytes]))
  const form = { schema: { type: 'object', properties: { file: bytes.schema }, required: ['file'] } }
  return {
    put: about(`put${singular}${name}`, `Store the ${field.name} of one ${word}`, {
      requestBody: { required: true, content: { ...contents, 'multipart/form-data': form } },
      responses: { 200: { description: `The ${word}.`, content: { 'application/json': { schema: row } } } },
    }),
    get: about(`get${singular}${name}`, `Get the ${field.name} of one ${word}`, {
      responses: {
        200: { description: 'The file.', content: contents },
        206: { description: 'The part of the file that `Range` asks for.', content: contents },
        304: { description: 'The client has it: `If-None-Match`.' },
      },
    }),
    delete: about(`delete${singular}${name}`, `Delete the ${field.name} of one ${word}`, {
      responses: { 204: { description: 'The file is gone.' } },
    }),
  }
}
