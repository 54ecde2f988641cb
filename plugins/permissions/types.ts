import type { KwikPlugin, Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { User } from '#core/scope'

/** Permissions as they are declared: names, or the actions of each resource. */
export type Declaration = readonly string[] | Readonly<Record<string, readonly string[]>>

/** The names in a declaration. */
export type NamesOf<D extends Declaration> = D extends readonly (infer Name extends string)[]
  ? Name
  : { [Resource in keyof D & string]: `${Resource}:${ActionsOf<D[Resource]>}` }[keyof D & string]
type ActionsOf<Actions> = Actions extends readonly (infer Action extends string)[] ? Action : never

/** What a route asks of its caller: one permission, one of several, or all of several. */
export type Requirement<Name extends string = string> =
  | Name
  | { readonly any: readonly Name[] }
  | { readonly all: readonly Name[] }

/** Owns the route option `permission`. It implies `auth`: handlers find the caller as `user`. */
export type PermissionsPlugin<Name extends string = string, U extends User = User> = KwikPlugin<{
  macros: { permission: Macro<Requirement<Name>, { user: U }, { 401: Problem; 403: Problem }> }
}>
