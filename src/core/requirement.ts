import type { Database } from './ports/database.ts'
import type { Principal, User } from './scope.ts'

/** What the loader of `own()` may look at. `P` names the path parameters: `OwnerCall<'id'>`. */
export interface OwnerCall<P extends string = string> {
  readonly params: Readonly<Record<P, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly request: Request
  /** `METHOD /pattern`. */
  readonly route: string
  readonly principal: Principal
  readonly user: User
  /** For which tenant the request is, where the app has tenants. */
  readonly tenant: string | undefined
  /** The app's database: a `TypeError` where it has none. */
  readonly db: Database
}

/** Whose something is: the id of its owner; `null` where it is nobody's, `undefined` where it is not there. */
export type OwnerId = string | number | bigint | null | undefined

/** A permission that somebody may also hold for what is theirs: made by `own()`. */
export interface Own<Name extends string = string> {
  readonly own: Name
  /** Looks up whose it is. */
  load(call: OwnerCall): OwnerId | Promise<OwnerId>
}

/** What a route asks of its caller, as it was read. */
export type Need =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'own'; readonly name: string; readonly load: Own['load'] }
  | { readonly kind: 'any' | 'all'; readonly of: readonly Need[] }

/** The form of a permission that holds for what is one's own: `posts:update:own`. */
export const ownForm = (name: string): string => `${name}:own`
export const isOwnForm = (name: string): boolean => name.endsWith(':own')

/**
 * Reads the word of a route's `permission`.
 * @throws {TypeError} for anything that is none: names no plugin of a typed app lets through, but a JavaScript one can write
 */
export function needOf(word: unknown): Need {
  if (typeof word === 'string') return { kind: 'name', name: word }
  if (isOwn(word)) return { kind: 'own', name: word.own, load: word.load }
  const [pair, ...others] = Object.entries(word ?? {})
  const [kind, of] = pair ?? []
  if ((kind !== 'any' && kind !== 'all') || others.length > 0 || !Array.isArray(of) || of.length === 0)
    throw new TypeError(
      "permission takes 'products:read', own('products:update', loader), { any: [...] } or { all: [...] }, with one name at least",
    )
  return { kind, of: of.map(needOf) }
}

const isOwn = (word: unknown): word is Own =>
  typeof word === 'object' &&
  word !== null &&
  typeof (word as Partial<Own>).own === 'string' &&
  typeof (word as Partial<Own>).load === 'function'

/** Everything that a guard and its route ask for: each of it holds. */
export function needOfAll(words: readonly unknown[]): Need | undefined {
  const needs = words.filter((word) => word !== undefined && word !== false).map(needOf)
  return needs.length > 1 ? { kind: 'all', of: needs } : needs[0]
}

/** Each permission that is named, the form for what is one's own too. */
export const namesIn = (need: Need): readonly string[] => [...new Set(listed(need))]
function listed(need: Need): readonly string[] {
  if (need.kind === 'name') return [need.name]
  if (need.kind === 'own') return [need.name, ownForm(need.name)]
  return need.of.flatMap(listed)
}

/** A need as a sentence has it: `posts:read and (posts:update or posts:update:own)`. */
export function inWords(need: Need, within?: 'any' | 'all'): string {
  if (need.kind === 'name') return need.name
  const kind = need.kind === 'own' ? 'any' : need.kind
  const parts = need.kind === 'own' ? [need.name, ownForm(need.name)] : need.of.map((one) => inWords(one, kind))
  const words = parts.join(kind === 'any' ? ' or ' : ' and ')
  return within === undefined || within === kind || parts.length === 1 ? words : `(${words})`
}
