import type { Table } from 'drizzle-orm'
import { didYouMean } from '#core/internal/spelling'
import type { Database, Field } from '#core/ports/database'
import { type Factory, requiredReferences } from './factory.ts'
import type { Factories, ScenarioUser } from './scenario.types.ts'

type Row = Record<string, unknown>

/** The rows of a scenario that is being made. */
export interface Made {
  add(name: string, count: number, values: object, traits: readonly string[]): Promise<void>
  all(): Readonly<Record<string, readonly Row[]>>
}

/** Rows in one statement: PostgreSQL takes 65,535 parameters. */
const batch = 500

export function madeRows(
  database: Database,
  factories: Factories,
  seed: string,
  userFor: (seq: number) => Promise<ScenarioUser>,
): Made {
  const made = new Map<string, Row[]>()
  const seqs = new Map<string, number>()
  const rowsOf = (name: string): Row[] => made.get(name) ?? []

  /** The row that a reference points at: one of the scenario, or one made for it. */
  async function parentOf(field: Field, seq: number, path: readonly string[]): Promise<unknown> {
    const target = field.references
    const [name] = Object.entries(factories).find(([, { table }]) => table.name === target?.table) ?? []
    if (target?.table === 'users' && !name) return (await userFor(seq)).id
    if (!target || !name)
      throw new TypeError(
        `Scenario: ${path.at(-1)}.${field.name} needs a row of ${target?.table}: give scenarios() a factory for it, or the value`,
      )
    if (path.includes(name)) throw new TypeError(`Scenario: factories need each other: ${[...path, name].join(' -> ')}`)
    if (rowsOf(name).length === 0) await insert(name, 1, {}, [], path)
    const parents = rowsOf(name)
    return parents[seq % parents.length]![target.field]
  }

  async function insert(
    name: string,
    count: number,
    values: object,
    traits: readonly string[],
    path: readonly string[] = [],
  ): Promise<void> {
    const { table, attributes, traits: known } = factories[name] as Factory<Row, Row, string>
    const unknown = traits.find((trait) => !(trait in known))
    if (unknown !== undefined)
      throw new TypeError(`Scenario: ${name} has no trait "${unknown}"${didYouMean(unknown, Object.keys(known))}`)
    const chosen = Object.assign({}, ...traits.map((trait) => known[trait]), values) as Row
    const references = requiredReferences(table).filter((field) => !(field.name in chosen))
    const rows: Row[] = []
    for (let i = 0; i < count; i++) {
      const seq = (seqs.get(name) ?? 0) + 1
      seqs.set(name, seq)
      const row: Row = { ...attributes(seq, seed), ...chosen }
      for (const field of references)
        if (!(field.name in row)) row[field.name] = await parentOf(field, i, [...path, name])
      rows.push(row)
    }
    for (const field of new Set(rows.flatMap((row) => Object.keys(row))))
      if (!(field in table.fields))
        throw new TypeError(`Scenario: ${name} has no field "${field}"${didYouMean(field, Object.keys(table.fields))}`)
    const target = table.for(database) as Table
    const stored: Row[] = []
    for (let i = 0; i < rows.length; i += batch)
      stored.push(
        ...((await database.drizzle
          .insert(target as never)
          .values(rows.slice(i, i + batch) as never)
          .returning()) as Row[]),
      )
    made.set(name, [...rowsOf(name), ...stored])
  }

  return { add: insert, all: () => Object.fromEntries(made) }
}
