import { LRUCache } from 'lru-cache'

/** What may be said of a statement wherever it is read: no value is in it. */
export interface Statement {
  /** `SELECT`, `INSERT`. */
  readonly operation: string
  /** The table that it is about, where that is plain. */
  readonly table: string | undefined
  /** `SELECT products`: few for one app, so it may name a span. */
  readonly summary: string
  /** Its text, every literal of it a question mark. */
  readonly text: string
}

/** Characters of a text that are shown. */
const longest = 2000
const known = new LRUCache<string, Statement>({ max: 1000 })

/** Texts, numbers and quoted bodies of PostgreSQL; comments may hold anything. Names in double quotes and $1 stay. */
const literals =
  /'(?:[^']|'')*'|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|("(?:[^"]|"")*"|[A-Za-z_$][\w$]*)|\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi

/** Describes a statement; the same text is read once. */
export function statementOf(sql: string): Statement {
  const before = known.get(sql)
  if (before !== undefined) return before
  const made = describe(sql)
  known.set(sql, made)
  return made
}

function describe(sql: string): Statement {
  const whole = sql
    .slice(0, 4 * longest)
    .replaceAll(literals, (found, _tag, name) => (name !== undefined ? found : /^(--|\/\*)/.test(found) ? ' ' : '?'))
    .replaceAll(/\s+/g, ' ')
    .trim()
  const operation = operationOf(whole)
  const table =
    /\b(?:from|into|update|join|table)\s+(?:only\s+|if (?:not )?exists\s+)?((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)/i
      .exec(whole)?.[1]
      ?.replaceAll('"', '')
  return {
    operation,
    table,
    summary: table === undefined ? operation : `${operation} ${table}`,
    text: whole.length > longest ? `${whole.slice(0, longest)}… (${sql.length} characters)` : whole,
  }
}

/** First word of a statement; of `with`, the word that writes, else what it reads with. */
function operationOf(text: string): string {
  const first = /^\W*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? ''
  return first === 'WITH' ? (/\b(insert|update|delete)\b/i.exec(text)?.[1]?.toUpperCase() ?? 'SELECT') : first
}
