import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { nearest } from '#core/internal/spelling'
import { misused } from '../failure.ts'
import type { FieldSpec } from '../fields/field.ts'
import type { Project } from '../project.ts'
import { textOf } from './plan.ts'
import { plural } from './plural.ts'

/** What every app has beside its resources. */
const builtIn = ['users'] as const

/**
 * The fields with each `ref` pointing at a table that is there: an app's own, the accounts', or the resource itself.
 *
 * @param own table of the resource that is being written
 * @throws {CliFailure} with exit code 2, naming the tables there are
 */
export async function resolveRefs(project: Project, fields: readonly FieldSpec[], own: string): Promise<FieldSpec[]> {
  if (!fields.some(({ type }) => type === 'ref')) return [...fields]
  const known = [...builtIn, ...(await tablesOf(project)), own]
  const wrong: string[] = []
  const resolved = fields.map((field) => {
    if (field.target === undefined) return field
    const wanted = field.target.toLowerCase()
    const target = known.find((table) => table === wanted || table === plural(wanted).replaceAll('-', '_'))
    if (target === undefined) wrong.push(noSuchTable(field.name.replace(/Id$/, ''), field.target, known))
    if (target === own && !field.optional)
      wrong.push(
        `${field.name.replace(/Id$/, '')}:ref:${field.target}! can never be given to the first row: leave out the !`,
      )
    return { ...field, ...(target !== undefined && { target }) }
  })
  if (wrong.length > 0) throw misused(wrong.join('\n'))
  return resolved
}

function noSuchTable(name: string, target: string, known: readonly string[]): string {
  const close = nearest(target, known)
  return `${name}:ref:${target} — no resource "${target}"; have: ${[...new Set(known)].join(', ')}. ${close === undefined ? 'Generate it first' : `Did you mean ${close}?`}`
}

async function tablesOf(project: Project): Promise<string[]> {
  const folder = project.path('src/resources')
  if (!existsSync(folder)) return []
  const names: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const text = (await textOf(project.path('src/resources', entry.name, 'model.ts'))) ?? ''
    names.push(...[...text.matchAll(/defineTable\(\s*['"]([a-z0-9_]+)['"]/g)].map(([, name]) => name!))
  }
  return names
}
