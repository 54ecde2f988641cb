import { MigrationError, migrate } from '../../plugins/database/index.ts'
import { CliFailure } from '../failure.ts'
import { findProject } from '../project.ts'
import { migrationsOf, withDatabase } from './connection.ts'

/** Runs the migrations that have not run. */
export async function runMigrations(): Promise<void> {
  const project = findProject()
  const ran = await withDatabase(project, async (database) => {
    try {
      return await migrate(database, { folder: migrationsOf(project) })
    } catch (error) {
      throw error instanceof MigrationError ? new CliFailure(error.message) : error
    }
  })
  process.stdout.write(ran.length === 0 ? 'up to date\n' : ran.map((tag) => `ran     ${tag}\n`).join(''))
}
