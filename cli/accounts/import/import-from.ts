import { existsSync, readFileSync } from 'node:fs'
import type { Accounts } from '../../../plugins/accounts/index.ts'
import { withDatabase } from '../../database/connection.ts'
import { CliFailure, misused } from '../../failure.ts'
import { exported, findProject } from '../../project.ts'
import { snapshotOf } from './json-source.ts'
import { readPython } from './python-source.ts'
import { sentencesOf } from './report.ts'

interface ImportRequest {
  readonly apply: boolean
  readonly map?: string
}

/** Takes over the users and roles of another system, or says what it would take over. */
export async function importFrom(source: string, { apply, map }: ImportRequest): Promise<void> {
  const project = findProject()
  // Read from where the command was given, before anything goes to the app's folder.
  const permissions = map === undefined ? {} : namesIn(map)
  const snapshot = source.endsWith('.json') ? snapshotOf(parsed(source), source) : await readPython(source)
  const report = await withDatabase(project, async () => {
    const accounts = await exported(project, 'src/platform.ts', 'accounts', isAccounts)
    return accounts.importAccounts(snapshot, { apply, permissions })
  })
  process.stdout.write(`${sentencesOf(report).join('\n')}\n`)
}

const isAccounts = (value: unknown): value is Accounts =>
  typeof value === 'object' && value !== null && 'importAccounts' in value

function parsed(file: string): unknown {
  if (!existsSync(file)) throw new CliFailure(`${file} is not there`)
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CliFailure(`${file} is no JSON: ${(error as Error).message}`)
  }
}

function namesIn(file: string): Record<string, string | null> {
  const names = parsed(file)
  const fits =
    typeof names === 'object' &&
    names !== null &&
    !Array.isArray(names) &&
    Object.values(names).every((value) => value === null || typeof value === 'string')
  if (!fits) throw misused(`${file}: write { "name there": "name:here" }, with null for what is left out`)
  return names as Record<string, string | null>
}
