import { modelsOf } from '#core/elysia/door'
import type { Changing } from '#core/internal/changing'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { CacheOutcome, Scope } from '#core/scope'
import { endTags } from '#core/tags'
import type { RouteFacts, Works } from '#core/works'
import { Caches } from './caches.ts'
import { type StepWith, stepsUnder } from './changing.ts'
import { controlsOf } from './http/controls.ts'
import type { Desk } from './http/desk.ts'
import { type Ending, invalidate } from './http/invalidates.ts'
import { type KeyGround, keyOf } from './http/key.ts'
import { lookUp } from './http/lookup.ts'
import { checkTimes, rulesOf } from './http/rules.ts'
import { tagFinder } from './http/tags.ts'
import type { CacheOptions, HandledCall, RouteCache, Tags } from './options.ts'
import type { Cache } from './values/index.ts'

/** The route options `cache` and `invalidates`, and `cache` in handlers' context. */
export type CachePlugin = KwikPlugin<{
  decorator: { cache: Cache }
  macros: { cache: Macro<RouteCache | boolean>; invalidates: Macro<Tags<HandledCall> | false> }
}>

/**
 * Keeps answers of routes, and values, in memory or in Redis. A route says `cache`; one that changes what others have kept
 * says `invalidates`. Nobody is answered from it who would not be let in. From `kwik/cache`.
 *
 * Answers leave with an ETag, `Age` and Cache-Control; If-None-Match gets 304. What a client says in `Cache-Control` of its
 * own does not send it past the cache: else anybody could make every handler run.
 *
 * @param options what counts where a route says nothing, and where things are kept
 * @param changes brings other times while the app runs: `kwik()` has them of its settings. What is kept already ends as it would have
 * @throws {BootError} at boot, for a route of signed-in callers that does not say whose answers are whose, rules that cannot
 * hold, and Redis without one
 * @example
 * const app = new Elysia()
 *   .use(cache({ ttl: '5m' }))
 *   .get('/posts/:id', ({ params }) => find(params.id), { public: true, cache: { tags: 'posts:{id}' } })
 *   .put('/posts/:id', ({ params }) => change(params.id), { auth: true, invalidates: ['posts:{id}', 'posts'] })
 * @see https://www.rfc-editor.org/rfc/rfc9111
 */
export function cache(options: CacheOptions = {}, changes?: Changing<CacheOptions>): CachePlugin {
  const caches = new Caches(options)
  let apps = 0
  return definePlugin<CachePlugin, CacheOptions>({
    name: 'cache',
    options,
    keys: ['cache', 'invalidates'],
    decorate: { cache: caches.values },
    setup: () => worksOf(caches, options, apps++, changes),
  })
}

/** As `Cache-Status` says it (RFC 9211). */
const statuses: Readonly<Record<CacheOutcome, string>> = {
  hit: 'hit',
  stale: 'hit; detail=stale',
  shared: 'fwd=miss; collapsed',
  stored: 'fwd=miss; stored',
  miss: 'fwd=miss',
  bypass: 'fwd=bypass',
}

function worksOf(caches: Caches, options: CacheOptions, app: number, changes?: Changing<CacheOptions>): Works {
  checkTimes(options)
  let model: KeyGround['find'] = () => undefined
  const loggerOf = (scope: Scope) => options.logger ?? scope.logger ?? scope.app?.logger
  const failed: Ending['failed'] = (scope, what, error) => loggerOf(scope)?.error(what, { route: scope.route, error })
  const told = new Set<string>()
  const desk = (word: RouteCache | true, route: RouteFacts, defaults: CacheOptions): Desk => {
    const rules = rulesOf(word, defaults, route)
    const { backend } = rules
    const find = tagFinder(rules.tags, route.path)
    caches.use(backend)
    // In the memory of a process apps must not meet; over Redis they are the same app in another process.
    const own = backend === 'memory' && app > 0 ? String(app) : ''
    return {
      rules,
      controls: controlsOf(rules),
      keyOf: keyOf(rules, route, { version: options.version ?? '', app: own, find: model }),
      maxBytes: caches.maxEntryBytes,
      seat: () => caches.seat(backend),
      tagsOf: (scope, { params, query }) => {
        try {
          return find({ params, query, user: scope.principal?.user })
        } catch (error) {
          failed(scope, 'The tags of an answer could not be found: it is not kept', error)
          return undefined
        }
      },
      say: (scope, what) => {
        scope.cached = what
        if (options.debug) scope.header('cache-status', `kwik; ${statuses[what]}`)
      },
      wonder: (scope, reason) => {
        const key = `${scope.route} ${reason}`
        if (told.has(key)) return
        told.add(key)
        loggerOf(scope)?.warning('An answer of a cached route is not kept', { route: scope.route, reason })
      },
      failed,
    }
  }
  const step: StepWith = (word, route, defaults) => lookUp(desk(word, route, defaults))
  const changing = changes && stepsUnder(options, changes, step)
  const ending: Ending = {
    committed: (database, tags) => endTags(database, tags),
    now: (tags) => caches.end(tags),
    all: () => caches.clear(),
    failed,
  }
  return {
    ...(changing && { open: changing.open }),
    routes: (_, root) => {
      model = (name) => modelsOf(root)[name]
    },
    options: {
      cache: (word: RouteCache | true, route) => ({
        replay: changing ? changing.step(word, route) : step(word, route, options),
      }),
      invalidates: (tags: Tags<HandledCall>, route) => {
        if (route.method === 'WS')
          throw new TypeError('invalidates: a web socket has no answer: say cache.invalidate()')
        return invalidate(tagFinder(tags, route.path), route.options['transaction'] === true, ending)
      },
    },
    booted: ({ logger, database }) => {
      caches.booted(logger, database)
      if (options.redis && !options.redis.subscribe)
        logger.warning('The Redis of the cache cannot subscribe: every hit asks it', {})
    },
    listening: () => caches.open(),
    stop: () => {
      changing?.end()
      return caches.close()
    },
  }
}
