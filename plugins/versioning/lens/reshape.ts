import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { Target } from '../schema/target.ts'
import { type Fields, type Lens, samePlace, without } from './lens.ts'
import { isPartial } from './names.ts'

type Whole = (value: never) => unknown

/** What a change says with code of its own: the fields that were and are, and how whole objects are turned. */
export interface Reshaping {
  readonly existed: Readonly<Record<string, TSchema>>
  readonly added: readonly string[]
  readonly up?: Whole
  readonly down?: Whole
  readonly lossy: boolean
}

/**
 * An object is turned by functions. They see the fields of both sides; what the other side does not have is taken away
 * after them. An object of which only some fields are there is turned where one of the fields in question is.
 */
export function reshape(target: Target, { existed, added, up, down, lossy }: Reshaping): Lens {
  const removed = Object.keys(existed)
  return {
    target,
    said:
      [...removed.map((name) => `field('${name}')`), ...added.map((name) => `field('${name}')`)].join(', ') ||
      'up, down',
    needs: added,
    older: (properties, node, asThen) => {
      const isBare = added.length > 0 && !added.some((name) => name in properties)
      if (isBare) return properties
      const was = Object.entries(existed).map(([name, schema]) => {
        const then = asThen(schema)
        return [name, isPartial(node) ? Type.Optional(then) : then]
      })
      return { ...without(properties, added), ...Object.fromEntries(was) }
    },
    between: ({ older, newer }) => {
      const isConcerned = (fields: Fields, names: readonly string[], { required = [] }: TObject): boolean =>
        names.length === 0 || names.some((name) => Object.hasOwn(fields, name)) || hasAll(fields, required, names)
      return {
        up: (fields) => {
          const turned = up && isConcerned(fields, removed, older) ? (up(fields as never) as Fields) : fields
          return removed.length > 0 ? without(turned, removed) : turned
        },
        down: (fields) => {
          const turned = down && isConcerned(fields, added, newer) ? (down(fields as never) as Fields) : fields
          return added.length > 0 ? without(turned, added) : turned
        },
      }
    },
    place: samePlace,
    shallow: false,
    loses: { older: up ? [] : removed, newer: down ? [] : added },
    lossy,
    words: { added, removed },
  }
}

/** Whether an object has all it needs beside the fields in question. */
function hasAll(fields: Fields, required: readonly string[], but: readonly string[]): boolean {
  const others = required.filter((name) => !but.includes(name))
  return others.length > 0 && others.every((name) => Object.hasOwn(fields, name))
}
