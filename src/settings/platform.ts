// Written by `bun tools/platform-settings.ts` from the options of each part.
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import { type AccountsSettings, accounts } from './accounts.ts'
import { type CacheSettings, cache } from './cache.ts'
import { type CompressionSettings, compression } from './compression.ts'
import { type DatabaseSettings, database } from './database.ts'
import { type HeadersSettings, headers } from './headers.ts'
import { type HealthSettings, health } from './health.ts'
import { type IdempotencySettings, idempotency } from './idempotency.ts'
import { type LogSettings, log } from './log.ts'
import { type MetricsSettings, metrics } from './metrics.ts'
import { type OpenapiSettings, openapi } from './openapi.ts'
import { type RateLimitSettings, rateLimit } from './rate-limit.ts'
import { type ServerSettings, server } from './server.ts'
import { type ShapingSettings, shaping } from './shaping.ts'
import { type TokensSettings, tokens } from './tokens.ts'
import { type TracingSettings, tracing } from './tracing.ts'

/** The settings of every part of `kwik()`. */
export interface PlatformSettings extends Omit<KwikSettings, 'server' | 'database' | 'log' | 'tokens'> {
  readonly server: ServerSettings
  readonly database: DatabaseSettings
  readonly log: LogSettings
  readonly tracing: TracingSettings
  readonly metrics: MetricsSettings
  readonly health: HealthSettings
  readonly headers: HeadersSettings
  readonly tokens: TokensSettings
  readonly accounts: AccountsSettings
  readonly rateLimit: RateLimitSettings
  readonly idempotency: IdempotencySettings
  readonly shaping: ShapingSettings
  readonly cache: CacheSettings
  readonly compression: CompressionSettings
  readonly openapi: OpenapiSettings
}

/**
 * The settings of every part of `kwik()`, to be spread into an app's own schema. `kwik({ settings })` reads them: what somebody
 * gave counts more than the options in the code. From `kwik`.
 *
 * @example
 * const settings = defineSettings(T.Object({ ...platformSettings, shop: T.Object({ name: T.String() }) }))
 * const platform = kwik({ settings, rateLimit: {} })
 */
export const platformSettings: PlatformSettings = {
  ...kwikSettings,
  server,
  database,
  log,
  tracing,
  metrics,
  health,
  headers,
  tokens,
  accounts,
  rateLimit,
  idempotency,
  shaping,
  cache,
  compression,
  openapi,
}
