/** A place in a file, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A value of a file, and where it stands: maps are taken apart, everything below a setting is plain. */
export type Located = LocatedMap | LocatedValue

export interface LocatedMap {
  readonly place: Place | undefined
  readonly fields: readonly LocatedField[]
}

export interface LocatedValue {
  readonly place: Place | undefined
  readonly value: unknown
}

export interface LocatedField {
  readonly name: string
  readonly place: Place | undefined
  readonly node: Located
}

/** A file as it was read: its tree, or what is wrong with it. Nothing of what is wrong shows a value. */
export interface ReadFile {
  readonly tree: LocatedMap
  readonly faults: readonly { readonly place: Place | undefined; readonly text: string }[]
}

/** Stands for a value whose fault is told already: nothing more is said of it. */
export const broken: unique symbol = Symbol('broken')

/** The text without the byte order mark that some editors write first. */
export const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '')

export const isMap = (node: Located): node is LocatedMap => 'fields' in node

/** What a node comes to as a plain value. */
export const plainOf = (node: Located): unknown =>
  isMap(node) ? Object.fromEntries(node.fields.map(({ name, node: inner }) => [name, plainOf(inner)])) : node.value

/** A plain value as a node, of a place that is known only as a whole. */
export function located(value: unknown, place?: Place): Located {
  if (!isPlainObject(value)) return { place, value }
  return { place, fields: Object.entries(value).map(([name, inner]) => ({ name, place, node: located(inner, place) })) }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Line and column of offsets, which are mostly asked for in their order: one that is not is looked for from the beginning. */
export function placesOf(text: string): (offset: number) => Place {
  let line = 1
  let start = 0
  let end = text.indexOf('\n')
  return (offset) => {
    if (offset < start) {
      line = 1
      start = 0
      end = text.indexOf('\n')
    }
    while (end !== -1 && end < offset) {
      line++
      start = end + 1
      end = text.indexOf('\n', start)
    }
    return { line, column: offset - start + 1 }
  }
}

/** Numbers are taken as they are written or not at all: 012, 1e3 and numbers too large to be exact mean something else to somebody. */
export const isExactNumber = (source: string): boolean =>
  /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(source) &&
  (source.includes('.') ? source.length <= 17 : Number.isSafeInteger(Number(source)))

export const oddNumber =
  'write numbers in plain digits, or put it in quotes when it is a text: 012, 1e3, 0x10 and numbers too large to be exact are not taken'
