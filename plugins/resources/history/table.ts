import { type DefinedTable, defineTable, type FieldBuilder } from '#core/table/define'

/** What became of one field. */
export interface FieldChange<Value = unknown> {
  readonly from: Value | Redacted
  readonly to: Value | Redacted
}
/** Stands for values that nobody is shown. */
export type Redacted = '[redacted]'

export type HistoryFields = {
  id: FieldBuilder<'uuid', string, false, true>
  resource: FieldBuilder<'string', string>
  recordId: FieldBuilder<'string', string>
  action: FieldBuilder<'string', string>
  at: FieldBuilder<'datetime', Date>
  actorId: FieldBuilder<'string', string, true>
  impersonatorId: FieldBuilder<'string', string, true>
  requestId: FieldBuilder<'string', string, true>
  version: FieldBuilder<'int', number, true>
  changes: FieldBuilder<'json', Readonly<Record<string, FieldChange>>>
}
export type HistoryTable<Name extends string = string> = DefinedTable<Name, HistoryFields>

/**
 * The table in which resources keep their history. Put it among the tables of your migrations. From `kwik/resources`.
 *
 * @param name for a table of its own: `history: { table: historyTable('product_history') }`
 * @example await createTables(database, [products, historyTable()])
 */
export function historyTable<const Name extends string = 'kwik_history'>(
  name: Name = 'kwik_history' as Name,
): HistoryTable<Name> {
  return defineTable(
    name,
    (t) => ({
      id: t.id(),
      resource: t.string(80).readonly(),
      recordId: t.string(255).readonly(),
      action: t.string(80).readonly(),
      at: t.datetime().readonly(),
      actorId: t.string(255).nullable().readonly(),
      impersonatorId: t.string(255).nullable().readonly(),
      requestId: t.string(255).nullable().readonly(),
      version: t.int().nullable().readonly(),
      changes: t.json<Readonly<Record<string, FieldChange>>>().readonly(),
    }),
    (t) => [t.index('resource', 'recordId', 'id')],
  )
}
