import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { openRedis } from '#core/adapters/redis'
import { accountPermissions, accounts } from '../plugins/accounts/index.ts'
import { database } from '../plugins/database/index.ts'
import { headers } from '../plugins/headers/index.ts'
import { health } from '../plugins/health/index.ts'
import { createLogger, logging } from '../plugins/logging/index.ts'
import { openapi } from '../plugins/openapi/index.ts'
import { permissions } from '../plugins/permissions/index.ts'
import { rateLimit } from '../plugins/rate-limit/index.ts'
import { idempotency } from '../plugins/resources/index.ts'
import { shaping } from '../plugins/shaping/index.ts'
import { deriveKey, type TokenService, tokenService, tokens } from '../plugins/tokens/index.ts'
import { documentVersions } from '../plugins/versioning/index.ts'
import { closing } from './closing.ts'
import type { Kwik, KwikOptions } from './kwik.types.ts'
import { rememberServices, type Services } from './services.ts'

/**
 * Makes the platform of an app: every part that is asked for, wired, as one Elysia plugin. Keep it in one const and use
 * that const in the app and in each module. From `kwik`.
 *
 * @throws {TypeError} when a part lacks what it needs: accounts without tokens, for example
 * @example
 * export const platform = kwik({ database: openDatabase({ url: 'sqlite:./data/app.sqlite' }), openapi: {} })
 * new Elysia().use(platform).get('/hello', () => 'hello', { public: true }).listen(3000)
 */
export function kwik<const O extends KwikOptions>(options: O): Kwik<O> {
  const app: AnyElysia = new Elysia({ name: 'kwik' })
  const { parts, services } = wire(options)
  for (const part of parts) app.use(part)
  rememberServices(app, services)
  return app as unknown as Kwik<O>
}

/** Types options that are kept in a variable as `kwik()` would: names stay names. From `kwik`. */
export function defineKwik<const O extends KwikOptions>(options: O): O {
  return options
}

/**
 * The form for an Elysia app that exists: problems, logs, request ids and health. It keeps what the app's handlers
 * answer, adds no header that a page could mind, and warns once about undeclared routes. From `kwik`.
 *
 * @example existingApp.use(kwikPlugin)
 */
export const kwikPlugin: Kwik<{ readonly strict: false; readonly headers: false }> = kwik({
  strict: false,
  headers: false,
})

/** Hands each part what it needs of the others: the only place where the plugins meet. */
function wire(options: KwikOptions): { parts: AnyElysia[]; services: Services } {
  const { database: db, accounts: people, clock } = options
  const logger = options.logging === false ? undefined : (options.logging?.logger ?? createLogger(options.logging))
  const ownsRedis = typeof options.redis === 'string'
  const redis = typeof options.redis === 'string' ? openRedis({ url: options.redis }) : options.redis
  const issuer = issuerOf(options)
  const secret = options.tokens?.keys?.[0]?.secret ?? options.tokens?.secret

  const parts: AnyElysia[] = [
    core({
      ...pick(options, 'strict', 'bodyLimit', 'timeout', 'signals', 'trustedProxies'),
      ...(db && { database: db }),
      ...(logger && { logger }),
      ...(clock && { clock }),
    }),
  ]
  if (logger) parts.push(logging({ ...options.logging, logger }))
  if (options.headers !== false) parts.push(headers(options.headers))
  if (options.health !== false) parts.push(health(withChecks(options)))
  if (db) parts.push(database(db))
  if (db || options.shaping)
    // Cursors stay good over a restart when there is a secret to make their key of.
    parts.push(shaping({ ...(secret && { keys: [cursorKey(secret)] }), ...options.shaping }))
  if (issuer) parts.push(tokens({ ...issuer.options, principals: issuer.principals, ...(clock && { clock }) }))
  if (people || options.permissions)
    parts.push(
      permissions({ declared: [...new Set([...(options.permissions ?? []), ...(people ? accountPermissions : [])])] }),
    )
  if (people && issuer) parts.push(accounts({ service: people, tokens: issuer.service }))
  if (options.rateLimit)
    parts.push(rateLimit({ ...(redis && { redis }), ...(clock && { clock }), ...options.rateLimit }))
  if (options.idempotency)
    parts.push(idempotency({ ...(redis && { redis }), ...(clock && { clock }), ...options.idempotency }))
  if (options.versions) parts.push(options.versions)
  if (options.openapi)
    parts.push(
      openapi({ ...(options.versions && { versions: documentVersions(options.versions) }), ...options.openapi }),
    )
  if (redis && ownsRedis) parts.push(closing(redis))
  return {
    parts,
    services: {
      ...(db && { database: db }),
      ...(redis && { redis }),
      ...(people && { accounts: people }),
      ...(issuer && { tokens: issuer.service }),
    },
  }
}

function issuerOf({ tokens: given, accounts: people, clock }: KwikOptions) {
  if (!given) {
    if (people) throw new TypeError('accounts need tokens to sign people in: kwik({ tokens: { secret } })')
    return undefined
  }
  const { principals = people?.principals, ...options } = given
  if (!principals)
    throw new TypeError('tokens need to know people: kwik({ accounts }) or kwik({ tokens: { secret, principals } })')
  const service: TokenService = tokenService({ ...(clock && { clock }), ...options })
  return { options, principals, service }
}

const cursorKey = (secret: string | Uint8Array): string =>
  Buffer.from(deriveKey(secret, 'cursor')).toString('base64url')

/** Ready means that the database answers; without Redis an app counts for itself and stays ready. */
function withChecks({ health: given, database: db }: KwikOptions) {
  const options = given === false ? {} : (given ?? {})
  return { ...options, checks: { ...(db && { database: () => db.ping() }), ...options.checks } }
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Pick<T, K>
}
