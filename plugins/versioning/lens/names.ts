import { type TObject, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import { describedBy } from '#core/described'
import type { Target } from '../schema/target.ts'
import { type Fields, isWhole, type Lens, nothingLost, type Properties, renamed, samePlace, without } from './lens.ts'

/** A field has another name now. */
export function rename(target: Target, older: string, newer: string): Lens {
  const turned = (fields: Fields, from: string, to: string): Fields =>
    Object.hasOwn(fields, from) ? renamed(fields, from, to) : fields
  return {
    target,
    said: `rename('${older}', '${newer}')`,
    needs: [newer],
    older: (properties) => (newer in properties ? renamed(properties, newer, older) : properties),
    between: () => ({
      up: (fields) => turned(fields, older, newer),
      down: (fields) => turned(fields, newer, older),
    }),
    place: ([first, ...rest]) => (first === undefined ? [] : [first === newer ? older : first, ...rest]),
    shallow: true,
    loses: nothingLost,
    lossy: false,
    words: { renamed: [older, newer] },
  }
}

/** A field that the older version did not have. */
export function addField(target: Target, name: string, options: { readonly default?: unknown } = {}): Lens {
  return {
    target,
    said: `addField('${name}')`,
    needs: [name],
    older: (properties) => without(properties, [name]),
    between: ({ newer }) => {
      // Where a body may leave it out, leaving it out is what an older client means.
      const fills = 'default' in options && newer.required?.includes(name) === true
      return {
        up: (fields) => {
          if (fills && !Object.hasOwn(fields, name)) fields[name] = structuredClone(options.default)
          return fields
        },
        down: (fields) => {
          delete fields[name]
          return fields
        },
      }
    },
    place: samePlace,
    shallow: true,
    loses: { older: [], newer: [name] },
    lossy: false,
    words: { added: [name] },
  }
}

type JsonValue = string | number | boolean | null | readonly unknown[] | { readonly [name: string]: unknown }

export interface RemovedField<Row = Fields> {
  /** What it was. */
  readonly was: TSchema
  /** What older clients are shown: a value, or what it is made of. */
  readonly default: JsonValue | ((row: Row) => unknown)
  /** Clients saw it and did not write it. @default false */
  readonly readOnly?: boolean
  /** What `t.Pick` and `t.Omit` make of the schema showed it too. Their bodies take it either way. @default false */
  readonly inParts?: boolean
}

/** A field that only the older version had. */
export function removeField(
  target: Target,
  name: string,
  { was, default: usual, readOnly, inParts = false }: RemovedField,
): Lens {
  const filled = (fields: Fields): unknown => (typeof usual === 'function' ? usual(fields) : structuredClone(usual))
  return {
    target,
    said: `removeField('${name}')`,
    needs: [],
    older: (properties, node, asThen, isPart) => {
      if (readOnly && describedBy(node)?.as === 'body') return properties
      // Whether a part had it cannot be seen in it. Where it may be left out, it is taken and not shown.
      const isOptional = isPartial(node) || (isPart && !inParts)
      return { ...properties, [name]: isOptional ? Type.Optional(asThen(was)) : asThen(was) }
    },
    between: ({ newer, older }) => {
      const shows = older.required?.includes(name) === true
      return {
        up: (fields) => {
          delete fields[name]
          return fields
        },
        down: (fields) => {
          if (shows && isWhole(fields, newer)) fields[name] = filled(fields)
          return fields
        },
      }
    },
    place: samePlace,
    shallow: !hasObjects(was) && typeof usual !== 'function',
    loses: { older: [name], newer: [] },
    lossy: false,
    words: { removed: [name] },
  }
}

/** Whether every field may be left out: the body of a change, or rows of which clients choose fields. */
export const isPartial = ({ properties }: TObject): boolean => {
  const all = Object.values(properties as Properties)
  return all.length > 0 && all.every((one) => TypeGuard.IsOptional(one))
}

export function hasObjects(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  if ((schema as { type?: unknown }).type === 'object' || '$ref' in schema) return true
  return Object.values(schema).some(hasObjects)
}
