import type { KwikPlugin, Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { Own } from '#core/requirement'
import type { User } from '#core/scope'

/** Permissions as they are declared: names, or the actions of each resource. */
export type Declaration = readonly string[] | Readonly<Record<string, readonly string[]>>

/** The names in a declaration. */
export type NamesOf<D extends Declaration> = D extends readonly (infer Name extends string)[]
  ? Name
  : { [Resource in keyof D & string]: `${Resource}:${ActionsOf<D[Resource]>}` }[keyof D & string]
type ActionsOf<Actions> = Actions extends readonly (infer Action extends string)[] ? Action : never

/** The names that are declared for what is one's own, too: `posts:update`, where `posts:update:own` is there. */
export type OwnableIn<Name extends string> = string extends Name
  ? string
  : Extract<Name extends `${infer Whole}:own` ? Whole : never, Name>

/** What a route asks of its caller: one permission, one of several, all of several, or one that holds for what is theirs. */
export type Requirement<Name extends string = string> = Name | Own<OwnableIn<Name>> | AnyOf<Name> | AllOf<Name>
export interface AnyOf<Name extends string> {
  readonly any: readonly Requirement<Name>[]
}
export interface AllOf<Name extends string> {
  readonly all: readonly Requirement<Name>[]
}

/** Owns the route option `permission`. It implies `auth`: handlers find the caller as `user`. */
export type PermissionsPlugin<Name extends string = string, U extends User = User> = KwikPlugin<{
  macros: { permission: Macro<Requirement<Name>, { user: U }, { 401: Problem; 403: Problem }> }
}>
