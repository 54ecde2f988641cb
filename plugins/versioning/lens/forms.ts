import { type TObject, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import type { Target } from '../schema/target.ts'
import { type Fields, type Lens, nothingLost, type Properties, renamed, without } from './lens.ts'
import { isPartial } from './names.ts'

const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()])
const isNullable = (schema: TSchema): boolean =>
  TypeGuard.IsUnion(schema) && schema.anyOf.some((one) => TypeGuard.IsNull(one))
const like = (field: TSchema, made: TSchema): TSchema => (TypeGuard.IsOptional(field) ? Type.Optional(made) : made)
const plain = (schema: TSchema): TSchema => (TypeGuard.IsOptional(schema) ? Type.Required(schema) : schema)

function arrayIn(schema: TSchema, said: string): TSchema {
  if (TypeGuard.IsArray(schema)) return schema.items
  throw new TypeError(`${said}: the newer field is no list`)
}

/** The same value under another name, in another form. */
const moved = (fields: Fields, from: string, to: string, turn: (value: unknown) => unknown): Fields =>
  Object.hasOwn(fields, from) ? renamed({ ...fields, [from]: turn(fields[from]) }, from, to) : fields

/** One value is a list of values now: older clients see the first, and NULL of an empty list. */
export function wrap(target: Target, older: string, newer: string): Lens {
  const said = `wrap('${older}', '${newer}')`
  return {
    target,
    said,
    needs: [newer],
    older: (properties) => {
      const schema = properties[newer]
      if (schema === undefined) return properties
      const item = arrayIn(schema, said)
      const made = isNullable(item) ? item : nullable(item)
      return renamed({ ...properties, [newer]: like(schema, made) }, newer, older)
    },
    between: () => ({
      up: (fields) => moved(fields, older, newer, (value) => (value === null ? [] : [value])),
      down: (fields) => moved(fields, newer, older, (value) => (Array.isArray(value) ? (value[0] ?? null) : value)),
    }),
    place: ([first, ...rest]) =>
      first === undefined ? [] : first === newer ? [older, ...rest.slice(1)] : [first, ...rest],
    shallow: true,
    loses: { older: [], newer: [newer] },
    lossy: false,
    words: { renamed: [older, newer] },
  }
}

/** A list is one value now, the first of it; `null` stands for an empty list. */
export function unwrap(target: Target, older: string, newer: string): Lens {
  const said = `unwrap('${older}', '${newer}')`
  return {
    target,
    said,
    needs: [newer],
    older: (properties) => {
      const schema = properties[newer]
      if (schema === undefined) return properties
      const isOr = isNullable(schema)
      const others = isOr ? (schema['anyOf'] as TSchema[]).filter((one) => !TypeGuard.IsNull(one)) : []
      const item = isOr ? (others.length === 1 ? others[0]! : Type.Union(others)) : plain(schema)
      return renamed(
        { ...properties, [newer]: like(schema, Type.Array(item, isOr ? {} : { minItems: 1 })) },
        newer,
        older,
      )
    },
    between: () => ({
      up: (fields) => moved(fields, older, newer, (value) => (Array.isArray(value) ? (value[0] ?? null) : value)),
      down: (fields) => moved(fields, newer, older, (value) => (value === null ? [] : [value])),
    }),
    place: ([first, ...rest]) =>
      first === undefined ? [] : first === newer ? [older, '0', ...rest] : [first, ...rest],
    shallow: true,
    loses: { older: [older], newer: [] },
    lossy: false,
    words: { renamed: [older, newer] },
  }
}

/** Fields stand in an object now: `street` is `address.street`. */
export function nest(target: Target, into: string, names: readonly string[]): Lens {
  const said = `nest('${into}')`
  return {
    target,
    said,
    needs: [into],
    older: (properties) => {
      const schema = properties[into]
      if (schema === undefined) return properties
      const inner = fieldsIn(schema, said)
      const isOr = TypeGuard.IsOptional(schema)
      const flat = pick(inner.properties, names).map(([name, one]) => [name, isOr ? Type.Optional(one) : one])
      const rest = without(inner.properties as Properties, names)
      const others = Object.keys(rest).length > 0 ? { [into]: like(schema, objectLike(inner, rest)) } : {}
      return { ...without(properties, [into]), ...Object.fromEntries(flat), ...others }
    },
    between: () => ({ up: (fields) => gathered(fields, into, names), down: (fields) => spread(fields, into, names) }),
    place: ([first, ...rest]) =>
      first === undefined ? [] : first === into && names.includes(rest[0] ?? '') ? rest : [first, ...rest],
    shallow: false,
    loses: nothingLost,
    lossy: false,
    words: { added: [into], removed: names },
  }
}

/** Fields of an object stand by themselves now: `address.street` is `street`. */
export function hoist(target: Target, from: string, names: readonly string[]): Lens {
  return {
    target,
    said: `hoist('${from}')`,
    needs: names,
    older: (properties, node) => {
      const there = names.filter((name) => name in properties)
      if (there.length === 0) return properties
      const inner = Type.Object(Object.fromEntries(there.map((name) => [name, properties[name]!])))
      return { ...without(properties, names), [from]: isPartial(node) ? Type.Optional(inner) : inner }
    },
    between: () => ({ up: (fields) => spread(fields, from, names), down: (fields) => gathered(fields, from, names) }),
    place: ([first, ...rest]) =>
      first !== undefined && names.includes(first) ? [from, first, ...rest] : [first!, ...rest],
    shallow: false,
    loses: nothingLost,
    lossy: false,
    words: { added: names, removed: [from] },
  }
}

function fieldsIn(schema: TSchema, said: string): TObject {
  if (TypeGuard.IsObject(schema)) return schema
  throw new TypeError(`${said}: the newer field is no object that is always there`)
}

const pick = (properties: Properties, names: readonly string[]): [string, TSchema][] =>
  Object.entries(properties).filter(([name]) => names.includes(name))

const objectLike = (node: TObject, properties: Properties): TObject => {
  const { required: _, ...rest } = node
  return { ...rest, ...Type.Object(properties) } as TObject
}

function gathered(fields: Fields, into: string, names: readonly string[]): Fields {
  const there = names.filter((name) => Object.hasOwn(fields, name))
  if (there.length === 0) return fields
  const known = fields[into]
  const inner = Object.fromEntries(there.map((name) => [name, fields[name]]))
  return { ...without(fields, names), [into]: { ...(typeof known === 'object' && known), ...inner } }
}

function spread(fields: Fields, from: string, names: readonly string[]): Fields {
  const inner = fields[from]
  if (typeof inner !== 'object' || inner === null) return fields
  const rest = without(inner as Fields, names)
  const flat = Object.entries(inner).filter(([name]) => names.includes(name))
  return {
    ...without(fields, [from]),
    ...Object.fromEntries(flat),
    ...(Object.keys(rest).length > 0 && { [from]: rest }),
  }
}
