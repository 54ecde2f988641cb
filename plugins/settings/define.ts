import { AsyncLocalStorage } from 'node:async_hooks'
import type { Static, TObject } from '@sinclair/typebox'
import { didYouMean } from '#core/internal/spelling'
import { SettingsError } from './errors.ts'
import { type Layer, readLayers } from './layers.ts'
import { type Group, groupsOf, isGroup, type Leaf, leavesOf, nodeOf } from './leaves.ts'
import { type ResolvedSettingsOptions, resolveSettingsOptions, type SettingsOptions } from './options.ts'
import { type Candidate, type History, historyOf, readTree, settle } from './resolve.ts'
import type { Frozen, Overrides, SettingKey } from './types.ts'

/** Where the value of a setting comes from. Secrets and passwords are masked. */
export interface Explanation {
  readonly key: string
  /** The value as JSON; `undefined` when nobody set it. */
  readonly value: string | undefined
  /** `default`, `.env:4 PORT`, `env PORT`, `override`; `nowhere` when nobody set it. */
  readonly from: string
  /** What it counts more than, the strongest first. */
  readonly overrides: readonly { readonly value: string; readonly from: string }[]
}

/** Checked settings. */
export interface Settings<S extends TObject> {
  /** The values: frozen, and inside `override()` those that were given there. */
  readonly current: Frozen<Static<S>>
  /** `development`, `test` or `production`. */
  readonly profile: string
  /** Where a value comes from. @throws {TypeError} for a key that is no setting */
  explain(key: SettingKey<Static<S>>): Explanation
  /**
   * Runs a function, and all it starts, with other values. What runs beside it does not see them, so tests may run in parallel.
   * @throws {SettingsError} when the values do not fit
   */
  override<T>(values: Overrides<Static<S>>, run: () => T): T
}

interface State {
  readonly current: object
  readonly history: History
}

/**
 * Declares an app's settings and reads them at once: defaults of the schema, `.env`, `.env.<profile>`, `.env.local` (not in
 * tests), the environment. `server.port` is `KWIK_SERVER__PORT`, and `PORT` too when its schema says `env: 'PORT'`.
 * From `kwik/settings`.
 *
 * @throws {SettingsError} with everything that is wrong, each with its variable and where that was read
 * @throws {TypeError} for a schema with a type that no text can stand for
 * @example
 * const settings = defineSettings(t.Object({ ...kwikSettings, shop: t.Object({ currency: t.String({ default: 'EUR' }) }) }))
 * settings.current.shop.currency
 */
export function defineSettings<S extends TObject>(schema: S, options: SettingsOptions = {}): Settings<S> {
  const resolved = resolveSettingsOptions(options)
  const node = nodeOf(schema, resolved.prefix)
  if (!isGroup(node)) throw new TypeError('settings: the schema must be an object')
  const names = variablesOf(node)
  const { profile, layers, faults: unread } = readLayers(resolved)
  const faults = [...unread, ...layers.flatMap((layer) => [...layer.faults, ...unknownIn(layer, names, resolved)])]
  const history = historyOf(node, layers, faults)
  if (history.has('profile'))
    history.set('profile', [{ value: profile.name, shown: JSON.stringify(profile.name), from: profile.from }])
  const base: State = { history, current: settle(node, history, profile.name, faults) }
  if (faults.length > 0) throw new SettingsError(faults)

  const overridden = new AsyncLocalStorage<State>()
  const state = (): State => overridden.getStore() ?? base
  const leaves = new Map(leavesOf(node).map((leaf) => [leaf.key, leaf]))
  return {
    get current() {
      return state().current as Frozen<Static<S>>
    },
    profile: profile.name,
    explain: (key) => explain(leaves, state().history, key),
    override: (values, run) => overridden.run(overlaid(node, state(), values as object, profile.name), run),
  }
}

function overlaid(root: Group, { history: before }: State, values: object, profile: string): State {
  const faults: string[] = []
  const history = new Map<string, Candidate[]>([...before].map(([key, given]) => [key, [...given]]))
  readTree(root, values, 'override', history, faults)
  const current = settle(root, history, profile, faults)
  if (faults.length > 0) throw new SettingsError(faults)
  return { history, current }
}

/** Every name of a variable. Two settings that claim one would read each other's value. */
function variablesOf(root: Group): Set<string> {
  const owners = new Map<string, string>()
  const claim = (variable: string, key: string): void => {
    const owner = owners.get(variable)
    if (owner !== undefined) throw new TypeError(`settings: ${owner} and ${key} both claim the variable ${variable}`)
    owners.set(variable, key)
  }
  for (const { key, variable } of groupsOf(root)) if (key !== '') claim(variable, key)
  for (const { key, variables } of leavesOf(root)) for (const variable of new Set(variables)) claim(variable, key)
  return new Set(owners.keys())
}

/** What Kwik's command line and test toolkit read themselves. */
const tools = /^KWIK_(?:DEBUG$|SEED$|TEST_)/

/** A variable with the prefix that nobody reads was meant for something. */
function unknownIn({ variables }: Layer, known: ReadonlySet<string>, options: ResolvedSettingsOptions): string[] {
  const { prefix, ignore } = options
  return variables
    .filter(({ name }) => name.startsWith(prefix) && name !== `${prefix}PROFILE` && !tools.test(name))
    .filter(({ name }) => !known.has(name) && !ignore.includes(name))
    .map(({ name, from }) => `${from} is not a setting${didYouMean(name, known)}`)
}

function explain(leaves: ReadonlyMap<string, Leaf>, history: History, key: string): Explanation {
  if (!leaves.has(key)) throw new TypeError(`settings: ${key} is not a setting${didYouMean(key, leaves.keys())}`)
  const [last, ...rest] = [...(history.get(key) ?? [])].reverse()
  if (last === undefined) return { key, value: undefined, from: 'nowhere', overrides: [] }
  return {
    key,
    value: last.shown,
    from: last.from,
    overrides: rest.map(({ shown, from }) => ({ value: shown, from })),
  }
}
