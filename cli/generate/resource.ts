import { migrationsFor } from '../database/make.ts'
import { CliFailure } from '../failure.ts'
import { parseFields } from '../fields/grammar.ts'
import { findProject, type Project } from '../project.ts'
import { ask, someoneIsThere } from '../terminal.ts'
import { apply } from './apply.ts'
import { listChanges } from './lists.ts'
import { type Names, namesOf } from './names.ts'
import { type Change, planFile } from './plan.ts'
import { type ResourceRecord, recordChange, recordOf } from './record.ts'
import { report, reportDryRun } from './report.ts'
import { resourceFiles } from './resource-files.ts'
import { resolveRefs } from './tables.ts'

export interface ResourceRequest {
  readonly name: string
  readonly fields: readonly string[]
  readonly plural?: string
  readonly dryRun: boolean
  readonly yes: boolean
}

/**
 * Writes a resource, or brings one up to date: fields that are given are added or changed, the others stay.
 *
 * @throws {CliFailure} with exit code 2 for wrong words; with 1 when something could not be brought in, after the rest was
 */
export async function generateResource({ name, fields, plural, dryRun, yes }: ResourceRequest): Promise<void> {
  const names = namesOf(name, plural)
  parseFields(fields)
  const project = findProject()
  const record = await recordOf(project, names)
  const words = fields.length > 0 || record ? fields : await askForFields(names, yes)
  const all = { ...record?.fields, ...byName(words) }
  const kept = record?.plural ?? plural
  const changes = await planResource(project, kept === undefined ? names : namesOf(name, kept), {
    ...(kept !== undefined && { plural: kept }),
    fields: all,
  })
  if (dryRun) return reportDryRun(changes.files, changes.byHand)
  await apply(project.root, changes.files)
  const refused = changes.files.filter(({ what }) => what === 'refused')
  const migrations = refused.length > 0 ? [] : await migrationsFor(project, { name: names.table })
  report(changes.files, migrations, changes.byHand)
  if (refused.length > 0)
    throw new CliFailure(
      `${refused.map(({ path }) => path).join(', ')} could not be brought up to date: what is missing is in the .rej file beside it. Put it in, remove the .rej and run this again.`,
    )
}

interface ResourceChanges {
  readonly files: readonly Change[]
  /** Lines for the user to put in, since the marks of a list are gone. */
  readonly byHand: readonly string[]
}

async function planResource(project: Project, names: Names, record: ResourceRecord): Promise<ResourceChanges> {
  const specs = await resolveRefs(project, parseFields(Object.values(record.fields)), names.table)
  const files = await Promise.all(
    Object.entries(await resourceFiles(names, specs)).map(([path, text]) => planFile(project.root, path, text)),
  )
  const foreign = files.filter(({ what }) => what === 'foreign').map(({ path }) => path)
  if (foreign.length > 0)
    throw new CliFailure(`${foreign.join(', ')} is there and was not generated: choose another name or move it away`)
  const lists = await listChanges(project, names)
  return { files: [...files, ...lists.changes, await recordChange(project, names, record)], byHand: lists.byHand }
}

const byName = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(parseFields(words).map(({ name }, at) => [name, words[at]!]))

async function askForFields({ words }: Names, yes: boolean): Promise<string[]> {
  if (yes || !someoneIsThere()) return ['name:string!']
  const answer = await ask(
    {
      message: `Fields of ${words}?`,
      placeholder: 'name:string! price:decimal:10.2 status:enum:draft,live=draft',
      initialValue: 'name:string!',
      check: (line) => {
        try {
          parseFields(line.trim().split(/\s+/))
          return undefined
        } catch (error) {
          return (error as Error).message
        }
      },
    },
    'the fields, as in name:string!',
  )
  return answer.trim().split(/\s+/)
}
