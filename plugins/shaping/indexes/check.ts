import type { Database, Dialect } from '#core/ports/database'
import type { Model } from '../declare/model.ts'
import { modelBehind } from '../declare/models.ts'
import { rowsBehind } from '../memory/table.ts'
import type { Asked } from '../query/asked.ts'
import { type Read, targetsOf, wordsOf } from '../query/reading.ts'
import { compilerOf } from '../sql/compilers.ts'
import { frameOf, rendered } from '../sql/frame.ts'
import { Frames } from '../sql/frames.ts'
import { type Ready, RowReader } from '../sql/row-reader.ts'
import type { AnyShape, ExportOnly, FilterOnly } from '../types.ts'
import { type Plan, plansOf } from './plan.ts'
import { indexesOf, type Present } from './present.ts'
import {
  filterProbes,
  filtersWithoutIndex,
  orderProbes,
  ordersOverRelations,
  type Probe,
  relationProbes,
  selected,
} from './probes.ts'
import type { IndexFinding, IndexReport, MissingIndex } from './report.ts'
import { scopeFor } from './samples.ts'
import { itemsIndex, searchNeeds, textNeeds } from './texts.ts'
import { merged, serves, type Wanted } from './wanted.ts'

/**
 * Looks whether the database has an index for everything that a list offers: its orders, its filters, its relations, its
 * search. It only plans statements: none runs, nothing is changed. From `kwik/shaping`.
 *
 * @param shapes lists of any tables, or what a route of `filterOnly` or of an export takes; indexes that serve several are told once
 * @throws {TypeError} for a plain table of the other database
 * @example
 * const { indexes } = await checkIndexes(productList, database)
 * expect(indexes).toEqual([])
 */
export async function checkIndexes(shapes: Given | readonly Given[], database: Database): Promise<IndexReport> {
  const found: Found[] = []
  const present = new Map<Model, Present[]>()
  const given = modelsOf((Array.isArray(shapes) ? shapes : [shapes]) as readonly Given[])
  const searched = [...given.keys()].filter(({ search }) => search !== undefined)
  for (const [model, isList] of given) {
    if (model.dialect !== undefined && model.dialect !== database.dialect)
      throw new TypeError(`shape(${model.name}): a ${model.dialect} table cannot be read from ${database.dialect}`)
    found.push(...(await findingsOf(database, model, isList, present)))
    // SQLite has one table of words for all lists of a table.
    const together = searched.filter(({ name }) => name === model.name)
    for (const { unless, ...need } of [
      ...textNeeds(database, model),
      ...(await searchNeeds(database, model, together)),
    ])
      if (unless === undefined || !(await isServed(database, unless, present)))
        found.push({ ...need, table: model.name })
  }
  return { tables: [...new Set([...given.keys()].map(({ name }) => name))], ...reported(found) }
}

type Given = AnyShape | FilterOnly | ExportOnly

/** What is looked at, and whether its rows are read in their order; rows in memory need no index. */
function modelsOf(given: readonly Given[]): Map<Model, boolean> {
  const models = new Map<Model, boolean>()
  for (const one of given) {
    const { filterOnly, exportOnly } = 'hook' in one ? {} : (one as Partial<FilterOnly & ExportOnly>)
    const model = modelBehind(filterOnly ?? exportOnly ?? (one as AnyShape))
    if (!model) throw new TypeError('checkIndexes takes what shape() made')
    if (rowsBehind(model.table) === undefined) models.set(model, models.get(model) === true || filterOnly === undefined)
  }
  return models
}

/** A finding whose index is not made yet. */
interface Found extends Pick<IndexFinding, 'kind' | 'why'> {
  readonly word: string
  readonly table: string
  readonly wanted?: Wanted
  readonly index?: MissingIndex
}

async function findingsOf(
  database: Database,
  model: Model,
  isList: boolean,
  present: Map<Model, Present[]>,
): Promise<Found[]> {
  const { dialect } = database
  const found: Found[] = []
  const probes = [
    ...(isList ? orderProbes(dialect, model) : []),
    ...filterProbes(dialect, model, isList),
    ...relationProbes(model).filter(({ word }) => isList || !word.startsWith('expand=')),
  ]
  for (const probe of probes) {
    const { word, why, wanted } = probe
    const table = probe.model.name
    if (probe.mode === 'words' && dialect === 'sqlite')
      found.push({ word, table, kind: 'scan', why: 'every row is read: SQLite has no index of what is in lists' })
    else if (!(await isServed(database, probe, present)))
      found.push({
        word,
        table,
        kind: 'missing',
        why,
        ...(wanted ? { wanted } : { index: itemsIndex(model, probe.bound[0]!.column!) }),
      })
  }
  for (const word of filtersWithoutIndex(model))
    found.push({ word, table: model.name, kind: 'scan', why: 'it has no index of its own, as declared' })
  if (isList)
    for (const word of ordersOverRelations(model))
      found.push({
        word,
        table: model.name,
        kind: 'scan',
        why: 'all rows are sorted: no index has an order over a relation',
      })
  return found
}

