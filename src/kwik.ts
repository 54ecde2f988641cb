import type { TObject } from '@sinclair/typebox'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { openRedis } from '#core/adapters/redis'
import { redisAnnouncements } from '#core/adapters/redis-announcements'
import type { Announcements } from '#core/ports/announcements'
import type { Database } from '#core/ports/database'
import type { Redis } from '#core/ports/redis'
import { accountPermissions, accounts, connect, tenantAccountPermissions } from '../plugins/accounts/index.ts'
import { cache } from '../plugins/cache/index.ts'
import { compression } from '../plugins/compression/index.ts'
import { database, migrationStatus } from '../plugins/database/index.ts'
import { email } from '../plugins/email/index.ts'
import { events } from '../plugins/events/index.ts'
import { headers } from '../plugins/headers/index.ts'
import { type HealthOptions, health } from '../plugins/health/index.ts'
import { createLogger, logging } from '../plugins/logging/index.ts'
import { metrics } from '../plugins/metrics/index.ts'
import { openapi } from '../plugins/openapi/index.ts'
import { permissions } from '../plugins/permissions/index.ts'
import { rateLimit } from '../plugins/rate-limit/index.ts'
import { idempotency } from '../plugins/resources/index.ts'
import { pendingOf } from '../plugins/settings/given.ts'
import { provideSettings, type Settings } from '../plugins/settings/index.ts'
import { shaping } from '../plugins/shaping/index.ts'
import { tenants } from '../plugins/tenants/index.ts'
import {
  derivedKeys,
  ownTokens,
  sessionService,
  type TokenService,
  tokenService,
  tokens,
} from '../plugins/tokens/index.ts'
import { TracingSwitch, tracing } from '../plugins/tracing/index.ts'
import { documentVersions } from '../plugins/versioning/index.ts'
import { type Closable, closing } from './closing.ts'
import { followingSettings, HotSettings } from './hot-settings.ts'
import type { Kwik, KwikOptions } from './kwik.types.ts'
import { rememberServices, type Services } from './services.ts'
import { withSettings } from './with-settings.ts'

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
  const { parts, services } = wire(withSettings(options), options.settings && new HotSettings(options))
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
function wire(options: KwikOptions, hot: HotSettings | undefined): { parts: AnyElysia[]; services: Services } {
  const { database: db, accounts: people, clock, mailer } = options
  const logger = options.logging === false ? undefined : (options.logging?.logger ?? createLogger(options.logging))
  const ownsRedis = typeof options.redis === 'string'
  const redis = typeof options.redis === 'string' ? openRedis({ url: options.redis }) : options.redis
  const announcements = (options.tokens || options.cache) && redis?.subscribe ? redisAnnouncements(redis) : undefined
  const issuer = issuerOf(options, announcements)
  people?.[connect]({
    ...(issuer?.sessions && { sessions: issuer.sessions }),
    ...(announcements && { announcements }),
    ...(logger && { logger }),
    ...(clock && { clock }),
    ...(mailer && { mailer }),
    ...(redis && { redis }),
  })

  const parts: AnyElysia[] = [
    core({
      ...pick(options, 'strict', 'bodyLimit', 'timeout', 'signals', 'drain', 'trustedProxies'),
      ...(db && { database: db }),
      ...(logger && { logger }),
      ...(clock && { clock }),
    }),
  ]
  if (logger) parts.push(logging({ ...options.logging, logger }, hot?.logging))
  if (options.settings) parts.push(provideSettings(options.settings as Settings<TObject>))
  if (options.settings && hot) parts.push(followingSettings(options.settings, hot, logger))
  const traces = new TracingSwitch()
  if (options.tracing !== false)
    parts.push(tracing({ ...(options.tracing === true ? {} : options.tracing), ...tracesOn(options), control: traces }))
  if (options.metrics !== false) parts.push(metrics(options.metrics))
  if (options.headers !== false) parts.push(headers(options.headers, hot?.headers))
  if (options.health !== false) parts.push(health(withChecks(options, redis, announcements)))
  if (db) parts.push(database(db))
  if (db || options.shaping)
    // Cursors stay good over a restart when there is a secret to make their key of.
    parts.push(shaping({ ...(issuer && { keys: cursorKeys(issuer.options) }), ...options.shaping }))
  if (issuer) parts.push(tokens(issuer.options))
  if (issuer && options.tokens?.jwt) parts.push(ownTokens(issuer.options))
  if (people || options.permissions)
    parts.push(
      permissions({
        declared: declaredBy(options),
        ...pick(options, 'hideForbidden'),
        // Roles of a tenant give no power over people and roles of the whole app.
        ...(people && { everywhere: accountPermissions.filter((name) => !tenantAccountPermissions.includes(name)) }),
      }),
    )
  if (options.tenant)
    parts.push(tenants(typeof options.tenant === 'function' ? { by: options.tenant } : options.tenant))
  if (mailer) parts.push(email({ mailer }))
  if (people && issuer)
    parts.push(
      accounts({ service: people, tokens: issuer.service, ...(issuer.sessions && { sessions: issuer.sessions }) }),
    )
  if (options.rateLimit)
    parts.push(rateLimit({ ...(redis && { redis }), ...(clock && { clock }), ...options.rateLimit }, hot?.rateLimit))
  if (options.idempotency)
    parts.push(idempotency({ ...(redis && { redis }), ...(clock && { clock }), ...options.idempotency }))
  if (options.cache)
    parts.push(
      cache(
        {
          ...(redis && { redis }),
          ...(announcements && { announcements }),
          ...(db && { database: db }),
          ...(clock && { clock }),
          ...(logger && { logger }),
          ...(options.cache === true ? {} : options.cache),
        },
        hot?.cache,
      ),
    )
  if (options.compression) parts.push(compression(options.compression === true ? {} : options.compression))
  if (options.events) parts.push(events(options.events))
  if (options.versions) parts.push(options.versions)
  if (options.openapi)
    parts.push(
      openapi({ ...(options.versions && { versions: documentVersions(options.versions) }), ...options.openapi }),
    )
  const opened: Closable[] = [...(announcements ? [announcements] : []), ...(redis && ownsRedis ? [redis] : [])]
  if (opened.length > 0) parts.push(closing(opened))
  return {
    parts,
    services: {
      options,
      ...(db && { database: db }),
      ...(redis && { redis }),
      ...(people && { accounts: people }),
      ...(issuer && { tokens: issuer.service }),
      ...(issuer?.sessions && { sessions: issuer.sessions }),
      ...(logger && { logger }),
      ...(options.events && { events: options.events }),
      ...(options.tracing !== false && { traces }),
    },
  }
}

