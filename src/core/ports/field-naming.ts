import type { TSchema } from '@sinclair/typebox'
import type { TableLike } from './database.ts'

/** What fields are called, and how rows look, in the version of the API that a request speaks, where that is an older one. */
export interface FieldNaming {
  /** Tells what was read for one version from what was read for another. */
  readonly version: string
  /** `undefined` where the version knows the table as it is. */
  of(table: TableLike): TableNaming | undefined
  /** Turns values of a schema into the version, one by one: the events of a stream. `undefined` where they are the same. */
  values(schema: TSchema): ((value: unknown) => unknown) | undefined
}

export interface TableNaming {
  /** The name that a field has now; `undefined` where the version has no such field. */
  newest(name: string): string | undefined
  /** The name that a field has in the version; `undefined` where it has none. */
  older(name: string): string | undefined
  /** The fields that the version has, and the table of now has under no name. */
  readonly own: readonly string[]
  /** The value as the field has it now, of a filter's text; `undefined` where the version cannot filter by it. */
  value(newest: string, text: string): string | undefined
  /** A value of the field as the version shows it. */
  shown(newest: string, value: unknown): unknown
  /** A row, or a part of one, as the version shows it. */
  row(row: Readonly<Record<string, unknown>>): Record<string, unknown>
}
