import type { Method } from './types.ts'

/** One route of a class: the const that decorates, and the name of the method. */
export interface Row {
  readonly method: Method
  readonly path: string
  readonly hook: object
  readonly name: PropertyKey
}

interface Declared {
  readonly rows: Row[]
  /** Options that were stacked on methods, by method. */
  readonly options: Map<PropertyKey, Record<string, unknown>>
}

// Bun has no Symbol.metadata but keeps metadata under the registered symbol; Deno has the real one.
const metadataSymbol: symbol = (Symbol as { metadata?: symbol }).metadata ?? Symbol.for('Symbol.metadata')
const key: unique symbol = Symbol('kwik.controller')

type Metadata = Record<symbol, Declared | undefined>

/** A class's own declarations: inherited metadata is never written to. */
export function declaredOn(metadata: DecoratorMetadataObject): Declared {
  const own = metadata as Metadata
  if (!Object.hasOwn(own, key)) own[key] = { rows: [], options: new Map() }
  return own[key]!
}

/**
 * The routes of a class and of its parents, the parents' first; a method declared again replaces its route.
 * Walks the constructors: Deno does not chain a subclass's metadata to its parent's.
 */
export function rowsOf(made: Function): Row[] {
  const rows = new Map<PropertyKey, Row[]>()
  for (const own of lineage(made)) {
    for (const name of new Set(own.rows.map((row) => row.name))) rows.delete(name)
    for (const row of own.rows) rows.set(row.name, [...(rows.get(row.name) ?? []), row])
  }
  const stacked = new Map<PropertyKey, Record<string, unknown>>()
  for (const own of lineage(made))
    for (const [name, options] of own.options) stacked.set(name, { ...stacked.get(name), ...options })
  return [...rows.values()].flat().map((row) => ({ ...row, hook: { ...row.hook, ...stacked.get(row.name) } }))
}

function lineage(made: Function): Declared[] {
  const found: Declared[] = []
  for (let one: object | null = made; typeof one === 'function'; one = Object.getPrototypeOf(one)) {
    const metadata = Object.getOwnPropertyDescriptor(one, metadataSymbol)?.value as Metadata | undefined
    const own = metadata && Object.hasOwn(metadata, key) ? metadata[key] : undefined
    if (own) found.unshift(own)
  }
  return found
}
