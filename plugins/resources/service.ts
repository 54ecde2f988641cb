import type { AnyShape, Page } from '../shaping/index.ts'
import { type Actor, actorFrom } from './actor.ts'
import type { Checks } from './checks.ts'
import type { Key } from './key.ts'
import type { Values } from './options.ts'
import type { Schemas } from './schemas.ts'
import type { Row, Store } from './store.ts'
import type { Caller, ResourceService } from './types.ts'
import type { Work } from './writes.ts'

interface Parts {
  readonly path: string
  readonly shape: AnyShape
  readonly store: Store
  readonly work: Work
  readonly key: Key
  readonly checks: Checks
  readonly schemas: Schemas
}

interface Untyped {
  row: Row
  listed: Row
  query: Values
  create: Values
  update: Values
  replace: Values
  caller: Caller
}

/** The resource without HTTP: the same checks, hooks and scope as its routes, for a caller that is named. */
export function serviceOf({ path, shape, store, work, key, checks, schemas }: Parts): ResourceService<Untyped> {
  const actor = (caller: Caller, at: string = path): Actor => actorFrom(caller, at)
  return {
    list: async (query, caller) => pageOf(shape, store, actor(caller, shape.toUrl(path, query))),
    find: async (id, caller) => work.find(key.read(id), actor(caller)),
    get: async (id, caller) => work.get(key.read(id), actor(caller)),
    create: async (values, caller) => {
      checks.fit(schemas.create, values)
      return work.create(values, actor(caller))
    },
    update: async (id, values, caller) => {
      checks.fit(schemas.update, values)
      return work.update(key.read(id), values, actor(caller))
    },
    replace: async (id, values, caller) => {
      checks.fit(schemas.replace, values)
      return work.replace(key.read(id), values, actor(caller))
    },
    delete: async (id, caller) => work.delete(key.read(id), actor(caller)),
  }
}

export const pageOf = (shape: AnyShape, store: Store, actor: Actor): Promise<Page<Row>> =>
  shape.from(actor).page(actor.db, { where: store.reach(actor) })
