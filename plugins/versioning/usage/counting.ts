import type { Scope } from '#core/scope'
import type { Works } from '#core/works'
import type { VersionsOptions } from '../options.ts'
import type { VersionedRoute } from '../routes/route.ts'
import type { Speaking } from '../speaking.ts'

interface Counting {
  readonly usage: VersionsOptions['usage']
  readonly onRequest: VersionsOptions['onRequest']
  readonly routes: ReadonlyMap<string, VersionedRoute>
  readonly speaking: Speaking
}

/** Counts requests that came to a route, where somebody wants to know. */
export function countUsage({ usage, onRequest, routes, speaking }: Counting): Pick<Works, 'close' | 'stop'> {
  if (!usage && !onRequest) return {}
  return {
    close: (scope) => {
      const { route } = scope
      const version = speaking.asked(scope)?.version
      if (route === undefined || version === undefined) return
      onRequest?.({
        version: version.name,
        route,
        deprecated: version.isDeprecated || routes.get(route)?.deprecation !== undefined,
      })
      const day = new Date(speaking.nowIn(scope)).toISOString().slice(0, 10)
      usage?.add({ day, version: version.name, route, client: clientOf(scope), requests: 1 })
    },
    ...(usage && { stop: () => usage.flush() }),
  }
}

/** Who is asking, for the store alone: as a label of a metric it would have no end of values. */
const clientOf = ({ principal }: Scope): string => {
  if (principal === null) return 'anonymous'
  return principal.apiKeyId === undefined ? `user:${principal.id}` : `key:${principal.apiKeyId}`
}
