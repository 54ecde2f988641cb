import { databaseErrorIn } from '../../plugins/database/index.ts'
import { CliFailure } from '../failure.ts'
import { singular } from '../generate/plural.ts'
import { exported, findProject } from '../project.ts'
import { scenarioFile } from '../scenarios.ts'
import { withDatabase } from './connection.ts'

type Build = () => Promise<unknown>
const isBuild = (value: unknown): value is Build => typeof value === 'function'

/** Builds a scenario in the app's database: all of it, or nothing. */
export async function seed(name: string): Promise<void> {
  const project = findProject()
  scenarioFile(project, name)
  const build = await exported(project, `src/scenarios/${name}.ts`, 'default', isBuild)
  const made = await withDatabase(project, (database) => database.tx(build)).catch((error: Error) => {
    if (error instanceof CliFailure) throw error
    const { message } = databaseErrorIn(error) ?? error
    throw new CliFailure(`${name} was not seeded, nothing was written: ${message}`)
  })
  process.stdout.write(`seeded  ${name}${summaryOf(made)}\n`)
}

/** `: 1 user, 5 products` */
function summaryOf(made: unknown): string {
  if (typeof made !== 'object' || made === null) return ''
  const counts = Object.entries(made).flatMap(([what, rows]) =>
    typeof rows === 'object' && rows !== null ? [counted(Object.keys(rows).length, what)] : [],
  )
  return counts.length === 0 ? '' : `: ${counts.join(', ')}`
}

const counted = (count: number, plural: string): string => `${count} ${count === 1 ? singular(plural) : plural}`
