import type { Field } from '#core/ports/database'
import type { FieldNaming } from '#core/ports/field-naming'
import type { Model } from '../declare/model.ts'
import type { Expansion } from '../query/selection.ts'
import type { Column } from './csv.ts'

type Row = Record<string, unknown>
type Batches = AsyncGenerator<Row[]>

/** What an export writes: its columns, and its rows batch by batch. */
export interface Told {
  readonly columns: readonly Column[]
  rows(batches: Batches): Batches
}

/**
 * An export in the words of the version that the request speaks. The fields that only the version has follow those of now, unless
 * the client chose fields.
 */
export function inVersion(
  naming: FieldNaming | undefined,
  model: Model,
  fields: readonly Field[],
  expansions: readonly Expansion[],
  isWhole: boolean,
): Told {
  const table = naming?.of(model.table)
  const column = (field: Field): Column[] => {
    const name = table ? table.older(field.name) : field.name
    return name === undefined ? [] : [{ name, field }]
  }
  return {
    columns: [...fields.flatMap(column), ...(isWhole ? (table?.own ?? []).map((name) => ({ name })) : [])],
    rows: (batches) => (naming === undefined ? batches : lowered(batches, naming, model, expansions)),
  }
}

async function* lowered(
  batches: Batches,
  naming: FieldNaming,
  model: Model,
  expansions: readonly Expansion[],
): Batches {
  for await (const rows of batches) yield rows.map((row) => rowIn(naming, model, expansions, row))
}

function rowIn(naming: FieldNaming, model: Model, expansions: readonly Expansion[], row: Row): Row {
  const over = expansions.map(({ relation: { name, target }, expansions: inner }) => {
    const turned = (one: Row): Row => rowIn(naming, target, inner, one)
    const value = row[name] as Row | { readonly data: Row[] } | null | undefined
    if (!value) return [name, value]
    return [name, Array.isArray(value['data']) ? { ...value, data: value['data'].map(turned) } : turned(value as Row)]
  })
  const own = naming.of(model.table)?.row(row) ?? row
  return { ...own, ...Object.fromEntries(over) }
}
