import type { TSchema } from '@sinclair/typebox'
import type { TableLike } from './ports/database.ts'
import type { FieldNaming } from './ports/field-naming.ts'

/** What an object's schema says of a table: it shows its rows, or takes them. */
export interface Described {
  readonly table: TableLike
  readonly as: 'row' | 'body'
}

/** On the schema of an object: whose rows it is about. Changes of an API name the table, and mean all such schemas. */
export const describes: unique symbol = Symbol('kwik.describes')

/** On the schema of a record: its keys are names of a table's fields, each with what the field was before and after. */
export const changesOf: unique symbol = Symbol('kwik.changesOf')

export const describedBy = (schema: object): Described | undefined => (schema as { [describes]?: Described })[describes]
export const changesIn = (schema: object): TableLike | undefined => (schema as { [changesOf]?: TableLike })[changesOf]

/** What a list says of its route beside its query: for the versions of an API. */
export interface ListFacts {
  /** What it answers, where the route does not say. */
  answer(): TSchema
  /** The same query in the words of a version. */
  query(naming: FieldNaming): TSchema
}

/** On the query's schema of a list. */
export const listFacts: unique symbol = Symbol('kwik.listFacts')
export const listFactsOf = (schema: unknown): ListFacts | undefined =>
  (schema as { readonly [listFacts]?: ListFacts } | undefined)?.[listFacts]
