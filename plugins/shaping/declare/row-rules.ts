import { holds, namedPermissions } from '#core/grants'
import { ownForm } from '#core/requirement'
import type { RowScope, ScopeContext } from './declaration.ts'

/** Which rows a caller may see, by a rule that can be given to `scope`. */
export type RowRule = (context: ScopeContext) => RowScope | readonly RowScope[]

/**
 * A scope for lists of rows that belong to somebody: who holds `posts:read` sees every row, who holds `posts:read:own`
 * sees their own, and nobody else sees any. From `kwik/shaping`.
 *
 * @param permission it and `<permission>:own` are declared
 * @param owner the field with the id of the owner
 * @example
 * const postList = shape(posts, { scope: ownRows('posts:read', 'authorId') })
 * app.get('/posts', ({ list }) => list.page(), { ...postList.hook, permission: { any: ['posts:read', 'posts:read:own'] } })
 */
export function ownRows(permission: string, owner: string): RowRule {
  const own = ownForm(permission)
  return named([permission, own], ({ principal }) => {
    if (principal === null) return false
    if (holds(principal.permissions, permission)) return undefined
    return holds(principal.permissions, own) && { [owner]: principal.id }
  })
}

/**
 * A scope for lists of rows that belong to tenants: those of the request's tenant, and none without one. From `kwik/shaping`.
 *
 * @param field the field with the tenant
 * @example const projectList = shape(projects, { scope: tenantRows('tenantId') })
 */
export function tenantRows(field: string): RowRule {
  const rule: RowRule = ({ tenant }) => tenant !== undefined && { [field]: tenant }
  ofTenant.add(rule)
  return rule
}

/**
 * Several rules that all hold. From `kwik/shaping`.
 * @example const postList = shape(posts, { scope: everyRule(tenantRows('tenantId'), ownRows('posts:read', 'authorId')) })
 */
export function everyRule(...rules: readonly RowRule[]): RowRule {
  const every = named(rules.flatMap(namesOfRule), (context) => rules.flatMap((rule) => rule(context)))
  if (rules.every(asksTenantAlone)) ofTenant.add(every)
  return every
}

const ofTenant = new WeakSet<object>()
/** Whether a rule gives all callers of a tenant the same rows. */
export const asksTenantAlone = (rule: object): boolean => ofTenant.has(rule)

type Named = RowRule & { readonly [namedPermissions]?: readonly string[] }

const named = (names: readonly string[], rule: RowRule): RowRule => Object.assign(rule, { [namedPermissions]: names })

/** The permissions that a rule names, so that a misspelt one is told at boot. */
export const namesOfRule = (rule: object | undefined): readonly string[] =>
  (rule as Named | undefined)?.[namedPermissions] ?? []
