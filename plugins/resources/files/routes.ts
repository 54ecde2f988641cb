import type { TObject } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import type { FileStore } from '#core/ports/file-store'
import { actorFrom, actorOf } from '../actor.ts'
import type { RouteOptions } from '../options.ts'
import type { Parts } from '../parts.ts'
import type { Row } from '../reach.ts'
import { accessOf, sharedBy } from '../route-words.ts'
import { type Asked, answering, expecting } from '../routes.ts'
import type { Caller } from '../types.ts'
import type { ColumnWork } from './column-work.ts'
import { fileDetails } from './details.ts'
import { cleanName } from './disposition.ts'
import { download } from './download.ts'
import { checkType, incomingOf } from './incoming.ts'
import { mediaTypeOf } from './media.ts'
import { headersLimit } from './multipart.ts'

interface Served {
  readonly parts: Parts
  readonly params: TObject
  readonly works: readonly ColumnWork[]
  readonly files: FileStore
}

/** Adds PUT, GET and DELETE of `/:id/<field>` for each file column. */
export function addFileRoutes(app: AnyElysia, served: Served): void {
  for (const work of served.works) addColumn(app, work, served)
}

function addColumn(app: AnyElysia, work: ColumnWork, { parts, params, files }: Served): void {
  const { names, key, model, schemas } = parts
  const { field, maxBytes, options } = work.column
  const path = `/:id/${field.name}`
  const details = fileDetails(names, work.column, schemas.row)
  const expects = expecting(parts)
  const answer = answering(model)
  const words = (action: 'get' | 'update', own: object, detail: object): never =>
    ({ params, ...sharedOf(parts, action), ...own, detail }) as never

  app.put(
    path,
    async ({ request, params, set }) => {
      const [id, actor, expected] = [key.read(params['id']!), actorOf(request, 'update'), expects(request)]
      await work.nameIn(id, actor)
      return answer(await work.put(id, await incomingOf(request, work.column), actor, expected), set as Asked['set'])
    },
    // The body is read piece by piece, and counted there.
    words('update', { parse: 'none', timeout: '5m', bodyLimit: maxBytes + 2 * headersLimit, ...options }, details.put),
  )
  app.get(
    path,
    async ({ request, params }) => download(key.read(params['id']!), actorOf(request, 'get'), work, files),
    words('get', {}, details.get),
  )
  if (field.nullable)
    app.delete(
      path,
      async ({ request, params }) => {
        await work.delete(key.read(params['id']!), actorOf(request, 'update'), expects(request))
        return new Response(null, { status: 204 })
      },
      words('update', {}, details.delete),
    )
}

/** Who may read or change a row may do so with its files. */
function sharedOf({ model, options: resource }: Parts, action: 'get' | 'update'): RouteOptions {
  const said = (resource.options?.[action] ?? {}) as RouteOptions
  return { ...sharedBy(resource), ...accessOf(said, model, resource, action === 'get' ? 'read' : 'update') }
}

/** The same without HTTP. */
export function fileService({ parts, works, files }: Omit<Served, 'params'>): Record<string, unknown> {
  const { names, key } = parts
  const named = (field: string): ColumnWork => {
    const work = works.find(({ column }) => column.field.name === field)
    if (!work) throw new TypeError(`${names.words} have no files in "${field}"`)
    return work
  }
  const actor = (caller: Caller, doing: string = 'update') => actorFrom(caller, names.path, doing)
  return {
    putFile: async (id: string, field: string, file: Blob, caller: Caller): Promise<Row> => {
      const work = named(field)
      await work.nameIn(key.read(id), actor(caller))
      const type = mediaTypeOf(file.type)
      checkType(type, work.column)
      const filename = 'name' in file && typeof file.name === 'string' ? cleanName(file.name) : undefined
      const incoming = { type, filename, content: file.stream() as unknown as AsyncIterable<Uint8Array> }
      return work.put(key.read(id), incoming, actor(caller))
    },
    openFile: async (id: string, field: string, caller: Caller) => {
      const { name, known } = await named(field).open(key.read(id), actor(caller, 'get'))
      return { ...known, content: (await files.get(name))! }
    },
    deleteFile: async (id: string, field: string, caller: Caller): Promise<void> =>
      named(field).delete(key.read(id), actor(caller)),
  }
}
