import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { RouteFacts } from '#core/works'
import { type IdempotencyOptions, type IdempotentRoute, resolveIdempotencyOptions } from './options.ts'
import { stepsOf } from './steps.ts'

/** The type of {@link idempotency}. */
export type IdempotencyPlugin = KwikPlugin<{
  macros: { idempotent: Macro<boolean | IdempotentRoute, {}, { 400: Problem; 409: Problem; 422: Problem }> }
}>

const writing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Lets clients repeat a write without doing it twice: the first answer to an `Idempotency-Key` is said again. From `kwik/resources`.
 *
 * @param options where keys are kept, for how long
 * @throws {BootError} at boot, on a route that only reads, or on one without a transaction where the store is part of it
 * @example
 * new Elysia().use(core()).use(idempotency())
 *   .post('/payments', ({ body }) => pay(body), { public: true, idempotent: { required: true } })
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export function idempotency(options: IdempotencyOptions = {}): IdempotencyPlugin {
  return definePlugin<IdempotencyPlugin, IdempotencyOptions>({
    name: 'idempotency',
    options,
    keys: ['idempotent'],
    setup: () => {
      const resolved = resolveIdempotencyOptions(options)
      return {
        options: {
          idempotent: (said: true | IdempotentRoute, route: RouteFacts) => {
            if (!writing.has(route.method))
              throw new Error(`\`idempotent\` is for routes that write, not ${route.method}`)
            if (resolved.store.transactional && route.options['transaction'] !== true)
              throw new Error(
                '`idempotent` with keys in the database needs `transaction: true`: key and work are committed together',
              )
            return stepsOf(resolved, resolved.rulesOf(said === true ? {} : said))
          },
        },
      }
    },
  })
}
