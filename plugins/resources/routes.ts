import { type TSchema, Type } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import { pathOf } from '#core/elysia/errors'
import type { AnyAction } from './actions.ts'
import { actorOf } from './actor.ts'
import { isMergePatch } from './merge-patch.ts'
import type { Model } from './model.ts'
import type { Values } from './options.ts'
import type { Parts } from './parts.ts'
import { type Expected, expectedBy, isKnown, tagOf, versionMissing } from './preconditions.ts'
import type { Row } from './reach.ts'
import { pageOf } from './service.ts'
import { upsertRoute } from './upsert-route.ts'

/** What handlers take of Elysia's context: never the whole of it, for Elysia reads their text. */
export interface Asked {
  readonly request: Request
  readonly params: { readonly id: string }
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: unknown
  readonly set: { status?: unknown; headers: Record<string, unknown> }
}

/** The routes of a resource. Tables without versions have handlers that know nothing of them. */
export function addRoutes(app: AnyElysia, parts: Parts): void {
  const { offered, shape, reach, work, key, schemas, words } = parts
  const single = { params: Type.Object({ id: key.schema }) }
  const expects = expecting(parts)
  const answer = answering(parts.model)
  const hasJson = parts.model.changeable.some((field) => field.type === 'json')
  const change = (request: Request) => (hasJson && isMergePatch(request) ? work.merge : work.update)

  if (offered('list'))
    app.get('', ({ request }) => pageOf(shape, reach, actorOf(request, 'list')), words('list', shape.hook))
  if (offered('create')) app.post('', created(parts) as never, words('create', { body: schemas.create }))
  if (offered('upsert')) upsertRoute(app, parts)
  if (offered('deleted'))
    app.get(
      '/deleted',
      async ({ request }) => pageOf(shape, reach, actorOf(request, 'deleted'), true),
      words('deleted', shape.hook),
    )
  bulkRoutes(app, parts)
  if (offered('get')) app.get('/:id', getting(parts) as never, words('get', single))
  if (offered('update'))
    app.patch(
      '/:id',
      async ({ request, params, body, set }) =>
        answer(
          await change(request)(key.read(params.id), body as Values, actorOf(request, 'update'), expects(request)),
          set,
        ),
      words('update', { ...single, body: schemas.update }),
    )
  if (offered('replace'))
    app.put(
      '/:id',
      async ({ request, params, body, set }) =>
        answer(
          await work.replace(key.read(params.id), body as Values, actorOf(request, 'replace'), expects(request)),
          set,
        ),
      words('replace', { ...single, body: schemas.replace }),
    )
  if (offered('delete'))
    app.delete(
      '/:id',
      async ({ request, params }) => {
        await work.delete(key.read(params.id), actorOf(request, 'delete'), expects(request))
        return nothing()
      },
      words('delete', single),
    )
  if (offered('restore'))
    app.post(
      '/:id/restore',
      async ({ request, params, set }) =>
        answer(await work.restore(key.read(params.id), actorOf(request, 'restore'), ifMatch(request)), set),
      words('restore', single),
    )
  if (offered('purge'))
    app.delete(
      '/:id/purge',
      async ({ request, params }) => {
        await work.purge(key.read(params.id), actorOf(request, 'purge'), ifMatch(request))
        return nothing()
      },
      words('purge', single),
    )
  for (const [name, action] of Object.entries(parts.options.actions ?? {})) actionRoute(app, parts, name, action)
}

/** Elysia would write an empty body, which Deno does not let a 204 have. */
const nothing = (): Response => new Response(null, { status: 204 })

const ifMatch = (request: Request): Expected => expectedBy(request.headers.get('if-match'))

/** Reads which version a write expects, where it must say so. */
export function expecting({ options }: Parts): (request: Request) => Expected {
  if (options.version !== 'required') return ifMatch
  return (request) => {
    const expected = ifMatch(request)
    if (expected === undefined) throw versionMissing()
    return expected
  }
}

/** Sets the ETag of a row, where its table counts versions and the caller may know them. */
export function answering({ version }: Model): (row: Row, set: Asked['set']) => Row {
  if (!version) return (row) => row
  const { name } = version
  return (row, set) => {
    if (row[name] !== undefined) set.headers['etag'] = tagOf(row[name])
    return row
  }
}

function getting({ model, work, key }: Parts): unknown {
  if (!model.version)
    return async ({ request, params }: Asked) => work.get(key.read(params.id), actorOf(request, 'get'))
  const { name } = model.version
  return async ({ request, params, set }: Asked) => {
    const row = await work.get(key.read(params.id), actorOf(request, 'get'))
    const version = row[name]
    if (version === undefined) return row
    const etag = tagOf(version)
    if (isKnown(request.headers.get('if-none-match'), version))
      return new Response(null, { status: 304, headers: { etag } })
    set.headers['etag'] = etag
    return row
  }
}

/** 201, and where the new row is: below the path that was asked, wherever the app put the resource. */
function created({ model, work }: Parts): unknown {
  const answer = answering(model)
  return async ({ request, body, set }: Asked) => {
    const row = await work.create(body as Values, actorOf(request, 'create'))
    set.status = 201
    set.headers['location'] = locationOf(request, row[model.key.name])
    return answer(row, set)
  }
}

export const locationOf = (request: Request, id: unknown): string =>
  `${pathOf(request.url).replace(/\/+$/, '')}/${encodeURIComponent(String(id))}`

const modes: TSchema = Type.Optional(
  Type.Union([Type.Literal('atomic'), Type.Literal('each')], {
    description: 'All or nothing, or each item by itself. Default: atomic.',
  }),
)

function bulkRoutes(app: AnyElysia, { offered, bulk, schemas, words }: Parts): void {
  const routes = [
    ['bulkCreate', 'POST', 'create', 201],
    ['bulkUpdate', 'PATCH', 'update', 200],
    ['bulkDelete', 'DELETE', 'delete', 204],
  ] as const
  for (const [operation, method, action, status] of routes) {
    if (!offered(operation)) continue
    const handler = async ({ request, query, body, set }: Asked): Promise<unknown> => {
      const { items } = body as { items: readonly unknown[] }
      const actor = actorOf(request, operation)
      if (query['mode'] === 'each') {
        set.status = 207
        return { data: await bulk.each(action, items, actor) }
      }
      const rows = await bulk[action](items, actor)
      if (rows === undefined) return nothing()
      set.status = status
      return { data: rows }
    }
    const own = { body: schemas.bulk[action], query: Type.Object({ mode: modes }, { additionalProperties: false }) }
    app.route(method, '/bulk', handler as never, words(operation, own))
  }
}

function actionRoute(app: AnyElysia, parts: Parts, name: string, action: AnyAction): void {
  const { model, run, key, words } = parts
  const answer = answering(model)
  const own = action.body ? { body: action.body } : {}
  if (action.on === 'collection')
    app.post(
      `/${name}`,
      async ({ request, body }) =>
        (await run(action, undefined, action.body && body, actorOf(request, name))) ?? nothing(),
      words.action(name, action, own),
    )
  else
    app.post(
      `/:id/${name}`,
      async ({ request, params, body, set }) => {
        const answered = await run(
          action,
          key.read(params.id),
          action.body && body,
          actorOf(request, name),
          ifMatch(request),
        )
        if (answered === undefined) return nothing()
        return action.answer ? answered : answer(answered as Row, set)
      },
      words.action(name, action, { ...own, params: Type.Object({ id: key.schema }) }),
    )
}
