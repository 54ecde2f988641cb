import { AsyncLocalStorage } from 'node:async_hooks'
import { consoleLogger } from '#core/adapters/console-logger'
import { currentScope } from '#core/context'
import type { Logger } from '#core/ports/logger'
import { type Slot, slot } from '#core/scope'
import { type Definition, surroundings } from '../definition.ts'
import { invalid, SettingsError, type SettingsFault } from '../errors.ts'
import { type Generation, generationOf, holdingTogether } from '../generation.ts'
import { configModules, requireModule } from '../layers/config-files.ts'
import { type Loaded, type LoadOptions, load } from '../load.ts'
import { SecretResolver } from '../secrets/resolver.ts'
import { differences } from './changes.ts'
import { importFresh } from './modules.ts'
import type { Change, ReloadHook, ReloadReport } from './report.ts'
import { HookRefused, inTwoPhases } from './two-phase.ts'
import { watchSettings } from './watch.ts'

const secretTimeout = 15_000
const retryAfter = 30_000

/** Settings that stay up to date. */
export class LiveSettings {
  readonly definition: Definition
  readonly profiles: readonly string[]
  readonly warnings: readonly string[]
  /** The settings that a request began with. */
  readonly ofRequest: Slot<Generation> = slot('settings')
  readonly overridden: AsyncLocalStorage<Generation> = new AsyncLocalStorage()
  readonly hooks: Set<ReloadHook<Generation>> = new Set()
  /** Listeners of keys, and of `applied` and `rejected`. */
  readonly listeners: Map<string, Set<(...given: never[]) => void>> = new Map()
  pending: readonly Change[] = []
  logger: Logger = consoleLogger
  private latest: Generation
  private watched: readonly string[]
  private expires: number
  private running: Promise<ReloadReport> | undefined
  private readonly warned = new Map<string, string | undefined>()
  private readonly loading: Pick<LoadOptions, 'resolver'>

  /** @throws {SettingsError} with everything that is wrong */
  constructor(definition: Definition, loaded: Loaded, loading: Pick<LoadOptions, 'resolver'>) {
    this.latest = generationOf(loaded)
    this.definition = definition
    this.profiles = loaded.profiles
    this.warnings = loaded.warnings
    this.watched = loaded.watched
    this.expires = loaded.expires
    this.loading = loading
  }

  /** What counts here: an override, the generation of the request, else the latest. */
  state(): Generation {
    return this.overridden.getStore() ?? currentScope()?.get(this.ofRequest) ?? this.latest
  }

  /** Runs once at a time; whoever asks meanwhile gets one that begins after this one. */
  reload(fresh: boolean): Promise<ReloadReport> {
    const before = this.running
    const next = (before ? before.then(() => this.once(fresh)) : this.once(fresh)).finally(() => {
      if (this.running === next) this.running = undefined
    })
    this.running = next
    return next
  }

  watch(poll: number): () => void {
    const watched = {
      paths: () => this.watched,
      expires: () => this.expires,
      reload: (fresh: boolean) =>
        this.reload(fresh).catch((error) => this.logger.error('settings were not reloaded', { error })),
    }
    return watchSettings(watched, { poll, debounce: Math.min(100, poll) })
  }

  private async once(fresh: boolean): Promise<ReloadReport> {
    const { options, leaves } = this.definition
    // The profile is what the app began with.
    const definition = { ...this.definition, options: { ...options, profile: this.profiles.join(',') } }
    const loadModule = await importFresh(configModules(options, this.profiles))
    const loaded = await load(definition, { ...this.loading, loadModule, fresh })
    this.watched = loaded.watched
    // A store that refused what it once gave is asked again, though no file changes.
    const isLate = loaded.faults.length > 0 && (this.expires < Number.POSITIVE_INFINITY || isUnreachable(loaded.faults))
    this.expires = isLate ? Date.now() + retryAfter : loaded.expires
    if (loaded.faults.length > 0) return this.reject(loaded.faults)
    const found = differences(leaves.values(), this.latest, loaded)
    const hot = found.filter(({ leaf }) => leaf.hot)
    this.hold(found.filter(({ leaf }) => !leaf.hot).map(({ change }) => change))
    const next = this.withoutHeld(definition, loaded)
    if (!('current' in next)) return next
    const keys = hot.map(({ leaf }) => leaf.key)
    const before = this.latest
    try {
      await inTwoPhases(hot.length === 0 ? [] : [...this.hooks], next, before, keys, () => {
        this.latest = next
      })
    } catch (error) {
      if (!(error instanceof HookRefused)) throw error
      this.logger.error('settings were not applied: a hook refused them', { error: error.cause, keys })
      return this.reject([
        refusal(
          error,
          hot.map(({ change }) => change),
        ),
      ])
    }
    const applied = hot.map(({ change }) => change)
    for (const {
      leaf: { key },
    } of hot)
      this.tell(key, next.values.get(key), before.values.get(key))
    const report: ReloadReport = { applied, pending: this.pending }
    if (applied.length > 0) {
      this.logger.info(`settings changed: ${keys.join(', ')}`, { changes: applied })
      this.tell('applied', report)
    }
    return report
  }

