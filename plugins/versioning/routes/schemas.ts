import type { TSchema } from '@sinclair/typebox'
import { listFactsOf } from '#core/described'
import { bodySchema } from '#core/elysia/body-hook'
import { isSchema } from '#core/schema'
import type { RouteFacts } from '#core/works'
import type { Models } from '../schema/history.ts'

/** The schemas of a route, as they are now. */
export interface RouteSchemas {
  readonly body: TSchema | undefined
  /** Of a query that Elysia reads; what a shape reads, a shape renames. */
  readonly query: TSchema | undefined
  /** By status. */
  readonly answers: ReadonlyMap<number, TSchema>
}

export function schemasOf({ schema, options }: RouteFacts, models: Models): RouteSchemas {
  const { query } = schema
  return {
    body: bodySchema(schema, models),
    query: isSchema(query) && options['shape'] === undefined ? query : undefined,
    answers: answersOf(schema, options, models),
  }
}

/** What a route says that it answers, in `response`, or in `detail.responses` where Elysia is not to check it. */
function answersOf(schema: RouteFacts['schema'], options: RouteFacts['options'], models: Models): Map<number, TSchema> {
  const found = new Map<number, TSchema>()
  const add = (status: string | number, one: unknown): void => {
    const known = typeof one === 'string' ? models[one] : one
    if (isSchema(known)) found.set(Number(status), known)
  }
  const { responses } = (schema['detail'] ?? {}) as { responses?: Readonly<Record<string, unknown>> }
  for (const [status, response] of Object.entries(responses ?? {}))
    for (const [type, { schema }] of Object.entries(contentOf(response)))
      if (type.endsWith('json') && !type.includes('problem')) add(status, schema)
  const { response } = schema
  if (isSchema(response) || typeof response === 'string') add(200, response)
  else for (const [status, one] of Object.entries((response ?? {}) as object)) add(status, one)
  const list = options['shape'] === undefined ? undefined : listFactsOf(schema['query'])
  if (found.size === 0 && list && !isExport(options['shape'])) found.set(200, list.answer())
  return found
}

/** An export writes its rows itself, each in the words of the version. */
const isExport = (shape: unknown): boolean => typeof shape === 'object' && shape !== null && 'exportOnly' in shape

export const contentOf = (response: unknown): Readonly<Record<string, { readonly schema?: unknown }>> =>
  (response as { content?: Record<string, { schema?: unknown }> } | undefined)?.content ?? {}

/** The schema of an answer; of a success whose status was not told, that of the only one that was. */
export function answerFor(answers: ReadonlyMap<number, TSchema>, status: number): TSchema | undefined {
  const known = answers.get(status)
  if (known !== undefined || status >= 300) return known
  const good = [...answers].filter(([one]) => one < 300)
  return good.length === 1 ? good[0]![1] : undefined
}

/** Whether a route says that it answers JSON and nothing else. */
export function answersJson({ schema }: RouteFacts, answers: ReadonlyMap<number, TSchema>): boolean {
  const { responses } = (schema['detail'] ?? {}) as { responses?: Readonly<Record<string, unknown>> }
  const types = Object.entries(responses ?? {})
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, response]) => Object.keys(contentOf(response)))
  if (types.some((type) => !type.endsWith('json'))) return false
  const good = [...answers].filter(([status]) => status < 300)
  return (
    good.length > 0 && good.every(([, { type, anyOf }]) => type === 'object' || type === 'array' || anyOf !== undefined)
  )
}
