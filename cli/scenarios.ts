import { existsSync, readdirSync } from 'node:fs'
import { nearest } from '#core/internal/spelling'
import { misused } from './failure.ts'
import type { Project } from './project.ts'

/**
 * The file of a scenario.
 *
 * @throws {CliFailure} with exit code 2, naming those there are
 */
export function scenarioFile(project: Project, name: string): string {
  const folder = project.path('src/scenarios')
  const known = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
        .map((file) => file.slice(0, -3))
        .sort()
    : []
  if (known.includes(name)) return project.path('src/scenarios', `${name}.ts`)
  const close = nearest(name, known)
  if (close !== undefined) throw misused(`no scenario "${name}" — did you mean ${close}?`)
  throw misused(`no scenario "${name}" in src/scenarios; there are: ${known.join(', ') || 'none'}`)
}
