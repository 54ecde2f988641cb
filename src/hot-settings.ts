import { Changing, type ReadyChange } from '#core/internal/changing'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { LogLevel } from '#core/ports/logger'
import type { CacheOptions } from '../plugins/cache/index.ts'
import type { HeadersOptions } from '../plugins/headers/index.ts'
import type { LineLogger, LoggingOptions } from '../plugins/logging/index.ts'
import type { RateLimitOptions } from '../plugins/rate-limit/index.ts'
import { follow, followGiven, type Given, givenSettings } from '../plugins/settings/given.ts'
import type { KwikOptions } from './kwik.types.ts'
import { withSettings } from './with-settings.ts'

/** Tells the parts of an app when a reload of its settings changes their options. */
export class HotSettings {
  readonly rateLimit: Changing<RateLimitOptions> = new Changing()
  readonly headers: Changing<HeadersOptions> = new Changing()
  readonly logging: Changing<LoggingOptions> = new Changing()
  readonly cache: Changing<CacheOptions> = new Changing()
  private readonly options: KwikOptions

  /** @param options as the code says them */
  constructor(options: KwikOptions) {
    this.options = options
  }

  /** One step of a reload for each part: when one refuses, the log names it and all keep what they have. */
  get steps(): readonly (readonly [part: string, prepare: (given: Given) => ReadyChange])[] {
    const { rateLimit, headers, logging, cache } = this
    return [
      ['rateLimit', (given) => rateLimit.prepare(this.under(given).rateLimit ?? {})],
      ['headers', (given) => headers.prepare(this.under(given).headers || {})],
      ['log', (given) => logging.prepare(this.under(given).logging || {})],
      ['cache', (given) => cache.prepare(optionsOf(this.under(given).cache))],
    ]
  }

  private under(given: Given): KwikOptions {
    return withSettings(this.options, given)
  }
}

const optionsOf = (cache: KwikOptions['cache']): CacheOptions => (typeof cache === 'object' ? cache : {})

/** Lets the parts of a running app obey settings that a reload changes. */
export function followingSettings(settings: object, hot: HotSettings, logger: LineLogger | undefined): KwikPlugin<{}> {
  return definePlugin<KwikPlugin<{}>, object>({
    name: 'hot-settings',
    options: settings,
    keys: [],
    setup: () => {
      const ends = hot.steps.map(([part, prepare]) => followGiven(settings, part, prepare))
      if (logger) ends.push(follow(settings, 'log.level', (level) => logger.setLevel('', level as LogLevel)))
      let isUpToDate = false
      return {
        booted: () => {
          // Reloaded before the boot: the parts were made of what there was when the platform was.
          if (!isUpToDate) for (const [, prepare] of hot.steps) prepare(givenSettings(settings)).commit()
          isUpToDate = true
        },
        stop: () => {
          for (const end of ends) end()
        },
      }
    },
  })
}
