import type { AnyElysia } from 'elysia'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import { apiKeyRoutes } from './api-keys/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { impersonationRoutes } from './impersonation/routes.ts'
import { type InPerson, inPersonSteps } from './in-person.ts'
import type { AccountsOptions } from './options.ts'
import { authRoutes } from './routes/auth.ts'
import { roleRoutes } from './routes/roles.ts'
import type { AccountRoute } from './routes/route.ts'
import { userRoutes } from './routes/users.ts'

/** Adds routes, and the route option `inPerson`. */
export type AccountsPlugin = KwikPlugin<{
  macros: { inPerson: Macro<InPerson | false, {}, { 401: Problem; 403: Problem }> }
}>

/**
 * Adds the routes of accounts: sign-in, users and roles, API keys, acting for others, security events. From `kwik/accounts`.
 * It needs `tokens`, `permissions` with `accountPermissions` among the declared, and the tables of accounts.
 *
 * @throws {BootError} `KWIK_BOOT` at boot, when a permission of accounts is not declared
 * @example
 * const secret = process.env.KWIK_SECRET ?? ''
 * const service = accountsService(database)
 * const app = new Elysia()
 *   .use(core())
 *   .use(tokens({ secret, principals: service.principals }))
 *   .use(permissions({ declared: accountPermissions }))
 *   .use(accounts({ service, tokens: tokenService({ secret }) }))
 */
export function accounts(options: AccountsOptions): AccountsPlugin {
  return definePlugin<AccountsPlugin, AccountsOptions>({
    name: 'accounts',
    options,
    keys: ['inPerson'],
    setup: ({ service, tokens, sessions, loginLimit = { limit: 30, per: '1m' } }, neighbours) => {
      // Together for all who guess, and refused when nobody can count.
      const limit = loginLimit && { ...loginLimit, by: 'ip', name: 'login', onStoreDown: 'deny' }
      const { authenticator } = service.apiKeys
      return {
        ...(authenticator && { authenticator }),
        options: {
          inPerson: (word: InPerson | false, route) => inPersonSteps(word, route, service.securityEvents),
        },
        stop: () => service.apiKeys.settled(),
        routes: (own) => {
          const rateLimit = neighbours.knows('rateLimit') ? limit : false
          for (const route of [
            ...authRoutes(service, { tokens, sessions }, rateLimit),
            ...userRoutes(service),
            ...roleRoutes(service),
            ...eventRoutes(service),
            ...(authenticator ? apiKeyRoutes(service) : []),
            ...(service.impersonates ? impersonationRoutes(service) : []),
          ])
            add(own, route)
        },
      }
    },
  })
}

const add = (own: AnyElysia, { method, path, options, handler }: AccountRoute): void => {
  own.route(method, path, handler as never, options as never)
}
