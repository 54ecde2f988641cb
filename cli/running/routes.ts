import { Elysia } from 'elysia'
import { boot } from '#core/boot'
import { exported, findProject } from '../project.ts'

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
  const app = await exported(findProject(), 'src/app.ts', 'app', (value) => value instanceof Elysia)
  await app.modules
  const rows = boot(app)
    .facts.map(({ method, path, said, options, schema }): Listed => {
      const summary = (schema['detail'] as { summary?: string } | undefined)?.summary
      return { method, path, who: whoMay(said['permission'] ?? [], options), ...(summary !== undefined && { summary }) }
    })
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1))
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows))
}

function whoMay(permissions: readonly unknown[], options: Readonly<Record<string, unknown>>): string {
  const words = permissions.flatMap((one) => (one === undefined || one === false ? [] : [inWords(one)]))
  if (words.length > 0) return words.join(' and ')
  if (options['public'] === true) return 'anyone'
  return options['auth'] === undefined || options['auth'] === false ? 'undeclared' : 'signed in'
}

function inWords(requirement: unknown): string {
  if (typeof requirement === 'string') return requirement
  const { any, all } = requirement as { any?: readonly string[]; all?: readonly string[] }
  return any ? any.join(' or ') : (all ?? []).join(' and ')
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
