import type { Duration } from '#core/internal/duration'
import { type AnyShape, asksTenantAlone, reachedBy } from '../shaping/index.ts'
import type { Model } from './model.ts'
import type { AnyResourceOptions, RouteOptions } from './options.ts'
import { tableTag, tagsOfRow } from './row-tags.ts'

/**
 * How answers of `list` and `get` are kept, as the route option `cache` says it. Their tags are the resource's to say: each
 * write through it ends what it changed.
 */
export interface ResourceCache {
  /** For how long an answer is fresh: seconds, or `'5m'`. @default that of `kwik({ cache: { ttl } })` */
  readonly ttl?: Duration
  /** For how long after that an old one is answered while it is made anew. @default none */
  readonly swr?: Duration
  /** For how long after `ttl` an old one is answered where making it anew fails. @default none */
  readonly staleIfError?: Duration
  /** How long a caller waits for a new one where there is an old one. @default until it is there */
  readonly timeout?: Duration
  /** For how long it is kept that there is no such row. @default not at all */
  readonly negative?: Duration
  /** Where it is kept. @default 'redis' where there is one, else 'memory' */
  readonly backend?: 'memory' | 'redis'
  /** One process makes an answer, and the others wait for it this long at most; `true` is `'10s'`. @default false */
  readonly lease?: boolean | Duration
  /** How long clients and proxies may answer it themselves, without asking: they hear of no write. @default they ask each time */
  readonly maxAge?: Duration
  /** Headers of requests that the answer depends on, such as those that `scope` reads. @default none */
  readonly vary?: readonly string[]
  /** An answer for each user. @default where `scope` or `owner` says which rows there are: and there it cannot be `false` */
  readonly varyOnUser?: boolean
  /** An answer for each set of permissions. @default for every resource that is not public; where fields need a permission it cannot be `false` */
  readonly varyOnPermissions?: boolean
  /**
   * One answer for all. **Caches between clients and the app may keep it too**, and know nothing of what ends.
   * Refused where answers depend on who asks. @default false
   */
  readonly shared?: boolean
  /** What else ends them: the tables that a `scope` looks into, for example. @default none */
  readonly tags?: readonly string[]
}

type Tags = readonly string[] | ((context: never) => readonly string[])
/** What is said of one route: the resource's word, with what its own options say. */
type Said = Omit<ResourceCache, 'tags'> & { readonly tags?: Tags }

/** What an answer depends on beside its URL. */
interface Dependence {
  readonly scoped: boolean
  readonly guarded: boolean
}
type Cached = 'list' | 'get'

/** The option `cache` of a resource's routes. */
export type Caching = (operation: string, access: RouteOptions) => RouteOptions

/** @throws {TypeError} for words that would show one caller's rows to another */
export function cachingOf(
  model: Model,
  options: AnyResourceOptions,
  shape: AnyShape,
  ofList: object | undefined,
): Caching {
  const wrong = (text: string): TypeError => new TypeError(`resource "${model.name}": cache: ${text}`)
  const own: Dependence = {
    scoped: [options.scope, ofList].some((one) => one && !asksTenantAlone(one)) || options.owner !== undefined,
    guarded: model.guards.size > 0,
  }
  const dependence: Readonly<Record<Cached, () => Dependence>> = {
    get: () => own,
    // Relations may lead to lists that come later in the file: asked for at boot.
    list: () => {
      const { scoped, guarded } = reachedBy(shape)
      return { scoped: own.scoped || scoped, guarded: own.guarded || guarded }
    },
  }
  const tables = (): readonly string[] => [...new Set([model.table, ...reachedBy(shape).tables].map(tableTag))]
  const tagsOf: Readonly<Record<Cached, (context: Asked) => readonly string[]>> = {
    get: ({ params }) => tagsOfRow(model, params.id),
    list: once(tables),
  }
  return (operation, access) => {
    const said = saidOf(options, operation)
    if (said === undefined) return {}
    if (operation !== 'list' && operation !== 'get')
      throw wrong(`only list and get are kept, not ${operation}: take it out of its options`)
    const { tags: more, varyOnUser: _user, varyOnPermissions: _permissions, ...rest } = said
    const tags = tagsOf[operation]
    const varying = once(() => varyingBy(said, dependence[operation](), access['public'] === true, wrong))
    if (operation === 'get') varying()
    const cache = {
      ...rest,
      tags: more === undefined ? tags : (context: Asked) => [...tags(context), ...listed(more, context)],
      get varyOnUser() {
        return varying().varyOnUser
      },
      get varyOnPermissions() {
        return varying().varyOnPermissions
      },
    }
    return { cache }
  }
}

interface Asked {
  readonly params: { readonly id: string }
}
const listed = (tags: Tags, context: Asked): readonly string[] =>
  typeof tags === 'function' ? tags(context as never) : tags

function saidOf({ cache, options }: AnyResourceOptions, operation: string): Said | undefined {
  const own = (options as Readonly<Record<string, RouteOptions | undefined>> | undefined)?.[operation]?.['cache']
  const shared = operation === 'list' || operation === 'get' ? wordsIn(cache) : undefined
  if (own === false || (own === undefined && shared === undefined)) return undefined
  return { ...shared, ...wordsIn(own as Said | true | undefined) }
}

const wordsIn = (said: Said | true | undefined): Said | undefined => (said === true ? {} : said)

function varyingBy(
  said: Said,
  { scoped, guarded }: Dependence,
  isPublic: boolean,
  wrong: (text: string) => TypeError,
): { readonly varyOnUser: boolean; readonly varyOnPermissions: boolean } {
  const why = scoped ? 'which rows there are depends on who asks' : 'what rows show depends on what the caller may do'
  if (said.shared && (scoped || guarded)) throw wrong(`shared: ${why}: take the word out`)
  if (said.varyOnUser === false && scoped) throw wrong(`varyOnUser: false, but ${why}: take the word out`)
  if (said.varyOnPermissions === false && (scoped || guarded))
    throw wrong(`varyOnPermissions: false, but ${why}: take the word out`)
  const varyOnUser = said.varyOnUser ?? scoped
  const needed = scoped || guarded
  return {
    varyOnUser,
    varyOnPermissions: needed || (said.varyOnPermissions ?? !(isPublic || said.shared || varyOnUser)),
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