  /** What was read, with the old values of settings that only a start can change. */
  private withoutHeld(definition: Definition, loaded: Loaded): Generation | ReloadReport {
    const values = new Map(loaded.values)
    const history = new Map(loaded.history)
    const hidden = new Set(loaded.hidden)
    for (const { key } of this.pending) {
      const old = this.latest.values.get(key)
      if (old === undefined) values.delete(key)
      else values.set(key, old)
      history.set(key, this.latest.history.get(key) ?? [])
      if (this.latest.hidden.has(key)) hidden.add(key)
      else hidden.delete(key)
    }
    try {
      return holdingTogether(definition, { values, history, hidden }, this.profiles, [])
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      const { details } = error
      return this.reject(details.map((one) => ({ ...one, text: `${one.text}: with what needs a restart it may fit` })))
    }
  }

  private hold(changes: readonly Change[]): void {
    this.pending = changes
    for (const key of this.warned.keys()) if (!changes.some((one) => one.key === key)) this.warned.delete(key)
    const news = changes.filter(({ key, now }) => !this.warned.has(key) || this.warned.get(key) !== now)
    for (const { key, now } of news) this.warned.set(key, now)
    if (news.length === 0) return
    this.logger.warning(`settings wait for a restart: ${news.map(({ key }) => key).join(', ')}`, { changes: news })
  }

  private reject(rejected: readonly SettingsFault[]): ReloadReport {
    const report: ReloadReport = { applied: [], pending: this.pending, rejected }
    const faults = rejected.map(({ text }) => text)
    this.logger.error(`settings were not reloaded, the old ones stay:\n  - ${faults.join('\n  - ')}`)
    this.tell('rejected', report)
    return report
  }

  private tell(word: string, ...given: unknown[]): void {
    for (const listener of this.listeners.get(word) ?? []) {
      try {
        ;(listener as (...given: unknown[]) => void)(...given)
      } catch (error) {
        this.logger.error(`a listener of ${word} threw`, { error })
      }
    }
  }
}

/** With the settings that a hook refused: where it bears the name of a group, those of the group. */
function refusal({ hook, message }: HookRefused, changes: readonly Change[]): SettingsFault {
  const own = changes.filter(({ key }) => key === hook || key.startsWith(`${hook}.`))
  const asked = own.length > 0 ? own : changes
  const [first, ...others] = asked
  const names = asked.map(({ key, from }) => `${key} (${from})`).join(', ')
  return invalid(`${names}: ${message}`, others.length === 0 ? first?.key : undefined)
}

const isUnreachable = (faults: readonly SettingsFault[]): boolean => faults.some(({ kind }) => kind === 'unreachable')

/** Reads settings, at once where no secret has to be waited for. */
export function liveSettings(definition: Definition): LiveSettings | Promise<LiveSettings> {
  let resolver: SecretResolver | undefined
  const loading = {
    resolver: (profiles: readonly string[]) =>
      (resolver ??= new SecretResolver({
        providers: definition.providers,
        context: { ...surroundings(definition), profiles },
        timeout: secretTimeout,
      })),
  }
  const loaded = load(definition, { ...loading, loadModule: requireModule })
  return loaded instanceof Promise
    ? loaded.then((all) => new LiveSettings(definition, all, loading))
    : new LiveSettings(definition, loaded, loading)
}
