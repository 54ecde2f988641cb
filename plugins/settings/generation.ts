import type { Definition } from './definition.ts'
import { invalid, SettingsError, type SettingsFault } from './errors.ts'
import { giveTree, type History, shownOf } from './history.ts'
import type { Leaf } from './leaves.ts'
import type { Loaded } from './load.ts'
import { brokenRules } from './rules.ts'
import { isReference } from './secrets/reference.ts'
import { assemble, checked, isGivenIn, missingFault, type Values } from './settle.ts'

/** Settings that hold together, from one reading. A request sees one of them from its beginning to its end. */
export interface Generation {
  readonly current: object
  readonly values: Values
  readonly history: History
  readonly hidden: ReadonlySet<string>
}

/** @throws {SettingsError} with everything that is wrong */
export function generationOf({ faults, current, values, history, hidden }: Loaded): Generation {
  if (faults.length > 0) throw new SettingsError(faults)
  return { current, values, history, hidden }
}

/**
 * A generation with other values on top.
 * @throws {SettingsError} when they do not fit
 */
export function overlaid(
  definition: Definition,
  before: Generation,
  profiles: readonly string[],
  given: object,
): Generation {
  const { root, leaves } = definition
  const faults: SettingsFault[] = []
  const on: History = new Map()
  giveTree(root, given, 'override', on, faults)
  const values = new Map(before.values)
  const history: History = new Map(before.history)
  for (const [key, candidates] of on) {
    const leaf = leaves.get(key)!
    const last = candidates.at(-1)!
    history.set(key, [...(history.get(key) ?? []), ...candidates])
    if (isReference(last.raw))
      faults.push(invalid(`${key} is a reference, and an override is a value (from override)`, key))
    const value = checked(leaf, { value: last.raw, secret: false }, last, faults)
    if (value !== undefined) values.set(key, value)
  }
  return holdingTogether(definition, { values, history, hidden: before.hidden }, profiles, faults)
}

/** @throws {SettingsError} when what is each right is not right together */
export function holdingTogether(
  { root, options }: Definition,
  { values, history, hidden }: Omit<Generation, 'current'>,
  profiles: readonly string[],
  faults: SettingsFault[],
): Generation {
  const wrong = new Set(faults.map(({ key }) => key))
  const current = assemble(root, values, isGivenIn(history), (leaf) => {
    if (!wrong.has(leaf.key)) faults.push(missingFault(leaf, profiles, options.config))
  })
  if (faults.length === 0) faults.push(...brokenRules(options.rules, current, profiles, history))
  if (faults.length > 0) throw new SettingsError(faults)
  return { current, values, history, hidden }
}

/** Where the value of a setting comes from. Secrets and passwords are masked. */
export interface Explanation {
  readonly key: string
  /** The value as JSON; `undefined` when nobody set it. */
  readonly value: string | undefined
  /** `default`, `config/base.yaml:3:9`, `.env:4 PORT`, `env PORT`, `override`; `nowhere` when nobody set it. */
  readonly from: string
  /** The `secret://` reference that it was read from, if it was. */
  readonly reference?: string
  /** Whether a reload may change it while the app runs. */
  readonly hot: boolean
  /** What it counts more than, the strongest first. */
  readonly overrides: readonly { readonly value: string; readonly from: string }[]
}

export function explain(
  { history, values, hidden }: Pick<Generation, 'history' | 'values' | 'hidden'>,
  leaf: Leaf,
): Explanation {
  const { key, hot } = leaf
  const [last, ...rest] = [...(history.get(key) ?? [])].reverse()
  if (last === undefined) return { key, value: undefined, from: 'nowhere', hot, overrides: [] }
  return {
    key,
    value:
      hidden.has(key) || isReference(last.raw) ? '***' : values.has(key) ? shownOf(leaf, values.get(key)) : last.shown,
    from: last.from,
    ...(isReference(last.raw) && { reference: last.raw }),
    hot,
    overrides: rest.map(({ shown, from }) => ({ value: shown, from })),
  }
}
