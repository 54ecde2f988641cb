import type { Static, TObject } from '@sinclair/typebox'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { liveOf, type Settings } from './define.ts'
import type { Frozen } from './types.ts'

/** What handlers find as `settings`. */
export type SettingsPlugin<S extends TObject> = KwikPlugin<{ derive: { settings: Frozen<Static<S>> } }>

/** What `provideSettings` does beside handing values out. */
export interface ProvideSettingsOptions {
  /** Whether changed files, secrets and SIGHUP reload the settings of a running app. @default true, but not in tests */
  readonly reload?: boolean
}

/**
 * Hands an app's settings to its handlers as `ctx.settings`: those the request began with, whatever is reloaded meanwhile, and
 * inside `override()` those that were given there. Reloads them while the app runs. From `kwik/settings`.
 *
 * @example
 * const app = new Elysia().use(provideSettings(settings)).get('/currency', ({ settings }) => settings.shop.currency)
 */
export function provideSettings<S extends TObject>(
  settings: Settings<S>,
  { reload = !settings.profiles.includes('test') }: ProvideSettingsOptions = {},
): SettingsPlugin<S> {
  const live = liveOf(settings)
  return definePlugin<SettingsPlugin<S>, Settings<S>>({
    name: 'settings',
    options: settings,
    keys: [],
    setup: () => {
      let stop: (() => void) | undefined
      return {
        open: (scope) => scope.set(live.ofRequest, live.state()),
        always: () => ({ load: (scope) => ({ settings: (scope.get(live.ofRequest) ?? live.state()).current }) }),
        booted: ({ logger }) => {
          live.logger = logger
          for (const text of live.warnings) logger.warning(`settings: ${text}`)
          if (reload) stop ??= settings.watch()
        },
        stop: () => stop?.(),
      }
    },
  })
}
