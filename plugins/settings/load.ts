import type { Definition } from './definition.ts'
import { invalid, type SettingsFault } from './errors.ts'
import { Expansion } from './expansion.ts'
import { type History, historyOf } from './history.ts'
import type { LoadModule } from './layers/config-files.ts'
import { type Layers, readLayers } from './layers/layers.ts'
import type { Leaf } from './leaves.ts'
import { brokenRules } from './rules.ts'
import type { Resolution, SecretResolver } from './secrets/resolver.ts'
import { assemble, checked, isGivenIn, missingFault, type Values } from './settle.ts'

/** Everything that one reading of all layers came to. */
export interface Loaded {
  /** Frozen at every depth; not to be used while there are faults. */
  readonly current: object
  readonly values: Values
  readonly history: History
  readonly profiles: readonly string[]
  readonly faults: readonly SettingsFault[]
  readonly warnings: readonly string[]
  /** Settings of which a store of secrets gave a part. */
  readonly hidden: ReadonlySet<string>
  /** Settings whose secrets nobody asked for: `--offline`. */
  readonly unread: readonly string[]
  /** Files and folders whose change would mean other settings. */
  readonly watched: readonly string[]
  /** When a secret has to be read anew, in milliseconds since 1970. */
  readonly expires: number
}

export interface LoadOptions {
  readonly loadModule: LoadModule
  readonly resolver: (profiles: readonly string[]) => SecretResolver
  readonly offline?: boolean
  readonly fresh?: boolean
}

/** Reads all layers and checks what they come to: at once, where no secret has to be waited for. */
export function load(definition: Definition, { loadModule, resolver, ...how }: LoadOptions): Loaded | Promise<Loaded> {
  const { leaves } = definition
  const faults: SettingsFault[] = []
  const layers = readLayers(definition, loadModule)
  const history = historyOf(definition, layers, faults)
  chooseProfile(history, layers, faults)
  const read = { definition, layers, history, faults: [...layers.faults, ...faults] }
  const first = new Expansion(leaves, history)
  for (const leaf of leaves.values()) first.of(leaf)
  if (first.needed.size === 0) return settled(read, first, Number.POSITIVE_INFINITY)
  const second = ({ lookup, expires }: Resolution): Loaded =>
    settled(read, new Expansion(leaves, history, lookup), expires)
  const resolution = resolver(layers.profile.names).resolve([...first.needed.values()], how)
  return resolution instanceof Promise ? resolution.then(second) : second(resolution)
}

/** The profile is known by other means than the other settings, and is one of them where the schema has it. */
function chooseProfile(history: History, { profile }: Layers, faults: SettingsFault[]): void {
  if (!history.has('profile')) return
  for (const { interpolates, from } of history.get('profile')!)
    if (interpolates)
      faults.push(invalid(`${from} cannot choose the profile: set it in the environment or in .env`, 'profile'))
  const [name] = profile.names
  history.set('profile', [
    { raw: name, isText: true, interpolates: false, shown: JSON.stringify(name), from: profile.from },
  ])
}

interface Read {
  readonly definition: Definition
  readonly layers: Layers
  readonly history: History
  readonly faults: readonly SettingsFault[]
}

function settled({ definition, layers, history, faults: before }: Read, expansion: Expansion, expires: number): Loaded {
  const { root, leaves, options } = definition
  const profiles = layers.profile.names
  const wrong: SettingsFault[] = []
  const values = new Map<string, unknown>()
  const hidden = new Set<string>()
  const unread: string[] = []
  const warnings = [...layers.warnings]
  const unset = (leaf: Leaf): boolean => expansion.of(leaf) === 'unset'
  for (const leaf of leaves.values()) {
    const outcome = expansion.of(leaf)
    const last = history.get(leaf.key)?.at(-1)
    if (outcome === 'unread') unread.push(leaf.key)
    if (outcome === 'unset' && leaf.optional && leaf.requiredIn.some((name) => profiles.includes(name)))
      wrong.push(missingFault(leaf, profiles, options.config))
    if (typeof outcome === 'object' && outcome.secret) hidden.add(leaf.key)
    const value = checked(leaf, outcome, last, wrong)
    if (value !== undefined) values.set(leaf.key, value)
    if (leaf.deprecated !== undefined && last !== undefined && last.from !== 'default')
      warnings.push(`${leaf.key} is deprecated: ${leaf.deprecated} (from ${last.from})`)
  }
  const current = assemble(root, values, isGivenIn(history), (leaf) => {
    if (unset(leaf)) wrong.push(missingFault(leaf, profiles, options.config))
  })
  const faults = [...before, ...expansion.faults, ...inOrder(wrong, leaves)]
  if (faults.length === 0 && unread.length === 0) faults.push(...brokenRules(options.rules, current, profiles, history))
  return { current, values, history, profiles, faults, warnings, hidden, unread, watched: layers.watched, expires }
}

/** Faults of settings in the order of the schema. */
function inOrder(faults: readonly SettingsFault[], leaves: ReadonlyMap<string, Leaf>): SettingsFault[] {
  if (faults.length < 2) return [...faults]
  const order = new Map([...leaves.keys()].map((key, at) => [key, at]))
  return [...faults].sort((a, b) => (order.get(a.key ?? '') ?? 0) - (order.get(b.key ?? '') ?? 0))
}
