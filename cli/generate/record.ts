import type { Project } from '../project.ts'
import type { Names } from './names.ts'
import { type Change, textOf } from './plan.ts'

/** What a resource was generated from, so that it can be generated again with more fields. */
export interface ResourceRecord {
  readonly plural?: string
  /** The words of the command line, by the name of their field. */
  readonly fields: Readonly<Record<string, string>>
}

const pathOf = (names: Names): string => `.kwik/resources/${names.folder}.json`

export async function recordOf(project: Project, names: Names): Promise<ResourceRecord | undefined> {
  const text = await textOf(project.path(pathOf(names)))
  return text === undefined ? undefined : (JSON.parse(text) as ResourceRecord)
}

export async function recordChange(project: Project, names: Names, record: ResourceRecord): Promise<Change> {
  const before = await textOf(project.path(pathOf(names)))
  const after = `${JSON.stringify(record, null, 2)}\n`
  return { path: pathOf(names), what: before === after ? 'unchanged' : 'edit', before, after }
}
