import type { AnyElysia } from 'elysia'
import { systemClock } from '#core/adapters/clock'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { readToken } from './access-token.ts'
import { bearerAuthenticator, cookieAuthenticator } from './authenticator.ts'
import { resolveTokenServiceOptions, type TokensOptions } from './options.ts'
import { courtOfAccounts, courtOfSessions, Recognition } from './recognition.ts'
import { jwksRoutes } from './routes/jwks.ts'
import type { TokenRoute } from './routes/route.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { keeperOf, type SessionKeeper } from './sessions/service.ts'

/** Adds routes, no option and nothing to the context: it recognises callers. */
export type TokensPlugin = KwikPlugin<{}>

const remembered = 10_000

/**
 * Recognises callers by `Authorization: Bearer <access token>`, and by cookie where sessions use them. From `kwik/tokens`.
 * A disabled account, one whose token version grew, a session that ended, or a permission that was taken away counts on
 * the next request. With `sessions` it adds the routes to refresh and end them.
 *
 * @throws {BootError} `KWIK_BOOT` at boot, when the secret is missing or weak
 * @example
 * const app = new Elysia()
 *   .use(core())
 *   .use(tokens({ secret: process.env.KWIK_SECRET ?? '', principals: accounts.principals }))
 *   .get('/me', ({ user }) => user.id, { auth: true })
 * @see https://www.rfc-editor.org/rfc/rfc6750
 */
export function tokens(options: TokensOptions): TokensPlugin {
  return definePlugin<TokensPlugin, TokensOptions>({
    name: 'tokens',
    options,
    keys: [],
    setup: (given, { knows }) =>
      given.sessions === undefined
        ? withoutSessions(given, knows('public'))
        : withSessions(keeperOf(given.sessions), given, knows('auth')),
  })
}

function withoutSessions(given: TokensOptions, guarded: boolean) {
  const { principals, clock = systemClock, remember = remembered } = given
  const resolved = resolveTokenServiceOptions(given)
  const reader = { read: (token: string) => readToken(resolved, token) }
  const recognition = new Recognition('bearer', reader, courtOfAccounts(principals, clock), remember)
  return {
    authenticator: bearerAuthenticator(recognition),
    routes: (own: AnyElysia) => add(own, jwksRoutes(resolved.ring, guarded)),
  }
}

function withSessions(sessions: SessionKeeper, { remember = remembered }: TokensOptions, guarded: boolean) {
  const { cookies, trusted } = sessions.options
  const court = courtOfSessions(sessions)
  const closed = () => sessions.whileDeaf()
  return {
    authenticator: [
      bearerAuthenticator(new Recognition('bearer', sessions, court, remember), closed),
      ...(cookies ? [cookieAuthenticator(new Recognition('cookie', sessions, court, remember), trusted, closed)] : []),
    ],
    // So that the first request finds the line to Redis.
    booted: () => void sessions.announcements?.hears(),
    routes: (own: AnyElysia) => {
      if (!guarded) throw new Error('sessions need the plugin core(): their routes say who may call them')
      add(own, [...sessionRoutes(sessions), ...jwksRoutes(sessions.ring, guarded)])
    },
  }
}

const add = (own: AnyElysia, routes: readonly TokenRoute[]): void => {
  for (const { method, path, options, handler } of routes) own.route(method, path, handler as never, options as never)
}
