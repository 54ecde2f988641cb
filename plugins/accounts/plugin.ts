import type { AnyElysia } from 'elysia'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Logger } from '#core/ports/logger'
import { type Problem, ProblemError } from '#core/problem'
import { apiKeyRoutes } from './api-keys/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { impersonationRoutes } from './impersonation/routes.ts'
import { type InPerson, inPersonSteps } from './in-person.ts'
import type { AccountsOptions, LoginLimit } from './options.ts'
import { authRoutes } from './routes/auth.ts'
import { memberRoutes } from './routes/members.ts'
import { ownRoutes } from './routes/own.ts'
import { permissionRoutes } from './routes/permissions.ts'
import { recoveryRoutes } from './routes/recovery.ts'
import { roleRoutes } from './routes/roles.ts'
import type { AccountRoute } from './routes/route.ts'
import { userRoutes } from './routes/users.ts'
import { loginBody, resetBody } from './schemas.ts'
import type { Accounts } from './service.ts'
import { userSchemas } from './user-schemas.ts'
import { wiring } from './wiring.ts'

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
    setup: (given, neighbours) => {
      const {
        service,
        tokens,
        sessions,
        loginLimit = { limit: 30, per: '1m' },
        mailLimit = { limit: 10, per: '1h' },
      } = given
      const { authenticator } = service.apiKeys
      const { columns, makesAdmin, crowded, check } = service[wiring]
      check()
      const schemas = userSchemas(columns)
      // What anybody may send a password with.
      const open: readonly unknown[] = [loginBody, schemas.registerBody, resetBody]
      // Together for all who guess, and refused when nobody can count.
      const limited = (name: string, limit: LoginLimit | false): object =>
        limit && neighbours.knows('rateLimit') ? { rateLimit: { ...limit, by: 'ip', name, onStoreDown: 'deny' } } : {}
      return {
        ...(authenticator && { authenticator }),
        // Of a flood of passwords, those that are refused do not keep the others waiting: their bodies are not read.
        always: ({ schema }) => (open.includes(schema['body']) ? { throttle: crowded } : {}),
        options: {
          inPerson: (word: InPerson | false, route) => inPersonSteps(word, route, service.securityEvents),
        },
        routes: (own) => {
          const mailing = limited('account-mail', mailLimit)
          for (const route of [
            ...authRoutes(service, { tokens, sessions }, schemas, limited('login', loginLimit)),
            ...recoveryRoutes(service, schemas, mailing),
            ...ownRoutes(service, schemas, mailing),
            ...userRoutes(service, schemas),
            ...roleRoutes(service),
            ...eventRoutes(service),
            ...(authenticator ? apiKeyRoutes(service) : []),
            ...(service.impersonates ? impersonationRoutes(service) : []),
            ...memberRoutes(service, schemas),
            ...permissionRoutes(service),
          ])
            add(own, route)
        },
        booted: ({ logger }) => {
          if (makesAdmin) void makeFirstAdmin(service, logger)
        },
        stop: () => service.settled(),
      }
    },
  })
}

/** A database without its tables is no reason not to start: what reads them will say so. */
async function makeFirstAdmin(service: Accounts, logger: Logger): Promise<void> {
  try {
    if (await service.createFirstAdmin()) logger.info('accounts: the first administrator was made')
  } catch (error) {
    const why = error instanceof ProblemError ? { errors: error.problem.errors } : { error }
    logger.error('accounts: the first administrator could not be made', why)
  }
}

const add = (own: AnyElysia, { method, path, options, handler }: AccountRoute): void => {
  own.route(method, path, handler as never, options as never)
}
