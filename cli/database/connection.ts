import type { Database } from '#core/ports/database'
import { exported, type Project } from '../project.ts'

/** Works with the app's database and closes it. */
export async function withDatabase<T>(project: Project, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await exported(project, 'src/database.ts', 'database', isDatabase)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

const isDatabase = (value: unknown): value is Database =>
  typeof value === 'object' && value !== null && 'drizzle' in value && 'tx' in value

/** Folder of an app's migrations. */
export const migrationsOf = (project: Project): string => project.path('migrations')
