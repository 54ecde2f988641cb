import { sql } from 'drizzle-orm'
import { isDefinition, quote, quotedNameOf } from '#core/table/fields'
import type { AnyShape, More, Page } from '../shaping/index.ts'
import type { AnyAction, AnyActions } from './actions.ts'
import type { ActionCalls } from './actions.types.ts'
import { type Actor, actorFrom } from './actor.ts'
import type { Mode } from './bulk.ts'
import type { Values } from './options.ts'
import type { Parts } from './parts.ts'
import type { Expected } from './preconditions.ts'
import type { Reach, Row } from './reach.ts'
import type { BulkService, ResourceService, SoftService } from './service.types.ts'
import type { Caller, Expecting } from './types.ts'

type Made = 'names' | 'shape' | 'reach' | 'work' | 'upserts' | 'bulk' | 'run' | 'key' | 'checks' | 'schemas'
/** What the service does its work with. */
type Needs = Pick<Parts, Made> & { readonly actions: AnyActions; readonly tenant: string | undefined }

interface Untyped {
  row: Row
  listed: Row
  page: Page<Row>
  query: Values
  create: Values
  update: Values
  replace: Values
  caller: Caller
}
export type AnyService = ResourceService<Untyped> &
  SoftService<Untyped> & { readonly actions: ActionCalls<{}, {}, {}, Untyped> }

/** Bulk requests as operations. */
const many = { create: 'bulkCreate', update: 'bulkUpdate', delete: 'bulkDelete' } as const

const expected = ({ version }: Expecting = {}): Expected => (version === undefined ? undefined : [version].flat())

/** The resource without HTTP: the same checks, hooks and scope as its routes, for a caller that is named. */
export function serviceOf({
  names,
  shape,
  reach,
  work,
  upserts,
  bulk,
  run,
  actions,
  key,
  checks,
  schemas,
  tenant,
}: Needs): AnyService {
  const { path } = names
  const actor = (caller: Caller, doing: string, at: string = path): Actor => {
    if (tenant !== undefined && caller.tenant === undefined)
      throw new TypeError(`resource "${path.slice(1)}": its rows belong to tenants: give the service { tenant }`)
    return actorFrom(caller, at, doing)
  }
  const page = async (query: Values, caller: Caller, deleted: boolean): Promise<Page<Row>> =>
    pageOf(shape, reach, actor(caller, deleted ? 'deleted' : 'list', shape.toUrl(path, query)), deleted)
  const inBulk =
    (action: 'create' | 'update' | 'delete') =>
    async (
      items: readonly unknown[],
      caller: Caller,
      { mode = 'atomic' }: { readonly mode?: Mode } = {},
    ): Promise<unknown> =>
      mode === 'each'
        ? bulk.each(action, items, actor(caller, many[action]))
        : bulk[action](items, actor(caller, many[action]))
  const called = (name: string, action: AnyAction): unknown => {
    const fit = (body: unknown): void => {
      if (action.body) checks.fit(action.body, body)
    }
    if (action.on === 'collection')
      return async (body: unknown, caller: Caller) => {
        fit(body)
        return run(action, undefined, body, actor(caller, name))
      }
    return async (id: string, body: unknown, caller: Caller, expecting?: Expecting) => {
      fit(body)
      return run(action, key.read(id), body, actor(caller, name), expected(expecting))
    }
  }
  return {
    list: (query, caller) => page(query, caller, false),
    deleted: (query, caller) => page(query, caller, true),
    find: async (id, caller) => work.find(key.read(id), actor(caller, 'get')),
    get: async (id, caller) => work.get(key.read(id), actor(caller, 'get')),
    create: async (values, caller) => {
      checks.fit(schemas.create, values)
      return work.create(values, actor(caller, 'create'))
    },
    createIfNotExist: async (values, { by }, caller) => {
      checks.fit(schemas.create, values)
      return upserts.createIfNotExist(values, upserts.fields(by), actor(caller, 'create'))
    },
    upsert: async (values, { by }, caller) => {
      checks.fit(schemas.create, values)
      return upserts.upsert(values, upserts.fields(by), actor(caller, 'upsert'))
    },
    update: async (id, values, caller, expecting) => {
      checks.fit(schemas.update, values)
      return work.update(key.read(id), values, actor(caller, 'update'), expected(expecting))
    },
    replace: async (id, values, caller, expecting) => {
      checks.fit(schemas.replace, values)
      return work.replace(key.read(id), values, actor(caller, 'replace'), expected(expecting))
    },
    delete: async (id, caller, expecting) => work.delete(key.read(id), actor(caller, 'delete'), expected(expecting)),
    restore: async (id, caller, expecting) => work.restore(key.read(id), actor(caller, 'restore'), expected(expecting)),
    purge: async (id, caller, expecting) => work.purge(key.read(id), actor(caller, 'purge'), expected(expecting)),
    bulk: { create: inBulk('create'), update: inBulk('update'), delete: inBulk('delete') } as BulkService<Untyped>,
    actions: Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, called(name, action)])),
  }
}

/** A page of the rows, or of those that were deleted. */
export const pageOf = (shape: AnyShape, reach: Reach, actor: Actor, deleted = false): Promise<Page<Row>> =>
  shape.from(actor).page(actor.db, rowsFor(reach, actor, deleted))

/** The rows that there are for a caller, beside what the shape says itself. */
export function rowsFor(reach: Reach, actor: Actor, deleted = false): More {
  const { deletedAt, table } = reach.model
  const own = reach.ownScopes(actor)
  // Of a plain drizzle table the shape does not know which field marks its deleted rows.
  if (deletedAt === undefined || isDefinition(table)) return { scope: own, deleted: deleted ? 'only' : 'hidden' }
  if (!deleted) return { scope: [...own, { [deletedAt.name]: null }] }
  return { scope: own, where: sql.raw(`${quotedNameOf(table)}.${quote(deletedAt.column)} is not null`) }
}
