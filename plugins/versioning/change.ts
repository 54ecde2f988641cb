import type { Static, TSchema } from '@sinclair/typebox'
import { type EndpointChange, type EndpointWords, endpointWords } from './endpoint.ts'
import { hoist, nest, unwrap, wrap } from './lens/forms.ts'
import type { Fields, Lens } from './lens/lens.ts'
import { addField, type RemovedField, removeField, rename } from './lens/names.ts'
import { reshape } from './lens/reshape.ts'
import { type EnumChange, mapEnum, type Retyped, retype } from './lens/values.ts'
import type { Target } from './schema/target.ts'

/** Part of a change that `change()` puts together with others of the same object. */
interface Part {
  readonly target: Target
  readonly existed?: readonly [name: string, schema: TSchema]
  readonly added?: string
  readonly up?: (value: never) => unknown
  readonly down?: (value: never) => unknown
  readonly lossy?: boolean
}
declare const made: unique symbol
/** One thing that a change says. */
export type Instruction = { readonly [made]?: never } & (
  | { readonly lens: Lens }
  | { readonly part: Part }
  | { readonly endpoint: EndpointChange }
)

/** What is different from one version to the next. */
export interface Change {
  /** One sentence for clients: the changelog. */
  readonly title: string
  readonly lenses: readonly Lens[]
  readonly endpoints: readonly EndpointChange[]
}

/** A row or body of a target, as far as the compiler knows it. */
export type ValueOf<T> = T extends TSchema ? Static<T> : T extends { readonly $inferSelect: infer Row } ? Row : Fields
type NameIn<T> = (keyof ValueOf<T> & string) | (string & {})

/** What may be said of one field that only one side has; how values turn is said by `c.up` and `c.down`. */
export interface FieldWords {
  /** Older clients had it, with this schema. */
  existedAs(schema: TSchema): Instruction
  /** Older clients did not have it. */
  didntExist(): Instruction
}

/** What may be said of an object. Names are older first, newer second. */
export interface SchemaWords<T> {
  rename(older: string, newer: NameIn<T>): Instruction
  /** A field that older clients do not know. `default` is what their bodies get where the field is needed. */
  addField(name: NameIn<T>, options?: { readonly default?: unknown }): Instruction
  /** A field that only older clients know. */
  removeField(name: string, removed: RemovedField<ValueOf<T>>): Instruction
  /** One value is a list now. */
  wrap(older: string, newer: NameIn<T>): Instruction
  /** A list is one value now. */
  unwrap(older: string, newer: NameIn<T>): Instruction
  /** Fields stand in an object now. */
  nest(into: NameIn<T>, names: readonly string[]): Instruction
  /** Fields of an object stand by themselves now. */
  hoist(from: string, names: readonly NameIn<T>[]): Instruction
  /** Words of a field are others now: `{ older: 'newer' }`. */
  mapEnum(field: NameIn<T>, words: Readonly<Record<string, string>>, more?: EnumChange): Instruction
  /** Values of a field have another form now. */
  retype(field: NameIn<T>, retyped: Retyped): Instruction
  field(name: NameIn<T>): FieldWords
}

export interface TurnOptions {
  /** Different values become one: no law of round trips is asked of these objects. @default false */
  readonly lossy?: boolean
}

/** What `change()` hands over. */
export interface ChangeWords {
  /** Objects of this schema as it is now, of a table's rows and bodies, or of a model by its name. */
  schema<const T extends Target>(target: T): SchemaWords<T>
  /** Turns whole objects of an older client into newer ones. */
  up<const T extends Target>(target: T, turn: (value: never) => unknown, options?: TurnOptions): Instruction
  /** Turns whole newer objects into what older clients know. */
  down<const T extends Target>(target: T, turn: (value: never) => unknown, options?: TurnOptions): Instruction
  /** A route as it is now: `'POST /invoices/:id/send'`. */
  endpoint(route: string): EndpointWords<Instruction>
}

const schemaWords = <T extends Target>(target: T): SchemaWords<T> => {
  const lens = (one: Lens): Instruction => ({ lens: one })
  return {
    rename: (older, newer) => lens(rename(target, older, newer)),
    addField: (name, options) => lens(addField(target, name, options)),
    removeField: (name, removed) => lens(removeField(target, name, removed as RemovedField)),
    wrap: (older, newer) => lens(wrap(target, older, newer)),
    unwrap: (older, newer) => lens(unwrap(target, older, newer)),
    nest: (into, names) => lens(nest(target, into, names)),
    hoist: (from, names) => lens(hoist(target, from, names)),
    mapEnum: (field, words, more) => lens(mapEnum(target, field, words, more)),
    retype: (field, retyped) => lens(retype(target, field, retyped)),
    field: (name) => ({
      existedAs: (schema) => ({ part: { target, existed: [name, schema] } }),
      didntExist: () => ({ part: { target, added: name } }),
    }),
  }
}

const words: ChangeWords = {
  schema: (target) => schemaWords(target),
  up: (target, up, { lossy } = {}) => ({ part: { target, up, ...(lossy && { lossy }) } }),
  down: (target, down, { lossy } = {}) => ({ part: { target, down, ...(lossy && { lossy }) } }),
  endpoint: (route) => endpointWords(route, (endpoint): Instruction => ({ endpoint })),
}

/**
 * Declares what is different from one version of the API to the next, readable both ways: older requests are lifted,
 * answers are lowered. Handlers and schemas are written for the newest version alone. From `kwik/versioning`.
 *
 * @param title one sentence for clients
 * @param say lists what changed; `c.schema(Invoice)` means `Invoice` wherever it stands in bodies, lists and other objects
 * @example
 * const createdAt = change('Invoices expose createdAt instead of creationDate', (c) => [
 *   c.schema(Invoice).rename('creationDate', 'createdAt'),
 * ])
 */
export function change(title: string, say: (c: ChangeWords) => readonly Instruction[]): Change {
  const said = say(words)
  return {
    title,
    lenses: lensesOf(said),
    endpoints: said.flatMap((one) => ('endpoint' in one ? [one.endpoint] : [])),
  }
}

/** Parts of one object become one lens, where the first of them stands. */
function lensesOf(said: readonly Instruction[]): Lens[] {
  const lenses: Lens[] = []
  const seen = new Set<Target>()
  for (const one of said) {
    if ('lens' in one) lenses.push(one.lens)
    if (!('part' in one) || seen.has(one.part.target)) continue
    const { target } = one.part
    seen.add(target)
    lenses.push(reshape(target, partsOf(said, target)))
  }
  return lenses
}

function partsOf(said: readonly Instruction[], target: Target) {
  const parts = said.flatMap((one) => ('part' in one && one.part.target === target ? [one.part] : []))
  const [up, down] = [parts.find((one) => one.up)?.up, parts.find((one) => one.down)?.down]
  return {
    existed: Object.fromEntries(parts.flatMap((one) => (one.existed ? [one.existed] : []))),
    added: parts.flatMap((one) => one.added ?? []),
    ...(up && { up }),
    ...(down && { down }),
    lossy: parts.some((one) => one.lossy),
  }
}
