import type { TObject } from '@sinclair/typebox'
import { didYouMean } from '#core/internal/spelling'
import type { TableDefinition, TableLike } from '#core/ports/database'
import type { AnyDeclaration } from '../declare/declaration.ts'
import { fieldsIn } from './fields.ts'
import type { MemoryRows } from './types.ts'
import type { Row } from './world.ts'

const sources = new WeakMap<TableLike, MemoryRows<Row>>()

/** Where the rows of a table are, if they are in memory. */
export const rowsBehind = (table: TableLike): MemoryRows<Row> | undefined => sources.get(table)

/** A declaration as that of a table. @throws {TypeError} for a search that reads an index */
export function asOfTable(called: string, declaration: Naming & object): AnyDeclaration {
  const { search } = declaration as AnyDeclaration
  if ((search?.index ?? 'scan') !== 'scan')
    throw new TypeError(`shape.memory(${called}): search: rows in memory have no index: leave it out`)
  return { ...declaration, ...(search && { search: { ...search, index: 'scan' } }) } as AnyDeclaration
}

/** What a table is called, and what tells its rows apart. */
export interface Naming {
  readonly name?: string
  readonly key?: string | readonly string[]
}

/** Rows in memory as a table. @throws {TypeError} where no field is its key */
export function memoryTable(schema: TObject, rows: MemoryRows<Row>, { name, key = 'id' }: Naming): TableDefinition {
  const called = name ?? schema.$id ?? 'rows'
  const keys = [key].flat()
  const fields = fieldsIn(called, schema, keys)
  for (const one of keys)
    if (!Object.hasOwn(fields, one))
      throw new TypeError(
        `shape.memory(${called}): no field "${one}" to tell rows apart${didYouMean(one, Object.keys(fields))}: say { key: '...' }`,
      )
  const table = {
    name: called,
    fields,
    for: () => {
      throw new TypeError(`shape.memory(${called}): no database has these rows`)
    },
  } as unknown as TableDefinition
  sources.set(table, rows)
  return table
}
