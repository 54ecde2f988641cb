import type { Way } from '#core/scope'
import type { RouteFacts } from '#core/works'

/** How one kind of credential is sent (OpenAPI 3.1, Security Scheme Object). */
export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: string; readonly bearerFormat?: string; readonly description?: string }
  | {
      readonly type: 'apiKey'
      readonly in: 'header' | 'cookie' | 'query'
      readonly name: string
      readonly description?: string
    }

const usual: Readonly<Record<Way, SecurityScheme>> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'session' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
}

/** The schemes of the ways in which an app recognises callers. */
export function schemesOf(
  ways: readonly Way[],
  own: Partial<Readonly<Record<Way, SecurityScheme>>>,
): Partial<Record<Way, SecurityScheme>> {
  return Object.fromEntries(ways.map((way) => [way, own[way] ?? usual[way]]))
}

/** One word of a `permission` option: a name, or several of which any is enough. */
export type Needed = string | { readonly any: readonly string[] }

/** Who may call a route. */
export interface Access {
  /** The ways of proving who calls; none for a route that anybody may call. */
  readonly ways: readonly Way[]
  readonly permissions: readonly Needed[]
}

/** Reads a route's `auth`, `permission` and `public`, its guards' included: each permission counts. */
export function accessOf({ options, said }: RouteFacts, known: readonly Way[]): Access {
  const { auth } = options
  const permissions = (said['permission'] ?? []).flatMap(neededOf)
  const guarded = permissions.length > 0 || said['permission'] !== undefined || (auth !== undefined && auth !== false)
  if (options['public'] === true || !guarded) return { ways: [], permissions: [] }
  return { ways: Array.isArray(auth) ? (auth as Way[]) : known, permissions }
}

function neededOf(word: unknown): Needed[] {
  if (typeof word === 'string') return [word]
  if (Array.isArray(word)) return word.flatMap(neededOf)
  if (typeof word !== 'object' || word === null) return []
  const { any, all, permission } = word as { any?: unknown; all?: unknown; permission?: unknown }
  if (Array.isArray(any)) return [{ any: any.filter((one) => typeof one === 'string') }]
  return neededOf(all ?? permission)
}
