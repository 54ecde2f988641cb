import type { App } from '#core/boot'
import type { Database } from '#core/ports/database'
import { nameOf } from '#core/table/fields'
import {
  type AnyShape,
  checkIndexes,
  type ExportOnly,
  type FilterOnly,
  type IndexReport,
} from '../../plugins/shaping/index.ts'
import type { Checked } from './check.ts'

/** A list of the app, and the routes that take it. */
interface ListOfApp {
  readonly table: string
  readonly routes: readonly string[]
}

/** Which indexes the lists of the app lack. */
export async function checkListIndexes(app: App, database: Database): Promise<Checked> {
  const taken = new Map<AnyShape | FilterOnly | ExportOnly, string[]>()
  for (const { method, path, options } of app.facts) {
    const list = options['shape'] as AnyShape | FilterOnly | ExportOnly | undefined | false
    if (!list) continue
    const routes = taken.get(list)
    if (routes) routes.push(`${method} ${path}`)
    else taken.set(list, [`${method} ${path}`])
  }
  const { dialect } = database
  const report = await checkIndexes([...taken.keys()], database)
  const { tables, ...told } = report
  const lists = [...taken]
    .map(([list, routes]): ListOfApp => ({ table: tableOf(list), routes }))
    .filter(({ table }) => tables.includes(table))
  const isMissing = report.findings.some(({ kind }) => kind === 'missing')
  return {
    report: { database: dialect, lists, ...told },
    words: inWords(dialect, lists, told),
    isWrong: isMissing,
  }
}

function tableOf(list: AnyShape | FilterOnly | ExportOnly): string {
  const { filterOnly, exportOnly } = 'hook' in list ? {} : (list as Partial<FilterOnly & ExportOnly>)
  return nameOf((filterOnly ?? exportOnly ?? (list as AnyShape)).table)
}

function inWords(
  dialect: string,
  lists: readonly ListOfApp[],
  { findings, indexes }: Omit<IndexReport, 'tables'>,
): string {
  const lines = lists.map(({ table, routes }) => `checked  ${table} on ${dialect}: ${routes.join(', ')}`)
  for (const kind of ['missing', 'scan'] as const)
    for (const { table, words, why, index } of findings.filter((one) => one.kind === kind))
      lines.push(`${kind.padEnd(7)}  ${table}: ${words.join(' ')}`, `         ${why}${index ? ` -> ${index}` : ''}`)
  const define = indexes.filter((index) => index.define !== undefined)
  if (define.length > 0)
    lines.push(
      '',
      'For defineTable, before kwik db make and kwik db migrate:',
      ...define.map((index) => `  ${index.table}: ${index.define}`),
      '',
      'The same as SQL:',
      ...define.flatMap(({ statements }) => statements.map((one) => `  ${one};`)),
    )
  const alone = indexes.filter((index) => index.define === undefined)
  if (alone.length > 0)
    lines.push(
      '',
      'What defineTable cannot say, to be pasted into a migration of your own (kwik db make --custom):',
      [...new Set(alone.flatMap(({ statements }) => statements))]
        .map((one) => `  ${one};`)
        .join('\n  --> statement-breakpoint\n'),
    )
  if (lists.length === 0) lines.push('no route takes a list')
  else if (findings.every(({ kind }) => kind !== 'missing')) lines.push('no index is missing')
  return lines.map((line) => `${line}\n`).join('')
}
