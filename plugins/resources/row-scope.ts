import { type Casing, is, SQL } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import type { Field } from '#core/ports/database'
import { wireOf } from '#core/table/codec'
import { quote } from '#core/table/fields'
import type { RowScope } from '../shaping/index.ts'
import type { Model } from './model.ts'
import type { Statement } from './statement.ts'
import type { Storage } from './storage.ts'

/** Writes scopes, which all hold, as a condition; `''` when they let every row through. */
export function conditionOf(
  scopes: readonly RowScope[],
  model: Model,
  storage: Storage,
  statement: Statement,
  deleted = false,
): string {
  const alive = model.deletedAt
    ? `${storage.table}.${quote(model.deletedAt.column)} is ${deleted ? 'not null' : 'null'}`
    : ''
  const reaches = scopes.map((scope) => reachOf(scope, model, storage, statement))
  return [alive, ...reaches].filter((part) => part !== '').join(' and ')
}

function reachOf(scope: RowScope, model: Model, storage: Storage, statement: Statement): string {
  if (scope === undefined) return ''
  if (scope === false) return '1 = 0'
  if (is(scope, SQL)) return `(${rendered(scope, statement)})`
  const parts = Object.entries(scope).map(([name, wanted]) => {
    const field = fieldNamed(model, name)
    // Left out by accident, an `undefined` would open every row.
    if (wanted === undefined)
      throw new TypeError(`resource "${model.name}": scope: "${name}" is undefined; say null for NULL`)
    const column = `${storage.table}.${quote(field.column)}`
    const bind = (value: unknown) => statement.bind(storage.bind(field, wireOf(value)))
    if (wanted === null) return `${column} is null`
    if (!Array.isArray(wanted)) return `${column} = ${bind(wanted)}`
    return wanted.length === 0 ? '1 = 0' : `${column} in (${wanted.map(bind).join(', ')})`
  })
  return parts.join(' and ')
}

/** The values that scopes give a new row: those that they compare with one value. */
export function givenBy(scopes: readonly RowScope[], model: Model): ReadonlyMap<Field, unknown> {
  const given = new Map<Field, unknown>()
  for (const scope of scopes) {
    if (scope === undefined || scope === false || is(scope, SQL)) continue
    for (const [name, wanted] of Object.entries(scope))
      if (!Array.isArray(wanted)) given.set(fieldNamed(model, name), wireOf(wanted))
  }
  return given
}

function fieldNamed(model: Model, name: string): Field {
  const field = model.fields.find((one) => one.name === name)
  if (!field) throw new TypeError(`resource "${model.name}": scope: there is no field "${name}"`)
  return field
}

/** drizzle's condition, with its parameters after those that are bound already. */
function rendered(condition: SQL, statement: Statement): string {
  const { sql, params } = condition.toQuery({
    casing: new CasingCache(undefined as Casing | undefined),
    escapeName: quote,
    escapeParam: (at) => (statement.dialect === 'sqlite' ? '?' : `$${statement.parameters.length + at + 1}`),
    escapeString: (text) => `'${text.replaceAll("'", "''")}'`,
  })
  statement.parameters.push(...params)
  return sql
}
