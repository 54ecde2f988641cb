import { type Scope, type Slot, scopeOf, slot } from '#core/scope'
import { addCounts } from './demands.ts'
import type { Networks } from './options.ts'
import type { Demand } from './outcome.ts'
import type { Rule } from './policy.ts'

/** By which rules a request was counted, and where. */
export interface Counted {
  readonly rules: readonly Rule[]
  readonly networks: Networks
  /** Takes units, or gives them back: below 0. */
  adjust(demands: readonly Demand[]): void | Promise<void>
}

/** Written when a request was counted. */
export const counted: Slot<Counted> = slot<Counted>('rate-limit')

/** The limits of a request's route, from inside its handler. */
export interface RequestLimit {
  /**
   * Takes more units, now that it is known what the request costs. Nobody is refused by it: the next request is, while
   * units are missing. At most a whole burst can be owed.
   * @param policy by name; without it every policy of the route
   * @throws {TypeError} for units that are no whole number above 0, and for a policy that the route does not have
   */
  spend(units: number, policy?: string): Promise<void>
  /** Gives units back, for a request that shall not count or counts for less. @throws {TypeError} as `spend` does */
  refund(units: number, policy?: string): Promise<void>
}

/**
 * Changes what a request counts for after the fact. From `kwik/rate-limit`.
 *
 * @example
 * app.post('/ask', async ({ request }) => {
 *   const answer = await model.ask()
 *   await rateLimitOf(request).spend(answer.tokens)
 *   return answer
 * }, { auth: true, rateLimit: { name: 'tokens', limit: 10_000, per: '1d' } })
 */
export function rateLimitOf(request: Request): RequestLimit {
  const scope = scopeOf(request)
  return {
    spend: async (units, policy) => change(scope, units, 1, policy),
    refund: async (units, policy) => change(scope, units, -1, policy),
  }
}

async function change(scope: Scope, units: number, sign: 1 | -1, policy: string | undefined): Promise<void> {
  if (!Number.isSafeInteger(units) || units < 1)
    throw new TypeError(`rateLimitOf: ${units} units are no whole number above 0`)
  const place = scope.get(counted)
  const rates = place?.rules.filter(({ kind }) => kind !== 'concurrency') ?? []
  const rules = policy === undefined ? rates : rates.filter(({ name }) => name === policy)
  if (place === undefined || rules.length === 0)
    throw new TypeError(
      `rateLimitOf: ${scope.route ?? 'the request'} has no limit${policy === undefined ? '' : ` "${policy}"`} in a time`,
    )
  const demands: Demand[] = []
  for (const rule of rules) addCounts(demands, scope, rule, sign * units, place.networks)
  await place.adjust(demands)
}
