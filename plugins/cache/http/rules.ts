import { declaredAccess } from '#core/declared-access'
import { type Duration, milliseconds } from '#core/internal/duration'
import type { RouteFacts } from '#core/works'
import type { Lifetime } from '../engine/index.ts'
import type { Backend, CachedCall, CacheOptions, RouteCache, Tags } from '../options.ts'

/** For whom an answer is: everybody, callers of one kind, or one of them. */
export type Audience = 'everybody' | 'permissions' | 'user'

/** What a route's rules come to. Times are milliseconds, names of headers in lower case. */
export interface RouteRules {
  readonly backend: Backend
  readonly audience: Audience
  /** The route said that callers make no difference. */
  readonly shared: boolean
  /** Callers of one tenant have the same answers, and those of another others. */
  readonly ofTenant: boolean
  /** Somebody must be let in. */
  readonly guarded: boolean
  readonly tags: Tags<CachedCall>
  readonly timeout: number | undefined
  readonly lease: number | undefined
  readonly grace: number
  readonly vary: readonly string[]
  readonly languages: readonly string[]
  readonly headers: readonly string[]
  /** Seconds. */
  readonly maxAge: number | undefined
  /** The life of an answer that begins now; `undefined` where it is not kept. */
  life(status: number): Lifetime | undefined
}

const usualLease: Duration = '10s'
const remedy =
  '`varyOnUser: true` keeps answers for each of them, `varyOnPermissions: true` for each set of permissions, `shared: true` says that all get the same'

/** @throws {TypeError} for rules that cannot hold, or that would tell one caller what was for another */
export function rulesOf(word: RouteCache | true, options: CacheOptions, route: RouteFacts): RouteRules {
  const own = word === true ? {} : word
  const { ttl, swr = 0, staleIfError = 0, negative, lease = false, ...said } = { ...options, ...own }
  if (route.method !== 'GET') throw new TypeError(`cache: only answers to GET are kept, and this is ${route.method}`)
  if (route.streams) throw new TypeError('cache: the answer is a stream, which is never kept')
  if (ttl === undefined) throw new TypeError("cache: for how long? Say `ttl`, here or as cache({ ttl: '5m' })")
  const audience = audienceOf(own, options)
  const guarded = ['signed in', 'permitted'].includes(declaredAccess(route).who)
  const shared = own.shared === true
  if (guarded && audience === 'everybody' && !shared)
    throw new TypeError(
      `cache: the route is for signed-in callers, and nothing says whose answers are whose: ${remedy}`,
    )
  const backend = said.backend ?? (options.redis ? 'redis' : 'memory')
  if (backend === 'redis' && !options.redis)
    throw new TypeError("cache: backend: 'redis' needs a Redis: give kwik({ redis }), or cache({ redis })")
  const grace = milliseconds(said.grace ?? 0)
  if (own.grace !== undefined && grace > 0 && audience !== 'everybody')
    throw new TypeError('cache: no `grace` for what depends on the caller: nobody could say that they may still see it')
  const { vary = [], languages = [], headers = [] } = said
  const found = lives(ttl, swr, staleIfError, negative)
  return {
    backend,
    audience,
    shared,
    ofTenant: Boolean(route.options['tenant']),
    guarded,
    tags: own.tags ?? [],
    timeout: said.timeout === undefined ? undefined : milliseconds(said.timeout),
    lease: lease === false ? undefined : milliseconds(lease === true ? usualLease : lease),
    grace: audience === 'everybody' ? grace : 0,
    vary: vary.map(checkedVary),
    languages,
    headers: headers.map(checkedHeader),
    maxAge: said.maxAge === undefined ? undefined : Math.floor(milliseconds(said.maxAge) / 1000),
    life: (status) =>
      status === 200 ? aged(found.usual) : status === 404 && found.negative ? aged(found.negative) : undefined,
  }
}

function audienceOf(own: RouteCache, options: CacheOptions): Audience {
  if (own.shared && (own.varyOnUser || own.varyOnPermissions))
    throw new TypeError('cache: `shared` says that callers make no difference, and `varyOn…` that they do')
  if (own.shared) return 'everybody'
  const isSaid = own.varyOnUser === true || own.varyOnPermissions === true
  const { varyOnUser, varyOnPermissions } = isSaid ? own : { ...options, ...own }
  if (varyOnUser) return 'user'
  return varyOnPermissions ? 'permissions' : 'everybody'
}

function lives(ttl: Duration, swr: Duration, staleIfError: Duration, negative: Duration | undefined) {
  const usual = { fresh: milliseconds(ttl), swr: milliseconds(swr), staleIfError: milliseconds(staleIfError) }
  if (usual.fresh < 1) throw new TypeError(`cache: a ttl of ${ttl} keeps nothing`)
  const missing = negative === undefined ? 0 : milliseconds(negative)
  return { usual, negative: missing > 0 ? { fresh: missing, swr: 0, staleIfError: 0 } : undefined }
}

/** What a reload of the settings may change: where and for whom things are kept is settled at boot. */
export const times = ['ttl', 'swr', 'staleIfError', 'timeout', 'negative', 'grace', 'maxAge'] as const

/** Judges what counts where routes say nothing. @throws {TypeError} naming the option, as a setting is named */
export function checkTimes(options: CacheOptions): void {
  for (const name of times) {
    const time = options[name]
    if (time === undefined) continue
    try {
      if (milliseconds(time) < 1 && name === 'ttl') throw new TypeError(`a ttl of ${time} keeps nothing`)
    } catch (error) {
      throw new TypeError(`cache.${name}: ${(error as Error).message}`)
    }
  }
}

/** A tenth more or less. */
const aged = (life: Lifetime): Lifetime => ({ ...life, fresh: Math.round(life.fresh * (0.9 + Math.random() / 5)) })

const credentials: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key'])

function checkedVary(name: string): string {
  const lower = name.toLowerCase()
  if (credentials.has(lower))
    throw new TypeError(`cache: not \`vary: ['${name}']\`: say varyOnUser or varyOnPermissions`)
  if (lower === 'accept-language') throw new TypeError('cache: say `languages`, of which Accept-Language chooses one')
  return checkedHeader(name)
}

const unkept: ReadonlySet<string> = new Set(['set-cookie', 'content-length', 'content-encoding', 'age', 'vary'])

function checkedHeader(name: string): string {
  const lower = name.toLowerCase()
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || name === '*') throw new TypeError(`cache: "${name}" names no header`)
  if (unkept.has(lower)) throw new TypeError(`cache: ${name} is of one answer alone`)
  return lower
}
