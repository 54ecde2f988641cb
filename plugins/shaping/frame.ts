import { and, is, SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import { didYouMean } from '#core/internal/spelling'
import type { Dialect } from '#core/ports/database'
import type { Leaf } from './leaf.ts'
import type { Model } from './model.ts'
import type { RowScope, RowScopeValue } from './types.ts'

/** The rows that a list is taken from, whatever its filters: what scope and handler allow. */
export interface Frame {
  readonly sql: SQL | undefined
  /** Fields and values, as conditions of the kind that filters make. */
  readonly leaves: readonly Leaf[]
  /** Whether no row is allowed at all. */
  readonly nothing: boolean
}

export const everything: Frame = { sql: undefined, leaves: [], nothing: false }

/** @throws {TypeError} when a scope names a field that the table does not have */
export function frameOf(model: Model, scopes: readonly RowScope[]): Frame {
  let all: SQL | undefined
  let nothing = false
  const leaves: Leaf[] = []
  for (const one of scopes) {
    if (one === undefined) continue
    if (one === false) nothing = true
    else if (is(one, SQL)) all = all === undefined ? one : and(all, one)
    else for (const [name, value] of Object.entries(one)) leaves.push(leafOf(model, name, value))
  }
  return all === undefined && leaves.length === 0 && !nothing ? everything : { sql: all, leaves, nothing }
}

function leafOf(model: Model, name: string, value: RowScopeValue | readonly RowScopeValue[] | null | undefined): Leaf {
  const field = model.all[name]
  if (!field)
    throw new TypeError(`scope of shape(${model.name}): no field "${name}"${didYouMean(name, Object.keys(model.all))}`)
  // Left out by accident, an `undefined` would open every row.
  if ([value].flat().includes(undefined as never))
    throw new TypeError(`scope of shape(${model.name}): "${name}" is undefined; say null for NULL`)
  if (Array.isArray(value) && value.includes(null))
    throw new TypeError(`scope of shape(${model.name}): "${name}" cannot be NULL or one of several values`)
  const operator = value === null ? 'null' : Array.isArray(value) ? 'in' : 'eq'
  const parameter = { name: `${name}[${operator}]`, field, operator, list: false, read: String } as const
  return {
    parameter,
    value: value === null ? true : Array.isArray(value) ? value.map(wireOf) : wireOf(value as RowScopeValue),
  }
}

const wireOf = (value: RowScopeValue): unknown =>
  value instanceof Date ? value.toISOString().replace('Z', '000Z') : typeof value === 'bigint' ? String(value) : value

const dialects = { sqlite: new SQLiteSyncDialect(), postgresql: new PgDialect() } as const

/** drizzle's condition as text, its parameters counted from 1. */
export const rendered = (
  dialect: Dialect,
  condition: SQL,
): { readonly sql: string; readonly params: readonly unknown[] } => dialects[dialect].sqlToQuery(condition)
