import { type TSchema, TypeGuard } from '@sinclair/typebox'
import { Value, ValuePointer } from '@sinclair/typebox/value'
import { nearest } from '#core/internal/spelling'
import { issuesOf } from '#core/schema'
import { Secret } from '#core/secret'
import { typeInWords } from './describe/words.ts'
import { invalid, type SettingsFault } from './errors.ts'
import type { Outcome } from './expansion.ts'
import type { Candidate, History } from './history.ts'
import { type Group, isGroup, type Leaf, leavesOf } from './leaves.ts'

/** The checked value of each setting, by its key; those that nobody set are not there. */
export type Values = ReadonlyMap<string, unknown>

/** The value of a setting, checked, as it is handed out; what is wrong with it goes to `faults`. */
export function checked(leaf: Leaf, outcome: Outcome, last: Candidate | undefined, faults: SettingsFault[]): unknown {
  if (typeof outcome === 'string' || last === undefined) return undefined
  const { value, fault, secret } = outcome
  const got = (): string => `(got ${secret ? '***' : last.shown} from ${last.from})`
  if (fault !== undefined) {
    faults.push(invalid(`${leaf.key} ${fault}${leaf.secret ? '' : closest(leaf, value)} ${got()}`, leaf.key))
    return undefined
  }
  if (value === null && last.raw === null && !Value.Check(leaf.schema, null)) {
    faults.push(invalid(`${leaf.key} is empty: write a value, or leave it out (from ${last.from})`, leaf.key))
    return undefined
  }
  const wrong = Value.Check(leaf.schema, value)
    ? []
    : issuesOf(Value.Errors(leaf.schema, value), (pointer) => ({ pointer }))
  if (wrong.length > 0 && isChoice(leaf.schema)) {
    faults.push(invalid(`${leaf.key} takes ${typeInWords(leaf.schema)}${closest(leaf, value)} ${got()}`, leaf.key))
    return undefined
  }
  for (const { detail, pointer } of wrong) {
    const path = `${leaf.key}${(pointer ?? '').replaceAll('/', '.')}`
    const words = detail.startsWith('must be')
      ? `${path} ${detail}${closest(leaf, value)}`
      : `${path}: ${detail}${quotes(detail, last, pointer)}`
    faults.push(invalid(`${words} ${got()}`, leaf.key))
  }
  if (wrong.length > 0) return undefined
  if (leaf.secret) return new Secret(String(value))
  return typeof value === 'object' ? frozen(structuredClone(value)) : value
}

/** Of several forms, of which nobody knows which one was meant. */
const isChoice = (schema: TSchema): boolean =>
  TypeGuard.IsUnion(schema) &&
  !schema.anyOf.every(TypeGuard.IsLiteral) &&
  !schema.anyOf.some((one) => TypeGuard.IsObject(one) || TypeGuard.IsArray(one))

/** What to do where a file has a plain number, or true, for a text. */
function quotes(detail: string, { raw, interpolates }: Candidate, pointer = ''): string {
  if (!interpolates || detail !== 'expected string') return ''
  const written: unknown = pointer === '' ? raw : ValuePointer.Get(raw, pointer)
  return typeof written === 'number' || typeof written === 'boolean' ? ', put it in quotes' : ''
}

/** The literal that was meant. */
function closest({ schema, secret }: Leaf, value: unknown): string {
  const words = ((schema['anyOf'] as { const?: unknown }[] | undefined) ?? []).map(({ const: word }) => word)
  if (secret || typeof value !== 'string') return ''
  const meant = nearest(
    value,
    words.filter((word) => typeof word === 'string'),
  )
  return meant === undefined ? '' : `, did you mean "${meant}"?`
}

/** Settings as one frozen object. `missing` is told of each that is required and has no value. */
export function assemble(
  root: Group,
  values: Values,
  isGiven: (leaf: Leaf) => boolean,
  missing: (leaf: Leaf) => void,
): object {
  return group(root, values, isGiven, missing, true) ?? Object.freeze({})
}

function group(
  { parts, optional, ...at }: Group,
  values: Values,
  isGiven: (leaf: Leaf) => boolean,
  missing: (leaf: Leaf) => void,
  needed: boolean,
): object | undefined {
  // Defaults do not make an optional group exist.
  const wanted = needed && (!optional || leavesOf({ parts, optional, ...at }).some(isGiven))
  const settled: Record<string, unknown> = {}
  for (const name of Object.keys(parts)) {
    const part = parts[name]!
    if (isGroup(part)) {
      const inner = group(part, values, isGiven, missing, wanted)
      if (inner !== undefined) settled[name] = inner
    } else if (!values.has(part.key)) {
      if (wanted && !part.optional) missing(part)
    } else settled[name] = values.get(part.key)
  }
  return wanted ? Object.freeze(settled) : undefined
}

/** Whether a setting was given by anybody but its schema. */
export const isGivenIn =
  (history: History) =>
  (leaf: Leaf): boolean =>
    history.get(leaf.key)?.some(({ from }) => from !== 'default') === true

/** What to do about a setting that is required and has no value. */
export function missingFault(leaf: Leaf, profiles: readonly string[], config: string): SettingsFault {
  const { key, variables, requiredIn, secret, optional } = leaf
  const profile = optional ? requiredIn.find((name) => profiles.includes(name)) : undefined
  const names = [...variables].reverse()
  const ways = [...names, ...(secret ? [`${names[0]}_FILE`] : [])].join(', ')
  const file = `${key} in ${config}/${profiles.at(-1)}.yaml`
  return { text: `${key} is required${profile ? ` in ${profile}` : ''}: set ${ways}, or ${file}`, key, kind: 'missing' }
}

function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