async function isServed(database: Database, probe: Probe, present: Map<Model, Present[]>): Promise<boolean> {
  const { model, wanted, mode } = probe
  if (!present.has(model)) present.set(model, await indexesOf(database, model))
  const there = present.get(model)!
  // Which of two indexes finds the one row, the database chooses by what it knows of their sizes.
  if (probe.mode === 'alone' && probe.bound.some(({ field, column }) => isKey(model, field) && begins(there, column)))
    return true
  const plans = await plansOf(database, model.name, mode, statementsOf(database, probe))
  return (
    plans.every((plan) => isGood(plan, probe, there)) ||
    // Of a table with few rows, or with few values, the database may think that its index is not worth it.
    (wanted !== undefined && there.some((index) => index.whole && serves(index, wanted)))
  )
}

const isKey = ({ all, primaryKey }: Model, name: string): boolean =>
  Boolean(all[name]?.unique || (all[name]?.primaryKey && primaryKey.length === 1))
const begins = (there: readonly Present[], column: string | undefined): boolean =>
  column !== undefined && there.some(({ keys }) => keys[0]?.column === column)

function statementsOf(database: Database, { model, mode, selection, after }: Probe): Ready[] {
  const { dialect } = database
  const asked: Asked = { ...selected(model, '')!, ...selection, fields: model.primaryKey }
  const read: Read = { asked, identity: '', words: wordsOf(asked), targets: targetsOf(asked) }
  const compiler = compilerOf(dialect, model)
  const frames = new Frames(frameFor(dialect, model), (other) => frameFor(dialect, other))
  const reader = new RowReader(database, compiler, read, frames)
  if (mode === 'ordered') return reader.statements(compiler.layout(read), after && [...after])
  return [reader.ready(compiler.count(read, frames, asked.limit + 1))]
}

const frameFor = (dialect: Dialect, model: Model): ReturnType<typeof rendered> =>
  rendered(compilerOf(dialect, model), frameOf(model, [scopeFor(model)], 'hidden'))

function isGood({ sorts, uses }: Plan, probe: Probe, present: readonly Present[]): boolean {
  if (probe.mode === 'ordered' && sorts !== 'no') {
    const lead = probe.selection.sort[0]!.field
    const isUnique = lead.unique || (lead.primaryKey && probe.model.primaryKey.length === 1)
    if (sorts === 'all' || !isUnique) return false
  }
  if (probe.bound.length === 0) return true
  const names = (condition: string, name: string): boolean =>
    name.startsWith('<') || name.startsWith("'")
      ? condition.includes(name)
      : new RegExp(`\\b${name}\\b`).test(condition)
  return uses.some(({ index, condition }) => {
    // SQLite's rowid is the key itself.
    if (index === undefined)
      return condition !== '' && probe.bound.every(({ field }) => probe.model.all[field]!.primaryKey)
    if (!probe.bound.every((key) => names(condition, key.inPlan))) return false
    // A key behind the first, without the first, means that the whole index is read.
    const lead = present.find((one) => one.name === index)?.keys[0]?.column
    return probe.mode === 'words' || lead === undefined || (names(condition, lead) && !condition.startsWith('ANY('))
  })
}

/** Puts together what one index would serve. */
function reported(found: readonly Found[]): Omit<IndexReport, 'tables'> {
  const proposals = merged(found.flatMap(({ wanted }) => wanted ?? []))
  const indexes = new Map<string, MissingIndex>()
  const findings = new Map<string, IndexFinding & { words: string[] }>()
  for (const { word, table, kind, why, wanted, index } of found) {
    const proposed = wanted && proposals.get(wanted)
    const missing: MissingIndex | undefined = proposed
      ? {
          table,
          name: proposed.name,
          statements: [proposed.statement],
          ...(proposed.define !== undefined && { define: proposed.define }),
        }
      : index
    if (missing) indexes.set(missing.name, missing)
    const key = JSON.stringify([table, kind, why, missing?.name])
    const known = findings.get(key)
    if (known === undefined)
      findings.set(key, { words: [word], table, kind, why, ...(missing && { index: missing.name }) })
    else if (!known.words.includes(word)) known.words.push(word)
  }
  return { findings: [...findings.values()], indexes: [...indexes.values()] }
}
