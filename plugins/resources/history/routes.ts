import { type TObject, Type } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import { changesOf } from '#core/described'
import type { TableLike } from '#core/ports/database'
import type { AnyShape, Page } from '../../shaping/index.ts'
import { type Actor, actorFrom, actorOf } from '../actor.ts'
import type { Key } from '../key.ts'
import type { Model } from '../model.ts'
import type { Names } from '../names.ts'
import type { AnyResourceOptions } from '../options.ts'
import { accessOf, sharedBy } from '../route-words.ts'
import { pageInfo } from '../schemas.ts'
import type { Row } from '../store.ts'
import type { Caller } from '../types.ts'
import type { ResolvedHistoryOptions } from './options.ts'

interface Parts {
  readonly model: Model
  readonly names: Names
  readonly key: Key
  readonly params: TObject
  readonly list: AnyShape
  readonly history: ResolvedHistoryOptions
  page(key: unknown, actor: Actor): Promise<Page<Row>>
}

/** Adds `GET /:id/history`. */
export function addHistoryRoute(app: AnyElysia, parts: Parts, resource: AnyResourceOptions): void {
  const { model, names, key, params, list, history, page } = parts
  const { detail, ...said } = history.options
  app.get('/:id/history', async ({ request, params }) => page(key.read(params['id']!), actorOf(request, 'history')), {
    ...list.hook,
    params,
    ...sharedBy(resource),
    ...accessOf(said, model, resource, 'history'),
    ...said,
    detail: { ...detailOf(names, model), ...(detail as object) },
  } as never)
}

/** The same without HTTP. */
export const historyService =
  ({ names, key, list, page }: Parts) =>
  async (id: string, caller: Caller, query: object = {}): Promise<Page<Row>> =>
    page(
      key.read(id),
      actorFrom(caller, list.toUrl(`${names.path}/${encodeURIComponent(id)}/history`, query), 'history'),
    )

const detailOf = ({ singular, word, words }: Names, { table }: Model): object => ({
  tags: [words],
  operationId: `list${singular}History`,
  summary: `List what was written to one ${word}`,
  responses: {
    200: {
      description: `A page of writes, the newest first.`,
      content: { 'application/json': { schema: pageOf(table) } },
    },
  },
})

const text = Type.String()
const textOrNull = Type.Union([text, Type.Null()])
const change = Type.Object({ from: Type.Unknown(), to: Type.Unknown() })
const entryOf = (table: TableLike): TObject =>
  Type.Object(
    {
      id: Type.String({ format: 'uuid' }),
      action: text,
      at: Type.String({ format: 'date-time' }),
      actorId: textOrNull,
      impersonatorId: textOrNull,
      requestId: textOrNull,
      version: Type.Union([Type.Integer(), Type.Null()]),
      changes: Type.Record(text, change, { [changesOf]: table }),
    },
    { title: 'HistoryEntry' },
  )
const pageOf = (table: TableLike): TObject =>
  Type.Object({ data: Type.Array(entryOf(table)), page: pageInfo }, { title: 'HistoryPage' })
