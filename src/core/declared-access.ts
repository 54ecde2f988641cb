import { inWords, type Need, needOfAll } from './requirement.ts'
import type { Way } from './scope.ts'
import type { RouteFacts } from './works.ts'

/** Who may call a route, as it was declared. */
export type DeclaredAccess =
  | { readonly who: 'anyone' }
  /** Nobody said who may call it. */
  | { readonly who: 'undeclared' }
  | { readonly who: 'signed in'; readonly ways?: readonly Way[] }
  | { readonly who: 'permitted'; readonly need: Need; readonly ways?: readonly Way[] }

/** Reads a route's `public`, `auth` and `permission`, its guards' included: each permission counts. */
export function declaredAccess({ options, said }: Pick<RouteFacts, 'options' | 'said'>): DeclaredAccess {
  const { auth } = options
  const ways = Array.isArray(auth) ? { ways: auth as readonly Way[] } : {}
  const need = needOfAll(said['permission'] ?? [])
  if (need !== undefined) return { who: 'permitted', need, ...ways }
  if (options['public'] === true) return { who: 'anyone' }
  return auth === undefined || auth === false ? { who: 'undeclared' } : { who: 'signed in', ...ways }
}

/** The same in words: `anyone`, `signed in`, `undeclared`, or the permissions; with the ways to sign in, where not all do. */
export function whoMay(access: DeclaredAccess): string {
  if (access.who === 'anyone' || access.who === 'undeclared') return access.who
  const words = access.who === 'permitted' ? inWords(access.need) : access.who
  return access.ways === undefined ? words : `${words} (${access.ways.join(', ')})`
}
