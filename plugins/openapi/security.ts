import { declaredAccess } from '#core/declared-access'
import { type Need, ownForm } from '#core/requirement'
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

/** What a caller must be allowed to do: all of these, any of these, or one that also holds for what is their own. */
export type Needed =
  | { readonly all: readonly (string | Needed)[] }
  | { readonly any: readonly (string | Needed)[] }
  | { readonly own: string }

/** A way of proving who calls, with the permissions that it takes (roles, in OpenAPI 3.1). */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>

/** Who may call a route. */
export interface Access {
  /** Each is enough; none for a route that anybody may call. */
  readonly security: readonly SecurityRequirement[]
  readonly permissions?: Needed
  /** Whether it depends on whose something is: what is not the caller's is as if it were not there. */
  readonly owned: boolean
}

/** Reads a route's `auth`, `permission` and `public`, its guards' included: each permission counts. */
export function accessOf(route: RouteFacts, known: readonly Way[]): Access {
  const declared = declaredAccess(route)
  if (declared.who === 'anyone' || declared.who === 'undeclared') return { security: [], owned: false }
  const { ways = known } = declared
  if (declared.who === 'signed in') return { security: ways.map((way) => ({ [way]: [] })), owned: false }
  const { need } = declared
  const choices = choicesOf(need)
  return {
    security: ways.flatMap((way) => choices.map((names) => ({ [way]: names }))),
    permissions: need.kind === 'name' ? { all: [need.name] } : (wordOf(need) as Needed),
    owned: asksWhose(need),
  }
}

function wordOf(need: Need): string | Needed {
  if (need.kind === 'name') return need.name
  if (need.kind === 'own') return { own: need.name }
  const of = need.of.map(wordOf)
  return need.kind === 'any' ? { any: of } : { all: of }
}

const asksWhose = (need: Need): boolean => need.kind === 'own' || (need.kind !== 'name' && need.of.some(asksWhose))

/** Sets of permissions of which each is enough. */
const mostChoices = 16

function choicesOf(need: Need): readonly (readonly string[])[] {
  const choices = combined(need)
  if (choices.length <= mostChoices) return choices
  // More than anybody reads: what each of them has.
  return [choices[0]!.filter((name) => choices.every((one) => one.includes(name)))]
}

function combined(need: Need): readonly (readonly string[])[] {
  if (need.kind === 'name') return [[need.name]]
  if (need.kind === 'own') return [[need.name], [ownForm(need.name)]]
  const each = need.of.map(combined)
  if (need.kind === 'any') return each.flat()
  return each.reduce<readonly (readonly string[])[]>(
    (all, some) => all.flatMap((one) => some.map((other) => [...new Set([...one, ...other])])),
    [[]],
  )
}
