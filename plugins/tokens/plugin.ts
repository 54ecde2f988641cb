import { systemClock } from '#core/adapters/clock'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { tokenService } from './access-token.ts'
import { bearerAuthenticator } from './authenticator.ts'
import type { TokensOptions } from './options.ts'

/** Adds no option and nothing to the context: it recognises callers. */
export type TokensPlugin = KwikPlugin<{}>

/**
 * Recognises callers by `Authorization: Bearer <access token>`. From `kwik/tokens`.
 * A disabled account, one whose token version grew, or a permission that was taken away counts on the next request.
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
    setup: (given) => ({
      authenticator: bearerAuthenticator({
        service: tokenService(given),
        principals: given.principals,
        clock: given.clock ?? systemClock,
        remember: given.remember ?? 10_000,
      }),
    }),
  })
}
