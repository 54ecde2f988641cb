import { type DefinedTable, defineTable, type FieldBuilder } from '#core/table/define'

type UsageFields = {
  id: FieldBuilder<'string', string>
  day: FieldBuilder<'string', string>
  version: FieldBuilder<'string', string>
  route: FieldBuilder<'string', string>
  client: FieldBuilder<'string', string>
  requests: FieldBuilder<'int', number>
}

/** Where `databaseUsage()` counts; `id` is a hash of the rest. Put it among the tables of your migrations. From `kwik/versioning`. */
export const versionUsage: DefinedTable<'kwik_version_usage', UsageFields> = defineTable('kwik_version_usage', (t) => ({
  id: t.string(43).primaryKey().readonly(),
  day: t.string(10).readonly(),
  version: t.string(64).readonly(),
  route: t.string(300).readonly(),
  client: t.string(300).readonly(),
  requests: t.int().readonly(),
}))

/** The tables of versioning, in the order in which they can be made. */
export const versionTables: readonly [typeof versionUsage] = [versionUsage]
