import type { TableLike } from '#core/ports/database'
import type { FieldNaming, TableNaming } from '#core/ports/field-naming'
import type { Api, Version } from './api.ts'
import { tableNaming } from './naming.ts'

const namings = new WeakMap<Version, FieldNaming>()

/** What tables' fields are called in a version; `undefined` for the newest. Made once for each table. */
export function namingOf({ history, converters, migrations }: Api, version: Version): FieldNaming | undefined {
  if (version.isNewest) return undefined
  let naming = namings.get(version)
  if (!naming) {
    const tables = new Map<TableLike, TableNaming | undefined>()
    naming = {
      version: version.name,
      of: (table) => {
        if (!tables.has(table)) tables.set(table, tableNaming(history, converters, table, version.step))
        return tables.get(table)
      },
      values: (schema) => {
        const lower = converters.between(schema, version.step, 'down')
        return (
          lower &&
          ((value) => {
            migrations.down++
            return lower(value)
          })
        )
      },
    }
    namings.set(version, naming)
  }
  return naming
}