function issuerOf(
  { tokens: given, accounts: people, database: db, clock }: KwikOptions,
  announcements?: Announcements,
) {
  if (!given) {
    if (people) throw new TypeError('accounts need tokens to sign people in: kwik({ tokens: { secret } })')
    return undefined
  }
  const {
    principals = people?.principals,
    sessions: wanted = db !== undefined && people !== undefined,
    ...rest
  } = given
  if (!principals)
    throw new TypeError('tokens need to know people: kwik({ accounts }) or kwik({ tokens: { secret, principals } })')
  if (wanted && !db) throw new TypeError('sessions are kept in a database: kwik({ database })')
  const options = { ...(clock && { clock }), ...rest, principals }
  const service: TokenService = tokenService(options)
  const sessions = wanted
    ? sessionService(db!, {
        ...options,
        ...(announcements && { announcements }),
        ...(people && { events: people.securityEvents }),
      })
    : undefined
  return { options: { ...options, ...(sessions && { sessions }) }, service, sessions }
}

const cursorKeys = (options: Parameters<typeof derivedKeys>[0]): string[] =>
  derivedKeys(options, 'cursor').map((key) => Buffer.from(key).toString('base64url'))

/** Every permission that routes may ask for, those of Kwik's own routes too. */
function declaredBy({ permissions: own = [], accounts: people, metrics: measured }: KwikOptions): string[] {
  const toRead = measured ? measured.prometheus?.permission : undefined
  return [...new Set([...own, ...(people ? accountPermissions : []), ...(toRead === undefined ? [] : [toRead])])]
}

/** `tracing: true` asks for it as an endpoint would; nothing said leaves it to the standard variables. */
function tracesOn({ tracing: said }: KwikOptions): { readonly enabled?: true } {
  return said === undefined ? {} : { enabled: true }
}

/**
 * Ready means that the database answers; without Redis an app counts for itself and stays ready, unless it says that it
 * needs it, or nobody may be let in without it.
 */
function withChecks(
  { health: given, database: db, tokens: asked, settings: read }: KwikOptions,
  redis: Redis | undefined,
  announcements: Announcements | undefined,
): HealthOptions {
  const { redis: needsRedis, migrations, settings, ...options } = given === false ? {} : (given ?? {})
  if (needsRedis && !redis) throw new TypeError('health: { redis: true } needs kwik({ redis })')
  if (migrations !== undefined && !db) throw new TypeError('health: { migrations } needs kwik({ database })')
  const heard = asked?.onSessionStoreDown === 'deny' ? announcements : undefined
  return {
    ...(read && { pending: () => pendingOf(read) }),
    ...options,
    checks: {
      ...(db && { database: () => db.ping() }),
      ...(heard && { sessions: () => heard.ready(500) }),
      ...(db && migrations !== undefined && { migrations: () => checkMigrations(db, migrations) }),
      ...(needsRedis && redis && { redis: () => redis.ping() }),
      ...(settings && { settings }),
      ...options.checks,
    },
  }
}

/** Code that runs before its migrations answers with errors: traffic is better sent elsewhere meanwhile. */
async function checkMigrations(db: Database, folder: string): Promise<void> {
  const pending = (await migrationStatus(db, { folder })).filter(({ applied }) => !applied)
  if (pending.length > 0) throw new Error(`not applied: ${pending.map(({ tag }) => tag).join(', ')}`)
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Pick<T, K>
}
