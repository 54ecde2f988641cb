import { Elysia } from 'elysia'
import { boot } from '#core/boot'
import { nameOf } from '#core/table/fields'
import {
  type AnyShape,
  checkIndexes,
  type ExportOnly,
  type FilterOnly,
  type IndexReport,
} from '../../plugins/shaping/index.ts'
import { withDatabase } from '../database/connection.ts'
import { exported, findProject } from '../project.ts'

/** A list of the app, and the routes that take it. */
interface ListOfApp {
  readonly table: string
  readonly routes: readonly string[]
}

/** Prints which indexes the lists of the app lack; exit code 1 when some are missing. */
export async function checkListIndexes(json: boolean): Promise<void> {
  const project = findProject()
  const app = await exported(project, 'src/app.ts', 'app', (value) => value instanceof Elysia)
  await app.modules
  const taken = new Map<AnyShape | FilterOnly | ExportOnly, string[]>()
  for (const { method, path, options } of boot(app).facts) {
    const list = options['shape'] as AnyShape | FilterOnly | ExportOnly | undefined | false
    if (!list) continue
    const routes = taken.get(list)
    if (routes) routes.push(`${method} ${path}`)
    else taken.set(list, [`${method} ${path}`])
  }
  const { dialect, report } = await withDatabase(project, async (database) => ({
    dialect: database.dialect,
    report: await checkIndexes([...taken.keys()], database),
  }))
  const { tables, ...told } = report
  const lists = [...taken]
    .map(([list, routes]): ListOfApp => ({ table: tableOf(list), routes }))
    .filter(({ table }) => tables.includes(table))
  const isMissing = report.findings.some(({ kind }) => kind === 'missing')
  process.stdout.write(
    json ? `${JSON.stringify({ database: dialect, lists, ...told }, null, 2)}\n` : inWords(dialect, lists, told),
  )
  if (isMissing) process.exitCode = 1
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
