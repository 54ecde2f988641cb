import { and, type Casing, is, SQL } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import { didYouMean } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import { quote } from '#core/table/fields'
import type { RowScope, RowScopeValue } from '../declare/declaration.ts'
import type { Model } from '../declare/model.ts'
import type { Leaf } from '../query/conditions.ts'
import type { More } from '../types.ts'
import type { Compiler } from './compiler.ts'
import { boundTo, comparison } from './predicate.ts'
import { mark, type RenderedFrame } from './sql-text.ts'

/** The rows that a list is taken from, whatever its filters: what scope and handler allow. */
export interface Frame {
  readonly sql: SQL | undefined
  /** Fields and values, as conditions of the kind that filters make. */
  readonly leaves: readonly Leaf[]
  /** Whether no row is allowed at all. */
  readonly nothing: boolean
}

const everything: Frame = { sql: undefined, leaves: [], nothing: false }

/** @throws {TypeError} when a scope names a field that the table does not have */
export function frameOf(model: Model, scopes: readonly RowScope[], deleted: More['deleted']): Frame {
  let all: SQL | undefined
  let nothing = false
  const leaves: Leaf[] = []
  if (model.deletedAt !== undefined && deleted !== 'with') leaves.push(isNull(model.deletedAt, deleted !== 'only'))
  for (const one of scopes) {
    if (one === undefined) continue
    if (one === false) nothing = true
    else if (is(one, SQL)) all = all === undefined ? one : and(all, one)
    else for (const [name, value] of Object.entries(one)) leaves.push(leafOf(model, name, value))
  }
  return all === undefined && leaves.length === 0 && !nothing ? everything : { sql: all, leaves, nothing }
}

const isNull = (field: Field, value: boolean): Leaf => ({
  kind: 'leaf',
  parameter: { name: `${field.name}[null]`, key: field.name, field, operator: 'null', list: false, read: String },
  value,
  items: [],
})

function leafOf(model: Model, name: string, value: RowScopeValue | readonly RowScopeValue[] | null | undefined): Leaf {
  const field = model.all[name]
  if (!field)
    throw new TypeError(`scope of shape(${model.name}): no field "${name}"${didYouMean(name, Object.keys(model.all))}`)
  // Left out by accident, an `undefined` would open every row.
  if ([value].flat().includes(undefined as never))
    throw new TypeError(`scope of shape(${model.name}): "${name}" is undefined; say null for NULL`)
  if (Array.isArray(value) && value.includes(null))
    throw new TypeError(`scope of shape(${model.name}): "${name}" cannot be NULL or one of several values`)
  if (value === null) return isNull(field, true)
  const operator = Array.isArray(value) ? 'in' : 'eq'
  const parameter = { name: `${name}[${operator}]`, key: name, field, operator, list: false, read: String } as const
  const wire = Array.isArray(value) ? value.map(wireOf) : wireOf(value as RowScopeValue)
  return { kind: 'leaf', parameter, value: wire, items: [] }
}

const wireOf = (value: RowScopeValue): unknown =>
  value instanceof Date ? value.toISOString().replace('Z', '000Z') : typeof value === 'bigint' ? String(value) : value

const all: RenderedFrame = { text: '', parameters: [] }
const none: RenderedFrame = { text: '1 = 0', parameters: [] }

/** A frame as SQL, with a mark for each parameter. */
export function rendered(compiler: Compiler, { sql, leaves, nothing }: Frame): RenderedFrame {
  if (sql === undefined && leaves.length === 0) return nothing ? none : all
  const parts: string[] = nothing ? ['1 = 0'] : []
  const parameters: unknown[] = []
  if (sql !== undefined) {
    const own = textOf(sql)
    parts.push(`(${own.sql})`)
    parameters.push(...own.params)
  }
  for (const leaf of leaves) {
    const { field } = leaf.parameter
    parts.push(comparison(compiler.dialect, `${compiler.table}.${quote(field.column)}`, leaf, () => mark))
    parameters.push(...boundTo(compiler.dialect, compiler.storage(field), leaf))
  }
  return { text: parts.join(' and '), parameters }
}

/** drizzle's condition as text. */
const textOf = (condition: SQL): { readonly sql: string; readonly params: readonly unknown[] } =>
  condition.toQuery({
    casing: new CasingCache(undefined as Casing | undefined),
    escapeName: quote,
    escapeParam: () => mark,
    escapeString: (text) => `'${text.replaceAll("'", "''")}'`,
  })
