import type { Pool, PoolClient } from 'pg'
import type { Values } from '#core/ports/database'

export interface PostgresOptions {
  readonly url: string
  /** Connections of the pool. */
  readonly poolSize: number
  /** Milliseconds to wait for a connection. */
  readonly connectTimeout: number
}

/** Names of prepared statements by their text. */
export type Statements = Map<string, string>

/** PostgreSQL keeps a prepared statement on every connection until it is closed: what comes after these is not kept. */
const preparedStatements = 500

/** int2, int4, oid, float4, float8 */
const numbers: ReadonlySet<number> = new Set([21, 23, 26, 700, 701])
const bool = 16

/** Numbers that fit are numbers, booleans booleans; everything else is text, as PostgreSQL prints it. */
const types = {
  getTypeParser: (type: number) => {
    if (numbers.has(type)) return Number
    return type === bool ? (value: string) => value === 't' : (value: string) => value
  },
}

/** A pool of `pg`, which opens connections when they are needed. */
export async function connectPool({ url, poolSize, connectTimeout }: PostgresOptions): Promise<Pool> {
  const { Pool } = await load()
  const pool = new Pool({
    connectionString: withSettings(url),
    max: poolSize,
    connectionTimeoutMillis: connectTimeout,
    types: types as never,
  })
  // The pool drops a connection that broke while it was idle and opens another one.
  pool.on('error', () => {})
  return pool
}

async function load(): Promise<Pick<typeof import('pg'), 'Pool'>> {
  try {
    const pg = await import('pg')
    return pg.default ?? pg
  } catch (cause) {
    throw new Error('PostgreSQL needs the package pg: bun add pg', { cause })
  }
}

/** Dates come as ISO 8601 in UTC, on every connection. */
function withSettings(url: string): string {
  const at = new URL(url)
  const given = at.searchParams.get('options')
  at.searchParams.set(
    'options',
    `${given ? `${given} ` : ''}-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601`,
  )
  return at.href.replaceAll('+', '%20')
}

export async function runOn(
  runner: Pool | PoolClient,
  statements: Statements,
  text: string,
  parameters: readonly unknown[],
): Promise<{ rows: Values[]; changes: number; command: string }> {
  let name = statements.get(text)
  if (name === undefined && statements.size < preparedStatements && parameters.length > 0) {
    name = `kwik_${statements.size}`
    statements.set(text, name)
  }
  const result = await runner.query({
    text,
    rowMode: 'array',
    ...(parameters.length > 0 && { values: parameters as unknown[] }),
    ...(name !== undefined && { name }),
  })
  // Several statements in one text answer several results.
  const last = Array.isArray(result) ? result.at(-1)! : result
  return { rows: last.rows as Values[], changes: last.rowCount ?? 0, command: last.command }
}
