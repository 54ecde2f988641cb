import type { Static, TObject } from '@sinclair/typebox'
import { didYouMean } from '#core/internal/spelling'
import { define } from './definition.ts'
import { type Explanation, explain, type Generation, overlaid } from './generation.ts'
import { Inspected, isInspecting } from './inspection.ts'
import type { SettingsOptions } from './options.ts'
import { type LiveSettings, liveSettings } from './reload/live.ts'
import type { Change, ReloadHook, ReloadReport } from './reload/report.ts'
import type { SecretProvider } from './secrets/provider.ts'
import type { Frozen, Overrides, SettingKey, ValueAt } from './types.ts'

/** Checked settings. */
export interface Settings<S extends TObject> {
  /** The values: frozen. In a request those it began with, inside `override()` those that were given there. */
  readonly current: Frozen<Static<S>>
  /** `development`, `test` or `production`; the first, where several are on. */
  readonly profile: string
  /** All profiles that are on, the one that counts least first. */
  readonly profiles: readonly string[]
  /** What is not wrong and yet not right: deprecated settings, files that nobody reads. */
  readonly warnings: readonly string[]
  /** What was changed since the start and waits for a restart. */
  readonly pending: readonly Change[]
  /** Where a value comes from. @throws {TypeError} for a key that is no setting */
  explain(key: SettingKey<Static<S>>): Explanation
  /**
   * Runs a function, and all it starts, with other values. What runs beside it does not see them, so tests may run in parallel.
   * @throws {SettingsError} when the values do not fit
   */
  override<T>(values: Overrides<Static<S>>, run: () => T): T
  /** Calls a function when a reload has changed a setting, applied anything, or was rejected. Answers what ends that. */
  on<K extends SettingKey<Static<S>>>(
    key: K,
    listener: (now: ValueAt<Frozen<Static<S>>, K>, before: ValueAt<Frozen<Static<S>>, K>) => void,
  ): () => void
  on(event: 'applied' | 'rejected', listener: (report: ReloadReport) => void): () => void
  /** Takes part in reloads, in two phases. Answers what ends that. */
  onReload<Prepared>(hook: ReloadHook<Frozen<Static<S>>, Prepared>): () => void
  /** Reads all layers anew. What is wrong with them keeps the old values and is in the report. */
  reload(): Promise<ReloadReport>
  /** Reloads whenever a file, a secret or SIGHUP says so, until the answer is called. `provideSettings` does it for an app. */
  watch(options?: { readonly poll?: number }): () => void
}

type Values<S extends TObject> = Frozen<Static<S>>

/**
 * Declares an app's settings and reads them at once: defaults of the schema, `config/base.yaml`, `config/<profile>.yaml`,
 * `config/local.yaml`, `.env` files, secret files, the environment, `--set` flags. `server.port` is `KWIK_SERVER__PORT`, and
 * `PORT` too when its schema says `env: 'PORT'`. With `secrets` it answers a promise, since stores of secrets are asked.
 * From `kwik/settings`.
 *
 * @throws {SettingsError} with everything that is wrong, each with where it stands
 * @throws {TypeError} for a schema with a type that no text can stand for
 * @example
 * const settings = defineSettings(t.Object({ ...kwikSettings, shop: t.Object({ currency: t.String({ default: 'EUR' }) }) }))
 * settings.current.shop.currency
 */
export function defineSettings<S extends TObject>(
  schema: S,
  options: SettingsOptions<Values<S>> & { readonly secrets: readonly SecretProvider[] },
): Promise<Settings<S>>
export function defineSettings<S extends TObject>(schema: S, options?: SettingsOptions<Values<S>>): Settings<S>
export function defineSettings<S extends TObject>(
  schema: S,
  options: SettingsOptions<Values<S>> = {},
): Settings<S> | Promise<Settings<S>> {
  const definition = define(schema, options)
  if (isInspecting()) throw new Inspected(definition)
  const live = liveSettings(definition)
  if (live instanceof Promise) return live.then((settled) => new Handle(settled) as Settings<S>)
  return options.secrets === undefined
    ? (new Handle(live) as Settings<S>)
    : Promise.resolve(new Handle(live) as Settings<S>)
}

const usualPoll = 2000

let inside: (settings: object) => LiveSettings

/** What is behind settings: for the plugin. */
export const liveOf = (settings: object): LiveSettings => inside(settings)

class Handle<S extends TObject> implements Settings<S> {
  /** Private for good: it holds every value as it was given, and whoever prints settings would print them. */
  readonly #live: LiveSettings

  static {
    inside = (settings) => (settings as Handle<TObject>).#live
  }

  constructor(live: LiveSettings) {
    this.#live = live
  }

  get current(): Values<S> {
    return this.#live.state().current as Values<S>
  }

  get profile(): string {
    return this.profiles[0]!
  }

  get profiles(): readonly string[] {
    return this.#live.profiles
  }

  get warnings(): readonly string[] {
    return this.#live.warnings
  }

  get pending(): readonly Change[] {
    return this.#live.pending
  }

  explain(key: string): Explanation {
    const { leaves } = this.#live.definition
    const leaf = leaves.get(key)
    if (!leaf) throw new TypeError(`settings: ${key} is not a setting${didYouMean(key, leaves.keys())}`)
    return explain(this.#live.state(), leaf)
  }

  override<T>(values: Overrides<Static<S>>, run: () => T): T {
    const { definition, overridden, profiles } = this.#live
    return overridden.run(overlaid(definition, this.#live.state(), profiles, values as object), run)
  }

  on(word: string, listener: (...given: never[]) => void): () => void {
    const { leaves } = this.#live.definition
    const { listeners } = this.#live
    if (word !== 'applied' && word !== 'rejected' && !leaves.has(word))
      throw new TypeError(`settings: ${word} is not a setting${didYouMean(word, leaves.keys())}`)
    const all = listeners.get(word) ?? listeners.set(word, new Set()).get(word)!
    all.add(listener)
    return () => void all.delete(listener)
  }

  onReload<Prepared>(hook: ReloadHook<Values<S>, Prepared>): () => void {
    const { hooks } = this.#live
    const follower: ReloadHook<Generation, Prepared> = {
      ...(hook.name !== undefined && { name: hook.name }),
      prepare: (next, now, keys) => hook.prepare(next.current as Values<S>, now.current as Values<S>, keys),
      commit: (prepared) => hook.commit?.(prepared),
      rollback: (prepared) => hook.rollback?.(prepared),
    }
    hooks.add(follower as ReloadHook<Generation>)
    return () => void hooks.delete(follower as ReloadHook<Generation>)
  }

  reload(): Promise<ReloadReport> {
    return this.#live.reload(true)
  }

  watch({ poll = usualPoll }: { readonly poll?: number } = {}): () => void {
    return this.#live.watch(poll)
  }
}
