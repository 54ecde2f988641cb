import { currentScope } from '#core/context'
import type { Database, Values } from '#core/ports/database'
import type { CacheRules } from '../values/rules.ts'
import { queryKey, type Statement } from './query-key.ts'

/** A query of drizzle's builder, before it is awaited. */
export interface BuiltQuery<Rows> extends PromiseLike<Rows> {
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] }
}

/** SQL as `database.values()` takes it. */
export interface TextQuery {
  readonly text: string
  readonly parameters?: readonly unknown[]
}

/** How the rows of a query are kept. */
export interface QueryRules extends CacheRules {
  /** What ends them: `posts` for whatever depends on any row of a table, `posts:42` for one row. Resources end both when they write. */
  readonly tags: readonly string[]
  /**
   * What else the rows depend on, beside the parameters and the tenant of the request: they are kept apart by it. `false`
   * says that they are the same in every tenant.
   * @default the tenant
   */
  readonly scope?: string | false
}

/** Where values are kept: the cache. */
interface Keep {
  getOrSet<T>(key: string, load: () => Promise<T>, rules: CacheRules): Promise<T>
}

/**
 * Rows of a query that is run only where they are not kept. Inside a transaction of the database it always runs, as `cache`
 * itself sees to: there rows may be ones that nobody else sees, and what a policy or a `search_path` shows is said there.
 *
 * @throws {TypeError} for a statement that may write, and for a parameter that cannot stand in a key
 */
export async function cachedQuery<Rows>(
  cache: Keep,
  database: Database,
  query: BuiltQuery<Rows> | TextQuery,
  { scope, ...rules }: QueryRules,
): Promise<Rows | Values[]> {
  const statement = statementOf(query)
  if (!isRead(statement.text)) throw new TypeError('cache.query: only what reads is kept, and this may write')
  const run = async (): Promise<Rows | Values[]> =>
    isBuilt(query) ? query : database.values(statement.text, statement.parameters)
  return cache.getOrSet(queryKey(statement, database.dialect, scopeOf(scope)), run, rules)
}

const isBuilt = <Rows>(query: BuiltQuery<Rows> | TextQuery): query is BuiltQuery<Rows> => 'toSQL' in query

function statementOf(query: BuiltQuery<unknown> | TextQuery): Statement {
  if (!isBuilt(query)) return { text: query.text, parameters: query.parameters ?? [] }
  const { sql, params } = query.toSQL()
  return { text: sql, parameters: params }
}

function scopeOf(scope: QueryRules['scope']): readonly string[] {
  if (scope === false) return []
  const tenant = currentScope()?.tenant
  return [tenant === undefined ? '' : `tenant ${tenant}`, scope ?? '']
}

/** Whether a statement surely writes nothing, and locks nothing. */
const isRead = (text: string): boolean =>
  /^\s*(?:select|values|with)\b/i.test(text) &&
  !/\b(?:insert|update|delete|merge|into)\b|\bfor\s+(?:no\s+key\s+|key\s+)?(?:share)\b/i.test(bare(text))

/** Without what stands in quotes: a column may be called "update". */
const bare = (text: string): string => text.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '')
