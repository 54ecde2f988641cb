import type { Database } from '#core/ports/database'
import { databaseErrorIn, migrationStatus } from '../../plugins/database/index.ts'
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
    const reason = connectionTrouble(error)
    if (reason !== undefined) throw new CliFailure(reason)
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

/** Why nobody gets to the database, if that is what went wrong, and what to do about it. */
export function connectionTrouble(error: unknown): string | undefined {
  const refused = databaseErrorIn(error)
  if (refused === undefined) return undefined
  if (refused.failure === 'unavailable')
    return `the database does not answer: ${refused.message}. Is it running, and is DATABASE_URL right?`
  // The driver's own words: ours name the statement, which has no part in it.
  const { code, message = refused.message } = (refused.cause ?? {}) as { code?: unknown; message?: string }
  if (code === '3D000') return `${message}: create it, as with createdb, or look at DATABASE_URL`
  return code === '28P01' || code === '28000' ? `${message}: look at DATABASE_URL` : undefined
}
