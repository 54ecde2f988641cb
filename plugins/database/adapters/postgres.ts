import { LRUCache } from 'lru-cache'
import type { Client, Pool, PoolClient } from 'pg'
import type { Values } from '#core/ports/database'

export interface PostgresOptions {
  readonly url: string
  /** Connections of the pool. */
  readonly poolSize: number
  /** Milliseconds to wait for a connection. */
  readonly connectTimeout: number
}

/** Names of prepared statements by their text. A name is never given twice: connections remember it. */
export interface Statements {
  readonly names: Map<string, string>
  given: number
  /** How often a text came that has no name yet. */
  readonly seen: LRUCache<string, number>
}
export const noStatements = (): Statements => ({ names: new Map(), given: 0, seen: new LRUCache({ max: 2000 }) })

/** PostgreSQL keeps a prepared statement on every connection until it is closed: what comes after these is not kept. */
const preparedStatements = 500
/** A text has a name from this use on: what clients ask once, with filters of their own, takes none of the names. */
const usesBeforeName = 3

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
    keepAlive: true,
    types: types as never,
  })
  // The pool drops a connection that broke while it was idle and opens another one.
  pool.on('error', () => {})
  return pool
}

/** One connection beside the pool. */
export async function connectClient({ url, connectTimeout }: PostgresOptions): Promise<Client> {
  const { Client } = await load()
  const client = new Client({
    connectionString: withSettings(url),
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
  })
  // Whoever uses it hears of its end; without a listener here an error would end the process.
  client.on('error', () => {})
  await client.connect()
  return client
}

async function load(): Promise<Pick<typeof import('pg'), 'Client' | 'Pool'>> {
  try {
    const pg = await import('pg')
    return pg.default ?? pg
  } catch (cause) {
    throw new Error('PostgreSQL needs the package pg: bun add pg', { cause })
  }
}

/** Dates come as ISO 8601 in UTC and floats with all their digits, on every connection, whatever database and role say. */
function withSettings(url: string): string {
  const at = new URL(url)
  const given = at.searchParams.get('options')
  at.searchParams.set(
    'options',
    `${given ? `${given} ` : ''}-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c extra_float_digits=1`,
  )
  at.search = at.search.replaceAll('+', '%20')
  return at.href
}

interface Outcome {
  readonly rows: Values[]
  readonly changes: number
  /** The tag of the answer: `INSERT`, `COMMIT`. */
  readonly command: string
}

export async function runOn(
  runner: Pool | PoolClient,
  statements: Statements,
  text: string,
  parameters: readonly unknown[],
): Promise<Outcome> {
  const name = parameters.length > 0 ? nameOf(statements, text) : undefined
  try {
    const result = await runner.query({
      text,
      rowMode: 'array',
      ...(parameters.length > 0 && { values: parameters as unknown[] }),
      ...(name !== undefined && { name }),
    })
    // Several statements in one text answer several results.
    const last = Array.isArray(result) ? result.at(-1)! : result
    return { rows: last.rows as Values[], changes: last.rowCount ?? 0, command: last.command }
  } catch (error) {
    if (isStale(error)) statements.names.delete(text)
    throw error
  }
}

function nameOf(statements: Statements, text: string): string | undefined {
  const known = statements.names.get(text)
  if (known !== undefined || statements.given === preparedStatements) return known
  const uses = (statements.seen.get(text) ?? 0) + 1
  statements.seen.set(text, uses)
  if (uses < usesBeforeName) return undefined
  statements.seen.delete(text)
  const name = `kwik_${statements.given++}`
  statements.names.set(text, name)
  return name
}

/** A plan that was made before its table changed. */
export const isStale = (error: unknown): boolean => (error as { routine?: string }).routine === 'RevalidateCachedQuery'
