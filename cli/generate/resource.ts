import { migrationsFor } from '../database/make.ts'
import { CliFailure, misused } from '../failure.ts'
import type { FieldSpec } from '../fields/field.ts'
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
  if (record) refuseRequired(parseFields(words), record, names)
  const all = { ...record?.fields, ...byName(words) }
  const kept = record?.plural ?? plural
  const changes = await planResource(project, kept === undefined ? names : namesOf(name, kept), {
    ...(kept !== undefined && { plural: kept }),
    fields: all,
  })
  if (dryRun) return reportDryRun(changes.files, changes.byHand)
  await apply(project.root, changes.files)
  const refused = changes.files.filter(({ what }) => what === 'refused')
  const migrations =
    refused.length > 0
      ? []
      : await migrationsFor(project, { name: names.table }).catch((error: unknown) => {
          report(changes.files, [], changes.byHand)
          throw error
        })
  report(changes.files, migrations, changes.byHand)
  if (refused.length > 0)
    throw new CliFailure(
      `${refused.map(({ path }) => path).join(', ')} could not be brought up to date: what is missing is in the .rej file beside it. Put it in, remove the .rej and run this again.`,
    )
}

/** @throws {CliFailure} with exit code 2, for new fields that must have a value: the rows that are there have none */
function refuseRequired(fields: readonly FieldSpec[], record: ResourceRecord, { manyWords }: Names): void {
  const wrong = fields.filter(
    ({ name, optional, defaultValue }) => !optional && defaultValue === undefined && !(name in record.fields),
  )
  if (wrong.length === 0) return
  throw misused(
    wrong
      .map(
        ({ name, type }) =>
          `${name}:${type}! cannot be required: ${manyWords} that are there have none. Leave out the !, or put it into model.ts with .default(…) and run kwik db make`,
      )
      .join('\n'),
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
  const waiting = files.filter(({ what }) => what === 'waiting').map(({ path }) => `${path}.rej`)
  if (waiting.length > 0)
    throw new CliFailure(
      `${waiting.join(', ')} ${waiting.length === 1 ? 'is' : 'are'} still there: put in what is missing, remove the .rej and run this again`,
    )
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
