import { requireCaller } from '#core/access'
import { refuse } from '#core/errors'
import { permissionsNamedIn } from '#core/grants'
import { definePlugin } from '#core/plugin'
import { type PermissionsOptions, resolvePermissionsOptions } from './options.ts'
import { checkDeclared, ruleOf } from './requirement.ts'
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
      const { declared } = resolvePermissionsOptions(given)
      return {
        always: ({ said, options, schema }) => {
          checkDeclared(permissionsNamedIn([...Object.values(options), ...Object.values(schema)]), declared)
          if (said['permission']?.includes(false))
            throw new TypeError('`permission: false` does not take back what a guard asks for: remove it')
          return {}
        },
        options: {
          permission: (requirement: Requirement) => {
            const rule = ruleOf(requirement, declared)
            return {
              authorize: (scope) => {
                const refusal = requireCaller(scope)
                if (refusal) return refusal
                const granted = scope.principal!.permissions
                if (!rule.allows(granted)) return forbidden(rule.lacks(granted))
              },
            }
          },
        },
      }
    },
  })
}

const forbidden = ({ detail, names }: { detail: string; names: readonly string[] }) =>
  refuse('KWIK_FORBIDDEN', { detail, errors: [{ code: 'permission-missing', detail, allowed: names }] })
