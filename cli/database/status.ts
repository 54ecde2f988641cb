import { migrationStatus } from '../../plugins/database/index.ts'
import { findProject } from '../project.ts'
import { migrationsOf, withDatabase } from './connection.ts'

/** Lists the migrations; exit code 1 while some have not run. */
export async function showStatus(json: boolean): Promise<void> {
  const project = findProject()
  const states = await withDatabase(project, (database) => migrationStatus(database, { folder: migrationsOf(project) }))
  const line = ({ tag, applied, changed }: (typeof states)[number]): string =>
    `${applied ? 'ran    ' : 'pending'} ${tag}${changed ? ' (the file is another one than that which ran)' : ''}\n`
  process.stdout.write(json ? `${JSON.stringify(states, null, 2)}\n` : states.map(line).join('') || 'no migrations\n')
  if (states.some(({ applied }) => !applied)) process.exitCode = 1
}
