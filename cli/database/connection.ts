import type { Database } from '#core/ports/database'
import { migrationStatus } from '../../plugins/database/index.ts'
import { CliFailure } from '../failure.ts'
import { exported, type Project } from '../project.ts'

/**
 * Works with the app's database and closes it.
 *
 * @throws {CliFailure} when it fails and migrations have not run: most likely that is why
 */
export async function withDatabase<T>(project: Project, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await exported(project, 'src/database.ts', 'database', isDatabase)
  try {
    return await work(database)
  } catch (error) {
    const states = await migrationStatus(database, { folder: migrationsOf(project) }).catch(() => [])
    const pending = states.filter(({ applied }) => !applied)
    if (error instanceof CliFailure || pending.length === 0) throw error
    throw new CliFailure(
      `the database is not up to date (${pending.map(({ tag }) => tag).join(', ')}): run kwik db migrate`,
    )
  } finally {
    await database.close()
  }
}

const isDatabase = (value: unknown): value is Database =>
  typeof value === 'object' && value !== null && 'drizzle' in value && 'tx' in value

/** Folder of an app's migrations. */
export const migrationsOf = (project: Project): string => project.path('migrations')
