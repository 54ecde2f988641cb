import type { Static, TObject } from '@sinclair/typebox'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Settings } from './define.ts'
import type { Frozen } from './types.ts'

/** What handlers find as `settings`. */
export type SettingsPlugin<S extends TObject> = KwikPlugin<{ derive: { settings: Frozen<Static<S>> } }>

/**
 * Hands an app's settings to its handlers as `ctx.settings`, inside `override()` those that were given there. From `kwik/settings`.
 *
 * @example
 * const app = new Elysia().use(provideSettings(settings)).get('/currency', ({ settings }) => settings.shop.currency)
 */
export function provideSettings<S extends TObject>(settings: Settings<S>): SettingsPlugin<S> {
  return definePlugin<SettingsPlugin<S>, Settings<S>>({
    name: 'settings',
    options: settings,
    keys: [],
    setup: () => ({ always: () => ({ load: () => ({ settings: settings.current }) }) }),
  })
}
