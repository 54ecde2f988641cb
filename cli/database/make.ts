import { relative } from 'node:path'
import { generateMigration, MigrationError } from '../../plugins/database/index.ts'
import { CliFailure, misused } from '../failure.ts'
import { findProject, type Project } from '../project.ts'
import { migrationsOf } from './connection.ts'
import { tablesOf } from './tables.ts'

export interface MakeRequest {
  readonly name?: string
  /** `products.title=products.name` each. */
  readonly rename?: readonly string[]
  /** `products.title` each. */
  readonly drop?: readonly string[]
  /** An empty migration, for statements of your own. */
  readonly custom?: boolean
}

/** Writes the migrations for what changed in the tables, and says so. */
export async function makeMigrations(request: MakeRequest): Promise<void> {
  const { rename = [], drop = [], custom = false } = request
  if (custom && rename.length + drop.length > 0)
    throw misused('--custom writes an empty migration: --rename and --drop belong to one that is made from the tables')
  const made = await migrationsFor(findProject(), request)
  process.stdout.write(made.length === 0 ? 'unchanged\n' : made.map((line) => `${line}\n`).join(''))
}

/**
 * Writes the migrations of both databases.
 *
 * @returns what was written, and what goes with its data, a line each
 * @throws {CliFailure} when what changed may be a rename: it names the flags that decide
 */
export async function migrationsFor(
  project: Project,
  { name, rename = [], drop = [], custom = false }: MakeRequest,
): Promise<string[]> {
  try {
    const made = await generateMigration({
      tables: await tablesOf(project),
      folder: migrationsOf(project),
      renames: Object.fromEntries(rename.map(pairOf)),
      drops: drop,
      custom,
      ...(name !== undefined && { name }),
    })
    const lines = made.flatMap(({ files, dropped }) => [
      ...files.filter((file) => file.endsWith('.sql')).map((file) => `create  ${relative(project.root, file)}`),
      ...dropped.map((one) => `        ! ${one} goes with its data when it runs`),
    ])
    return custom
      ? [...lines, '        write the statements, with a line "--> statement-breakpoint" between two']
      : lines
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error
    throw new CliFailure(error.ambiguities.length > 0 ? error.ambiguities.map(choiceOf).join('\n') : error.message)
  }
}

function pairOf(word: string): [string, string] {
  const [from, to, ...more] = word.split('=')
  if (!from || !to || more.length > 0)
    throw misused(`--rename ${word} is not the form: write --rename products.title=products.name`)
  return [from, to]
}

function choiceOf({ gone, candidates }: MigrationError['ambiguities'][number]): string {
  const renames = candidates.map((one) => `  kwik db make --rename ${gone}=${one}`)
  return [
    `${gone} is gone, and ${candidates.join(', ')} ${candidates.length === 1 ? 'is' : 'are'} new. Renamed, or dropped with its data?`,
    ...renames,
    `  kwik db make --drop ${gone}`,
  ].join('\n')
}
