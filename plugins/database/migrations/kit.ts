import type { Table } from 'drizzle-orm'
import type { Dialect, TableLike } from '#core/ports/database'
import { isDefinition, nameOf } from '#core/table/fields'

/** The shape of a database at one moment, as drizzle-kit writes it down. */
export type Snapshot = Record<string, unknown> & { readonly id: string; readonly prevId: string }

/** As much as Kwik needs of drizzle-kit, for one database. */
export interface Kit {
  /** The shape that tables ask for. */
  snapshot(tables: readonly TableLike[], previous?: Snapshot): Promise<Snapshot>
  /** The statements between two shapes. It must not find both removed and added things of one kind: it would ask. */
  statements(from: Snapshot, to: Snapshot): Promise<string[]>
}

type Api = typeof import('drizzle-kit/api')

/** @throws {Error} when drizzle-kit is not installed, saying how to */
export async function kitFor(dialect: Dialect): Promise<Kit> {
  const api = await load()
  const schema = (tables: readonly TableLike[]): Record<string, Table> =>
    Object.fromEntries(tables.map((table) => [nameOf(table), isDefinition(table) ? table.for({ dialect }) : table]))
  if (dialect === 'sqlite')
    return {
      snapshot: async (tables, previous) =>
        (await api.generateSQLiteDrizzleJson(schema(tables), previous?.id)) as unknown as Snapshot,
      statements: (from, to) => api.generateSQLiteMigration(from as never, to as never),
    }
  return {
    snapshot: async (tables, previous) => api.generateDrizzleJson(schema(tables), previous?.id) as unknown as Snapshot,
    // Dropping a table takes the constraints that refer to it along, before drizzle-kit drops them by name.
    statements: async (from, to) =>
      keysLast(await api.generateMigration(from as never, to as never)).map((text) =>
        text.replace(/ DROP CONSTRAINT (?!IF EXISTS)/, ' DROP CONSTRAINT IF EXISTS '),
      ),
  }
}

/** A foreign key can point at a unique field only once the index is there that makes it unique. */
function keysLast(statements: readonly string[]): string[] {
  const isKey = (text: string): boolean => / ADD CONSTRAINT \S+ FOREIGN KEY /.test(text)
  return [...statements.filter((text) => !isKey(text)), ...statements.filter(isKey)]
}

async function load(): Promise<Api> {
  try {
    return await import('drizzle-kit/api')
  } catch (cause) {
    throw new Error('making migrations needs the package drizzle-kit: bun add --dev drizzle-kit', { cause })
  }
}
