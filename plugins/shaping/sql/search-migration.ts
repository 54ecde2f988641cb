import { getTableColumns } from 'drizzle-orm'
import type { Dialect, Field } from '#core/ports/database'
import { isDefinition, quote, quotedNameOf } from '#core/table/fields'
import { indexName } from '#core/table/index-name'
import type { Model } from '../declare/model.ts'
import { modelBehind } from '../declare/models.ts'
import type { AnyShape } from '../types.ts'
import { keyIsRowid, searchColumn, searchKeys, searchTable, searchVector } from './full-text.ts'

/** Statements that make what a search needs, and those that take it away. */
export interface SearchMigration {
  readonly up: readonly string[]
  readonly down: readonly string[]
}

const nothing: SearchMigration = { up: [], down: [] }

/**
 * The index that `q` of a list needs, as statements for a migration of its own. From `kwik/shaping`. It may run again at any
 * time, and then makes the index anew: SQLite drops triggers with a table, so it belongs behind a migration that makes the
 * table anew.
 *
 * @param shapes one list, or all lists of one table that are searched
 * @returns no statements where `scan` was declared, and for `trgm` on SQLite, which has no such index
 * @throws {TypeError} for a list without `search`, and for lists of several tables
 * @example
 * for (const statement of searchMigration(productList, database.dialect).up) await database.execute(statement)
 */
export function searchMigration(shapes: AnyShape | readonly AnyShape[], dialect: Dialect): SearchMigration {
  const models = [shapes].flat().map((shape) => modelBehind(shape as AnyShape)!)
  for (const { search, name } of models)
    if (search === undefined) throw new TypeError(`searchMigration: shape(${name}) declares no search`)
  if (new Set(models.map(({ name }) => name)).size > 1)
    throw new TypeError(`searchMigration: lists of one table, not of ${models.map(({ name }) => name).join(', ')}`)
  return migrationFor(models, dialect)
}

/** @param models of one table, each with a search */
export function migrationFor(models: readonly Model[], dialect: Dialect): SearchMigration {
  if (dialect === 'sqlite') {
    const full = models.filter(({ search }) => search!.index === 'fts')
    return full.length === 0 ? nothing : forSqlite(full[0]!, fieldsOf(full))
  }
  const each = models.map(forPostgres)
  return {
    up: [...new Set(each.flatMap(({ up }) => up))],
    down: [...new Set(each.flatMap(({ down }) => down))],
  }
}

const fieldsOf = (models: readonly Model[]): readonly Field[] => [
  ...new Set(models.flatMap(({ search }) => search!.fields)),
]

/** What GIN keeps of texts for `contains`, `starts` and `ends`. */
export function trigramIndex(model: Model, fields: readonly Field[]): { readonly name: string; readonly text: string } {
  const columns = fields.map(({ column }) => column)
  const name = indexName(model.name, [...columns, 'trgm'])
  const keys = columns.map((column) => `${quote(column)} gin_trgm_ops`).join(', ')
  return { name, text: `create index if not exists ${quote(name)} on ${quotedNameOf(model.table)} using gin (${keys})` }
}
export const trigramExtension = 'create extension if not exists pg_trgm'

function forPostgres(model: Model): SearchMigration {
  const { fields, index } = model.search!
  if (index === 'scan') return nothing
  const columns = fields.map(({ column }) => column)
  const schema = /^(".*"\.)?"/.exec(quotedNameOf(model.table))![1] ?? ''
  if (index === 'trgm') {
    const { name, text } = trigramIndex(model, fields)
    return { up: [trigramExtension, text], down: [`drop index if exists ${schema}${quote(name)}`] }
  }
  const name = quote(indexName(model.name, [...columns, 'search']))
  return {
    up: [`create index if not exists ${name} on ${quotedNameOf(model.table)} using gin (${searchVector(fields, '')})`],
    down: [`drop index if exists ${schema}${name}`],
  }
}

/**
 * An FTS5 table that keeps no texts of its own, and triggers that keep it right. Rows are taken out by their number alone
 * (`contentless_delete`), so that no old text must be known: INSERT OR REPLACE tells triggers of none.
 */
function forSqlite(model: Model, fields: readonly Field[]): SearchMigration {
  const table = quotedNameOf(model.table)
  const index = searchTable(model)
  const keys = searchKeys(model)
  const own = model.primaryKey.map(({ column }) => quote(column))
  const columns = fields.map(searchColumn).join(', ')
  const values = (row: string): string => fields.map(({ column }) => `${row}.${quote(column)}`).join(', ')
  const same = (row: string): string => own.map((key) => `${key} = ${row}.${key}`).join(' and ')
  const byRowid = keyIsRowid(model)
  const docid = (row: string): string =>
    byRowid ? `${row}.${own[0]}` : `(select docid from ${keys} where ${same(row)})`
  const down = [
    ...triggers.map((word) => `drop trigger if exists ${trigger(model, word)}`),
    `drop table if exists ${index}`,
    ...(byRowid ? [] : [`drop table if exists ${keys}`]),
  ]
  const takeOut = (row: string): string => `delete from ${index} where rowid = ${docid(row)};`
  const forget = byRowid ? '' : ` delete from ${keys} where ${same('old')};`
  const putIn = [
    ...(byRowid
      ? []
      : [
          ` insert into ${keys} (${own.join(', ')}) select ${own.map((key) => `new.${key}`).join(', ')} where not exists (select 1 from ${keys} where ${same('new')});`,
        ]),
    // A row may be replaced, and whatever conflict clause the outer statement has rules here too.
    ` ${takeOut('new')}`,
    ` insert into ${index} (rowid, ${columns}) values (${docid('new')}, ${values('new')});`,
  ].join('')
  const source = byRowid ? `${table} as t` : `${table} as t join ${keys} as k using (${own.join(', ')})`
  const watched = [...new Set([...own, ...fields.map(({ column }) => quote(column))])].join(', ')
  const body = (word: 'insert' | 'update' | 'delete', when: string, text: string): string =>
    `create trigger ${trigger(model, word)} after ${when} on ${table} begin ${text} end`
  return {
    up: [
      ...down,
      ...(byRowid ? [] : [keyTable(model, keys, own), fillKeys(table, keys, own)]),
      `create virtual table ${index} using fts5(${columns}, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0')`,
      `insert into ${index} (rowid, ${columns}) select ${byRowid ? `t.${own[0]}` : 'k.docid'}, ${values('t')} from ${source}`,
      body('insert', 'insert', putIn.trim()),
      body('update', `update of ${watched}`, `${takeOut('old')}${forget}${putIn}`),
      body('delete', 'delete', `${takeOut('old')}${forget}`),
    ],
    down,
  }
}

export const triggers = ['insert', 'update', 'delete'] as const
export const trigger = ({ name }: Model, word: (typeof triggers)[number]): string => quote(`${name}_search_${word}`)

/** Numbers that stay: those of a table without a whole number as its key do not, when it is made anew. */
function keyTable({ table, primaryKey }: Model, keys: string, own: readonly string[]): string {
  const columns = getTableColumns(isDefinition(table) ? table.for({ dialect: 'sqlite' }) : table)
  const typed = primaryKey.map(({ name }, at) => `${own[at]} ${columns[name]!.getSQLType()} not null`)
  return `create table ${keys} (docid integer primary key, ${typed.join(', ')}, unique (${own.join(', ')}))`
}

const fillKeys = (table: string, keys: string, own: readonly string[]): string =>
  `insert into ${keys} (${own.join(', ')}) select ${own.join(', ')} from ${table}`
