import { Value } from '@sinclair/typebox/value'
import { didYouMean, nearest } from '#core/internal/spelling'
import { issuesOf } from '#core/schema'
import { coerce } from './coerce.ts'
import type { Layer, Sourced } from './layers.ts'
import { type Group, groupsOf, isGroup, type Leaf, leavesOf, type Node } from './leaves.ts'
import { Secret } from './secret.ts'

/** A value that somebody gave to a setting. The last one given counts. */
export interface Candidate {
  readonly value?: unknown
  /** Why it cannot be the value. */
  readonly fault?: string
  /** The text as it was given, masked where it is a secret. */
  readonly shown: string
  readonly from: string
}

/** Everything that was given, by the key of the setting. */
export type History = ReadonlyMap<string, readonly Candidate[]>

/** Reads what the layers say about each setting; what nobody knows goes to `faults`. */
export function historyOf(root: Group, layers: readonly Layer[], faults: string[]): Map<string, Candidate[]> {
  const leaves = leavesOf(root)
  const groups = groupsOf(root).filter(({ key }) => key !== '')
  const history = new Map<string, Candidate[]>(leaves.map((leaf) => [leaf.key, defaultOf(leaf)]))
  for (const { variables } of layers) {
    const said = new Map(variables.filter(({ text }) => text !== '').map((one) => [one.name, one]))
    for (const group of groups) {
      const variable = said.get(group.variable)
      if (variable) readGroup(group, variable, history, faults)
    }
    for (const leaf of leaves)
      for (const name of leaf.variables) {
        const variable = said.get(name)
        if (variable) history.get(leaf.key)!.push(candidateOf(leaf, variable))
      }
  }
  return history
}

const defaultOf = (leaf: Leaf): Candidate[] => {
  const { default: value } = leaf.schema
  if (value === undefined) return []
  return [{ value: structuredClone(value), shown: shownOf(leaf, JSON.stringify(value)), from: 'default' }]
}

function candidateOf(leaf: Leaf, { text, from }: Sourced): Candidate {
  return { ...coerce(leaf.schema, text), shown: shownOf(leaf, JSON.stringify(text)), from }
}

const shownOf = (leaf: Leaf, text: string): string => {
  if (leaf.secret || /password|secret|token|api_?key/i.test(leaf.path.at(-1) ?? '')) return '***'
  const safe = withoutPasswords(text)
  return safe.length > 100 ? `${safe.slice(0, 100)}…` : safe
}

/** A URL without its password, also one that has characters no URL can have; `http://host:80/a@b` has none. */
export const withoutPasswords = (text: string): string =>
  text.replaceAll(/(:\/\/[^\s:/@]*:)(?!\d{1,5}[/?#])[^\s"'<>]{1,512}@/g, '$1***@')

function readGroup(group: Group, { text, from }: Sourced, history: Map<string, Candidate[]>, faults: string[]): void {
  const tree = parsed(text)
  if (isTree(tree)) readTree(group, tree, from, history, faults)
  else faults.push(`${group.key} must be a JSON object (from ${from})`)
}

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What the parser says would show the text.
    return undefined
  }
}

/** Takes a tree of values apart into settings. */
export function readTree(
  group: Group,
  tree: object,
  from: string,
  history: Map<string, Candidate[]>,
  faults: string[],
): void {
  for (const [name, value] of Object.entries(tree)) {
    if (value === undefined) continue
    const part: Node | undefined = Object.hasOwn(group.parts, name) ? group.parts[name] : undefined
    const key = group.key === '' ? name : `${group.key}.${name}`
    if (part === undefined) {
      faults.push(`${key} is not a setting${didYouMean(name, Object.keys(group.parts))} (from ${from})`)
    } else if (isGroup(part)) {
      if (isTree(value)) readTree(part, value, from, history, faults)
      else faults.push(`${key} is a group of settings (from ${from})`)
    } else {
      const plain: unknown = value instanceof Secret ? value.reveal() : value
      history.set(part.key, [
        ...(history.get(part.key) ?? []),
        { value: plain, shown: shownOf(part, JSON.stringify(plain) ?? String(plain)), from },
      ])
    }
  }
}

/** The settings that a history comes to, frozen; what is wrong goes to `faults`. */
export function settle(root: Group, history: History, profile: string, faults: string[]): object {
  return settleGroup(root, history, profile, faults, true) ?? Object.freeze({})
}

function settleGroup(
  group: Group,
  history: History,
  profile: string,
  faults: string[],
  needed: boolean,
): object | undefined {
  const wanted = needed && (!group.optional || isGiven(group, history))
  const settled: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(group.parts)) {
    const value = isGroup(part)
      ? settleGroup(part, history, profile, faults, wanted)
      : settleLeaf(part, history, profile, faults, wanted)
    if (value !== undefined) settled[name] = value
  }
  return wanted ? Object.freeze(settled) : undefined
}

/** Whether somebody set a part of the group: defaults do not make an optional group exist. */
const isGiven = (group: Group, history: History): boolean =>
  leavesOf(group).some(({ key }) => history.get(key)?.some(({ from }) => from !== 'default'))

function settleLeaf(leaf: Leaf, history: History, profile: string, faults: string[], needed: boolean): unknown {
  const last = history.get(leaf.key)?.at(-1)
  if (last === undefined) {
    if ((needed && !leaf.optional) || leaf.requiredIn.includes(profile)) faults.push(missing(leaf, profile))
    return undefined
  }
  const got = `(got ${last.shown} from ${last.from})`
  if (last.fault !== undefined) {
    faults.push(`${leaf.key} ${last.fault}${closest(leaf, last)} ${got}`)
    return undefined
  }
  const wrong = Value.Check(leaf.schema, last.value)
    ? []
    : issuesOf(Value.Errors(leaf.schema, last.value), (pointer) => ({ pointer }))
  for (const { detail, pointer } of wrong)
    faults.push(`${leaf.key}${(pointer ?? '').replaceAll('/', '.')}: ${detail} ${got}`)
  if (wrong.length > 0) return undefined
  return leaf.secret ? new Secret(String(last.value)) : frozen(structuredClone(last.value))
}

function missing({ key, variables, requiredIn }: Leaf, profile: string): string {
  const where = requiredIn.includes(profile) ? ` in ${profile}` : ''
  return `${key} is required${where}: set ${[...variables].reverse().join(' or ')}`
}

/** The literal that was meant. */
function closest({ schema, secret }: Leaf, { shown }: Candidate): string {
  const words = ((schema['anyOf'] as { const?: unknown }[] | undefined) ?? []).map(({ const: word }) => word)
  if (secret) return ''
  const meant = nearest(
    shown.slice(1, -1),
    words.filter((word) => typeof word === 'string'),
  )
  return meant === undefined ? '' : `, did you mean "${meant}"?`
}

function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
