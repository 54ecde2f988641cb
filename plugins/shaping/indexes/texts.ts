import type { Database } from '#core/ports/database'
import { quote, quotedNameOf } from '#core/table/fields'
import { indexName } from '#core/table/index-name'
import type { Model } from '../declare/model.ts'
import { searchesText } from '../declare/operators.ts'
import { keyIsRowid, searchColumn, searchKeys, searchTable } from '../sql/full-text.ts'
import { migrationFor, trigger, triggers, trigramExtension, trigramIndex } from '../sql/search-migration.ts'
import { type Probe, ruleOf, selected } from './probes.ts'
import type { IndexFinding, MissingIndex } from './report.ts'
import { keyOf } from './wanted.ts'

/** A finding that needs no plan, or one that a plan has to confirm. */
export interface TextNeed {
  readonly word: string
  readonly kind: IndexFinding['kind']
  readonly why: string
  readonly index?: MissingIndex
  /** Holds only where this is not served. */
  readonly unless?: Probe
}

const declared = 'every row is read, as declared'
const noTrigrams = 'every row is read: SQLite has no trigram index'

/** What filters that look into texts need: `contains`, `starts`, `ends`. */
export function textNeeds(database: Database, model: Model): TextNeed[] {
  const isPostgres = database.dialect === 'postgresql'
  return [...new Set(model.filters.values())].flatMap((parameter): TextNeed[] => {
    const { operator, name: word, field, path } = parameter
    if (!searchesText(operator)) return []
    if (path !== undefined)
      return [{ word, kind: 'scan', why: 'every row is read: no index has parts of the texts in a JSON value' }]
    const rule = ruleOf(model, parameter)
    if (rule === 'scan') return [{ word, kind: 'scan', why: declared }]
    const { name, text } = trigramIndex(model, [field])
    const index: MissingIndex = { table: model.name, name, statements: [trigramExtension, text] }
    const say = `filter: { ${field.name}: { index: '${isPostgres ? 'trgm' : 'scan'}', ... } }`
    if (rule === undefined) {
      const why = isPostgres
        ? `parts of texts need an index: declare ${say}, or 'scan' to have every row read`
        : `parts of texts need every row read: declare ${say}; SQLite has no trigram index`
      return [{ word, kind: 'missing', why, ...(isPostgres && { index }) }]
    }
    if (!isPostgres) return [{ word, kind: 'scan', why: noTrigrams }]
    const unless = wordsProbe(model, `${encodeURIComponent(word)}=words`, [keyOf(field)])
    return [{ word, kind: 'missing', why: 'no trigram index', index, unless }]
  })
}

const wordsProbe = (model: Model, query: string, bound: Probe['bound']): Probe => ({
  word: query,
  model,
  mode: 'words',
  selection: { conditions: selected(model, query)?.conditions ?? [], sort: [] },
  bound,
  why: '',
})

/** What `q` needs. @param together all lists of the table that are searched */
export async function searchNeeds(database: Database, model: Model, together: readonly Model[]): Promise<TextNeed[]> {
  const { search } = model
  if (search === undefined) return []
  const { fields, index } = search
  if (index === 'scan') return [{ word: 'q', kind: 'scan', why: declared }]
  const isPostgres = database.dialect === 'postgresql'
  if (index === 'trgm' && !isPostgres) return [{ word: 'q', kind: 'scan', why: noTrigrams }]
  const { up } = migrationFor(isPostgres ? [model] : together, database.dialect)
  if (!isPostgres) {
    if (await isPrepared(database, model)) return []
    const made: MissingIndex = { table: model.name, name: `${model.name}_search`, statements: up }
    return [
      { word: 'q', kind: 'missing', why: 'the index of words, or what keeps it right, is not there', index: made },
    ]
  }
  const columns = fields.map(({ column }) => column)
  const name = indexName(model.name, [...columns, index === 'trgm' ? 'trgm' : 'search'])
  const key = index === 'trgm' ? keyOf(fields[0]!) : { ...keyOf(fields[0]!), inPlan: 'to_tsvector' }
  const why = index === 'trgm' ? 'no trigram index' : 'no index of words'
  const made: MissingIndex = { table: model.name, name, statements: up }
  return [{ word: 'q', kind: 'missing', why, index: made, unless: wordsProbe(model, 'q=words', [key]) }]
}

/** Whether SQLite has the table of words, with this list's fields, and the triggers that keep it right. */
async function isPrepared(database: Database, model: Model): Promise<boolean> {
  const rows = await database.values('select name, sql from sqlite_master')
  const all = new Map(rows.map(([name, sql]) => [quote(String(name)), String(sql)]))
  const names = [searchTable(model), ...triggers.map((word) => trigger(model, word))]
  const columns = model.search!.fields.map(searchColumn)
  const written = [searchTable(model), trigger(model, 'insert'), trigger(model, 'update')]
  return (
    names.every((name) => all.has(name)) &&
    (keyIsRowid(model) || all.has(searchKeys(model))) &&
    written.every((name) => columns.every((column) => all.get(name)!.includes(column)))
  )
}

/** What knows which items are in the lists of a field. */
export function itemsIndex(model: Model, column: string): MissingIndex {
  const name = indexName(model.name, [column, 'items'])
  const text = `create index ${quote(name)} on ${quotedNameOf(model.table)} using gin (${quote(column)} jsonb_path_ops)`
  return { table: model.name, name, statements: [text] }
}
