import { type AnyShape, expandedSchemas, referencesOf } from '../shaping/index.ts'
import { checkActions, type RunAction, runnerOf } from './actions.ts'
import { type Additions, additionsOf } from './additions.ts'
import { type Bulk, bulkOf } from './bulk.ts'
import { cachingOf } from './caching.ts'
import { type Checks, checksOf } from './checks.ts'
import { detailsOf } from './details.ts'
import { Inserts } from './inserts.ts'
import { type Key, keyOf } from './key.ts'
import { listOf } from './list.ts'
import { type Model, modelOf } from './model.ts'
import { type Names, namesOf } from './names.ts'
import { offeredBy } from './offers.ts'
import type { AnyResourceOptions } from './options.ts'
import { ownershipOf, withFilled } from './ownership.ts'
import { Reach } from './reach.ts'
import { type Words, wordsOf } from './route-words.ts'
import { type Schemas, schemasOf } from './schemas.ts'
import { type AnyService, serviceOf } from './service.ts'
import { Store } from './store.ts'
import { Turn } from './turn.ts'
import type { Operation } from './types.ts'
import { type Upserts, upsertsOf } from './upserts.ts'
import { Watch } from './watch.ts'
import { type Work, workOf } from './writes.ts'

/** What a resource is made of: all that its routes and its service need. */
export interface Parts {
  readonly names: Names
  readonly options: AnyResourceOptions
  readonly offered: (operation: Operation) => boolean
  readonly model: Model
  readonly shape: AnyShape
  readonly reach: Reach
  readonly store: Store
  readonly checks: Checks
  readonly work: Work
  readonly upserts: Upserts
  readonly bulk: Bulk
  readonly run: RunAction
  readonly key: Key
  readonly schemas: Schemas
  readonly words: Words
  readonly watch: Watch
  readonly additions: Additions
  readonly service: AnyService
}

/** @throws {TypeError} for options that cannot be right */
export function partsOf(name: string, given: AnyResourceOptions): Parts {
  const options = withFilled(given)
  const { actions = {} } = options
  const names = namesOf(name, options.singular)
  checkActions(names, actions)
  const [shape, declared] = listOf(name, options)
  const model = modelOf(name, options, declared.fields ?? {})
  const schemas = schemasOf(model, options, names.singular, {
    listed: declared.fields?.default,
    expanded: expandedSchemas(shape),
    envelope: declared.envelope !== false,
    totals: declared.compat === 'python',
  })
  const checks = checksOf(model)
  const reach = new Reach(model, ownershipOf(model, options, declared.scope), () => referencesOf(shape))
  const [store, inserts, key] = [new Store(reach), new Inserts(reach), keyOf(model.key)]
  const additions = additionsOf(model, options)
  const watch = new Watch(model, additions.watchers)
  const turn = new Turn({ store, checks, hooks: options.hooks ?? {}, watch, word: names.word })
  const work = workOf(turn, inserts)
  const upserts = upsertsOf(turn, inserts)
  const bulk = bulkOf({ turn, work, inserts, key, items: schemas.items })
  const run = runnerOf(turn, actions, () => service as never)
  const service: AnyService = serviceOf({
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
    tenant: options.tenant,
  })
  const words = wordsOf(
    model,
    options,
    detailsOf(names, schemas, model, options),
    cachingOf(model, options, shape, declared.scope),
  )
  const offered = offeredBy(model, options)
  const doing = { work, upserts, bulk, run, service, watch, additions }
  return { names, options, offered, model, shape, reach, store, checks, key, schemas, words, ...doing }
}
