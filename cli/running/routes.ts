import { declaredAccess, whoMay } from '#core/declared-access'
import { findProject } from '../project.ts'
import { bootedApp } from './app.ts'

/** A route as it is listed. */
interface Listed {
  readonly method: string
  readonly path: string
  /** `anyone`, `signed in`, or the permissions that it takes. */
  readonly who: string
  readonly summary?: string
}

/** Lists the routes of the app, its plugins' own among them. */
export async function listRoutes(json: boolean): Promise<void> {
  const { facts } = await bootedApp(findProject())
  const rows = facts
    .map(({ method, path, said, options, schema }): Listed => {
      const who = whoMay(declaredAccess({ said, options }))
      const summary = (schema['detail'] as { summary?: string } | undefined)?.summary
      return { method, path, who, ...(summary !== undefined && { summary }) }
    })
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1))
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows))
}

function table(rows: readonly Listed[]): string {
  const width = (key: 'method' | 'path' | 'who'): number => Math.max(0, ...rows.map((row) => row[key].length))
  const [method, path, who] = [width('method'), width('path'), width('who')]
  return rows
    .map((row) =>
      `${row.method.padEnd(method)}  ${row.path.padEnd(path)}  ${row.who.padEnd(who)}  ${row.summary ?? ''}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}
