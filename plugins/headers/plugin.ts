import { type Changing, Current } from '#core/internal/changing'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Scope } from '#core/scope'
import type { Admission, RouteFacts } from '#core/works'
import { type Cors, makeCors } from './cors.ts'
import { refuse } from './errors.ts'
import { beginningFor, type HeaderSet, headerSet, putOn } from './header-set.ts'
import { hostCheck } from './hosts.ts'
import type { HeadersOptions, HeaderValues, RouteHeaders } from './options.ts'
import { changed, checkedName, hstsValue, profileOf } from './profile.ts'

/** The type of {@link headers}. */
export type HeadersPlugin = KwikPlugin<{ macros: { responseHeaders: Macro<RouteHeaders | false> } }>

/**
 * Security headers on every answer, exact CORS, and the hosts an app answers for. From `kwik/headers`.
 *
 * @param options what differs from the profile; everything is read once, at boot
 * @param changes brings other origins for CORS while the app runs: `kwik()` has them of its settings
 * @throws {BootError} at boot, for a header, policy, origin or host that cannot be meant
 * @example
 * const app = new Elysia()
 *   .use(headers({ cors: { origins: ['https://shop.example.com'] } }))
 *   .get('/logo', () => 'svg', { responseHeaders: { 'cache-control': 'public, max-age=3600' } })
 * @see https://owasp.org/www-project-secure-headers/
 */
export function headers(options: HeadersOptions = {}, changes?: Changing<HeadersOptions>): HeadersPlugin {
  return definePlugin<HeadersPlugin, HeadersOptions>({
    name: 'headers',
    options,
    keys: ['responseHeaders'],
    setup: () => {
      const sets = makeSets(options)
      const corsOf = (said: HeadersOptions): { readonly cors?: Cors } =>
        said.cors ? { cors: makeCors(said.cors) } : {}
      const current = new Current(corsOf(options))
      const unfollow = changes?.follow((next) => current.becomes(corsOf(next)))
      const isOurs = options.hosts && hostCheck(options.hosts)
      const admit = (scope: Scope): Admission | Promise<Admission> => {
        if (isOurs !== undefined && !isOurs(scope))
          return refuse('KWIK_HOST_NOT_ALLOWED', { detail: 'Ask it for a host that it is set up for.' })
        return current.of(scope).cors?.preflight(scope)
      }
      return {
        ...(changes && { open: (scope: Scope) => current.begin(scope), stop: () => unfollow?.() }),
        ...((isOurs || changes || current.of().cors) && { admit }),
        always: (route) => {
          sets.plan(route)
          return route.method === 'WS' ? { load: (scope) => putOn(scope, sets.of(scope)) } : {}
        },
        begin: (scope) => beginningFor(scope, sets.of(scope)),
        respond: (scope, response) => {
          putOn(scope, sets.of(scope), response)
          const later = current.of(scope).cors?.put(scope, response)
          if (later instanceof Promise) return later
        },
      }
    },
  })
}

interface Sets {
  plan(route: RouteFacts): void
  of(scope: Scope): HeaderSet
}

/** What a route's answers carry. */
interface Pair {
  readonly open: HeaderSet
  /** To somebody who sent credentials: also a public route may answer them with something of their own. */
  readonly known: HeaderSet
}

/** The sets of headers that answers may carry, made at boot: by what routes say, and whether they need a caller. */
function makeSets({ profile = 'api', set = {}, enforce = [], hsts = {}, noStore = true }: HeadersOptions): Sets {
  const common = { hsts: hsts === false ? undefined : hstsValue(hsts), enforce: new Set(enforce.map(checkedName)) }
  const make = (said: RouteHeaders, store: boolean): HeaderSet => {
    const single: HeaderValues = typeof said === 'string' ? {} : said
    const all = changed(changed(profileOf(typeof said === 'string' ? said : profile), set), single)
    return headerSet(all, { ...common, noStore: store })
  }
  const pair = (said: RouteHeaders, needsCaller: boolean): Pair => {
    const known = make(said, noStore)
    return { open: needsCaller ? known : make(said, false), known }
  }
  const [plain, guarded] = [pair(profile, false), pair(profile, true)]
  const withNonce = make('docs', true)
  const ofRoute = new Map<string, Pair>()
  return {
    plan({ method, path, options, said: words }) {
      const { auth, responseHeaders } = options
      const asks = words['permission']?.some((word) => word !== undefined)
      const needsCaller = (auth !== undefined && auth !== false) || asks === true
      const said = responseHeaders as RouteHeaders | false | undefined
      if (said) ofRoute.set(`${method} ${path}`, pair(said, needsCaller))
      else if (needsCaller) ofRoute.set(`${method} ${path}`, guarded)
    },
    of({ route, nonce, principal, rejection }) {
      const sets = (route === undefined ? undefined : ofRoute.get(route)) ?? plain
      // A handler that asked for a nonce made a page.
      if (nonce !== undefined && (sets === plain || sets === guarded)) return withNonce
      return principal === null && rejection === undefined ? sets.open : sets.known
    },
  }
}
