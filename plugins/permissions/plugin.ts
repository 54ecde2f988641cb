import { requireCaller } from '#core/access'
import { refuse } from '#core/errors'
import { permissionsNamedIn } from '#core/grants'
import { type Call, mayWait } from '#core/phases'
import { definePlugin } from '#core/plugin'
import type { Database } from '#core/ports/database'
import type { ProblemError } from '#core/problem'
import type { OwnerCall } from '#core/requirement'
import type { Principal, Scope } from '#core/scope'
import { type PermissionsOptions, resolvePermissionsOptions } from './options.ts'
import { checkDeclared, type Rule, ruleOf } from './requirement.ts'
import type { PermissionsPlugin, Requirement } from './types.ts'

/**
 * Adds the route option `permission`: who calls must hold what the route asks for. From `kwik/permissions`.
 * A guard's word and its route's both hold; nothing switches a permission off.
 *
 * @throws {BootError} `KWIK_BOOT` at boot, when a route asks for a permission that is not declared
 * @example
 * const app = new Elysia()
 *   .use(core())
 *   .use(tokens({ secret, principals }))
 *   .use(permissions({ declared: definePermissions({ products: ['read', 'update'] }) }))
 *   .get('/products', list, { permission: 'products:read' })
 *   .patch('/products/:id', change, { permission: { all: ['products:read', 'products:update'] } })
 */
export function permissions<const Name extends string>(options: PermissionsOptions<Name>): PermissionsPlugin<Name> {
  return definePlugin<PermissionsPlugin<Name>, PermissionsOptions<Name>>({
    name: 'permissions',
    options,
    keys: ['permission'],
    every: ['permission'],
    setup: (given) => {
      const { declared: names, everywhere, hideForbidden } = resolvePermissionsOptions(given)
      return {
        always: ({ said, options, schema }) => {
          checkDeclared(permissionsNamedIn([...Object.values(options), ...Object.values(schema)]), names)
          if (said['permission']?.includes(false))
            throw new TypeError('`permission: false` does not take back what a guard asks for: remove it')
          return {}
        },
        options: {
          permission: (requirement: Requirement) => {
            const rule = ruleOf(requirement, { names, everywhere })
            const authorize = (scope: Scope): ProblemError | void => {
              const refusal = requireCaller(scope)
              if (refusal) return refusal
              const held = scope.principal!
              if (rule.judge(held) === 'no') return forbidden(rule.lacks(held))
            }
            return rule.looksUp ? { authorize, load: ownerCheck(rule, hideForbidden) } : { authorize }
          },
        },
      }
    },
  })
}

/** What the verdict of `authorize` left open. What is somebody else's and what is not there get one answer. */
function ownerCheck(rule: Rule, hides: boolean) {
  return mayWait((scope: Scope, call: Call): Promise<ProblemError | void> | void => {
    const held = scope.principal!
    if (rule.judge(held) === 'yes') return
    return rule.owns(held, callOf(scope, held, call)).then((owns) => {
      if (!owns) return hides ? hidden() : foreign()
    })
  })
}

/** Never Elysia's context. */
const callOf = (scope: Scope, principal: Principal, { params, query, route }: Call): OwnerCall => ({
  params,
  query,
  route,
  request: scope.request,
  principal,
  user: principal.user,
  tenant: scope.tenant,
  get db(): Database {
    const database = scope.app?.core.database
    if (!database) throw new TypeError('own(): its loader asks for a database: give kwik({ database })')
    return database
  },
})

const forbidden = ({ detail, names }: { detail: string; names: readonly string[] }) =>
  refuse('KWIK_FORBIDDEN', { detail, errors: [{ code: 'permission-missing', detail, allowed: names }] })

const hidden = () => refuse('KWIK_NOT_FOUND', { detail: 'There is nothing here that the caller may reach.' })

const foreign = () =>
  refuse('KWIK_FORBIDDEN', {
    detail: 'The caller may do this with what is their own.',
    errors: [{ code: 'not-own', detail: 'is not the caller’s' }],
  })
