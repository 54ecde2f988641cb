import type { TableLike } from '#core/ports/database'
import { exported, type Project } from '../project.ts'

/** All tables of the app: its accounts' and its resources'. */
export async function tablesOf(project: Project): Promise<readonly TableLike[]> {
  return exported(project, 'src/schema.ts', 'tables', (value): value is readonly TableLike[] => Array.isArray(value))
}
