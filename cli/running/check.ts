import { withDatabase } from '../database/connection.ts'
import { findProject } from '../project.ts'
import { bootedApp } from './app.ts'
import { checkGrants } from './grants.ts'
import { checkListIndexes } from './indexes.ts'

/** What one check found. */
export interface Checked {
  /** As JSON has it. */
  readonly report: object
  readonly words: string
  /** Whether something is to be done. */
  readonly isWrong: boolean
}

export type CheckName = 'indexes' | 'permissions'

/** Prints what is wrong with the app and its database; exit code 1 when something is. */
export async function checkApp(wanted: readonly CheckName[], json: boolean): Promise<void> {
  const project = findProject()
  const app = await bootedApp(project)
  const found = await withDatabase(project, async (database) => {
    const all: Partial<Record<CheckName, Checked>> = {}
    if (wanted.includes('indexes')) all.indexes = await checkListIndexes(app, database)
    if (wanted.includes('permissions')) all.permissions = await checkGrants(app, database)
    return all
  })
  const all = Object.entries(found)
  const [first] = all
  const report = all.length === 1 ? first![1].report : Object.fromEntries(all.map(([name, one]) => [name, one.report]))
  process.stdout.write(
    json ? `${JSON.stringify(report, null, 2)}\n` : all.map(([, { words }]) => words).join(all.length > 1 ? '\n' : ''),
  )
  if (all.some(([, { isWrong }]) => isWrong)) process.exitCode = 1
}
