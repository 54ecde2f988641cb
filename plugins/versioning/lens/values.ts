import { type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import type { Target } from '../schema/target.ts'
import { type Fields, type Lens, nothingLost, samePlace } from './lens.ts'
import { hasObjects } from './names.ts'

/** Puts another schema in the place of a field's, with what may be left out and may be NULL as it was. */
export function inPlace(field: TSchema, swap: (schema: TSchema) => TSchema): TSchema {
  const isNullable = TypeGuard.IsUnion(field) && field.anyOf.some((one) => TypeGuard.IsNull(one))
  const others = isNullable ? field.anyOf.filter((one) => !TypeGuard.IsNull(one)) : []
  const inner = isNullable ? (others.length === 1 ? others[0]! : ({ ...field, anyOf: others } as TSchema)) : field
  const swapped = swap(inner)
  const { default: _, ...plain } = swapped
  const made = isNullable ? Type.Union([plain as TSchema, Type.Null()]) : swapped
  return TypeGuard.IsOptional(field) ? Type.Optional(made) : made
}

export interface EnumChange {
  /** Words that older clients do not know, each with the one they are shown. */
  readonly added?: Readonly<Record<string, string>>
  /** Words that are gone, each with what it means now. */
  readonly removed?: Readonly<Record<string, string>>
}

/** Words of a field are others now. `words` are older words with the newer. */
export function mapEnum(
  target: Target,
  field: string,
  words: Readonly<Record<string, string>>,
  { added = {}, removed = {} }: EnumChange = {},
): Lens {
  const up = new Map([...Object.entries(words), ...Object.entries(removed)])
  const down = new Map([
    ...Object.entries(words).map(([older, newer]) => [newer, older] as const),
    ...Object.entries(added),
  ])
  const turned = (fields: Fields, map: ReadonlyMap<string, string>): Fields => {
    const value = fields[field]
    if (typeof value === 'string') fields[field] = map.get(value) ?? value
    else if (Array.isArray(value)) fields[field] = value.map((one) => map.get(one) ?? one)
    return fields
  }
  const isLost = { older: Object.keys(removed).length > 0, newer: Object.keys(added).length > 0 }
  return {
    target,
    said: `mapEnum('${field}')`,
    needs: [field],
    older: (properties) => {
      const schema = properties[field]
      if (schema === undefined) return properties
      const older = (known: readonly string[]): string[] => [
        ...new Set([
          ...known.flatMap((word) => (word in added ? [] : [down.get(word) ?? word])),
          ...Object.keys(removed),
        ]),
      ]
      return { ...properties, [field]: withWords(schema, older) }
    },
    between: () => ({ up: (fields) => turned(fields, up), down: (fields) => turned(fields, down) }),
    place: samePlace,
    shallow: true,
    loses: { older: isLost.older ? [field] : [], newer: isLost.newer ? [field] : [] },
    lossy: false,
    words: { values: { field, newer: (text) => up.get(text) ?? (down.has(text) ? undefined : text) } },
  }
}

/** A schema of words with other words, wherever in it they stand. */
function withWords(schema: TSchema, other: (known: readonly string[]) => string[]): TSchema {
  const inner = (one: TSchema): TSchema => {
    if (TypeGuard.IsArray(one)) return { ...one, items: withWords(one.items, other) } as TSchema
    if (Array.isArray(one['enum'])) return { ...one, enum: other(one['enum'] as string[]), ...defaultIn(one, other) }
    const literals = literalsOf(one)
    if (literals === undefined) return one
    const words = other(literals).map((word) => Type.Literal(word))
    return { ...(words.length === 1 ? words[0]! : Type.Union(words)), ...defaultIn(one, other) } as TSchema
  }
  return inPlace(schema, inner)
}

function literalsOf(schema: TSchema): string[] | undefined {
  if (TypeGuard.IsLiteral(schema)) return [String(schema.const)]
  if (!TypeGuard.IsUnion(schema)) return undefined
  const words = schema.anyOf.map((one) => (one as { const?: unknown }).const)
  return words.every((word) => typeof word === 'string') ? words : undefined
}

const defaultIn = (schema: TSchema, other: (known: readonly string[]) => string[]): object =>
  typeof schema.default === 'string' ? { default: other([schema.default])[0] } : {}

export interface Retyped {
  /** What its values were. */
  readonly was: TSchema
  readonly up: (value: never) => unknown
  readonly down: (value: never) => unknown
  /** Different values become one: no law of round trips is asked. @default false */
  readonly lossy?: boolean
  /** A filter's text in the newer form: `(cents) => String(Number(cents) / 100)`. Without it the field is no filter in the older version. */
  readonly filter?: (text: string) => string
}

/** Values of a field have another form now. NULL stays NULL, and what is absent stays absent. */
export function retype(target: Target, field: string, { was, up, down, lossy = false, filter }: Retyped): Lens {
  const turned = (fields: Fields, turn: (value: never) => unknown): Fields => {
    const value = fields[field]
    if (value !== undefined && value !== null) fields[field] = turn(value as never)
    return fields
  }
  return {
    target,
    said: `retype('${field}')`,
    needs: [field],
    older: (properties, _, asThen) => {
      const schema = properties[field]
      return schema === undefined ? properties : { ...properties, [field]: inPlace(schema, () => asThen(was)) }
    },
    between: () => ({ up: (fields) => turned(fields, up), down: (fields) => turned(fields, down) }),
    place: samePlace,
    shallow: !hasObjects(was),
    loses: lossy ? { older: [field], newer: [field] } : nothingLost,
    lossy: false,
    words: { values: { field, newer: (text) => filter?.(text) } },
  }
}
