import type { Field } from '#core/ports/database'
import { wireOf } from '#core/table/codec'
import type { Actor } from './actor.ts'
import type { Model } from './model.ts'
import type { Values } from './options.ts'
import type { Storage } from './storage.ts'

/** Columns and the values bound to them. */
export type Assignments = (readonly [field: Field, bound: unknown])[]

/** What an insert writes: the client's values, what the scope gives, what the server owns, and defaults made by code. */
export function forInsert(
  model: Model,
  storage: Storage,
  values: Values,
  given: ReadonlyMap<Field, unknown>,
  actor: Actor,
  idAt: (now: number) => string,
): Assignments {
  const now = actor.clock.now()
  const assignments: Assignments = []
  for (const field of model.fields) {
    if (field.server !== undefined) {
      const owned = ownedAtInsert(model, field, now, actor, idAt)
      if (owned !== undefined) assignments.push([field, storage.bind(field, owned)])
    } else if (values[field.name] !== undefined) assignments.push([field, bound(storage, field, values[field.name])])
    else if (given.has(field)) assignments.push([field, storage.bind(field, given.get(field))])
    else {
      const made = storage.bindMade(field)
      if (made !== undefined) assignments.push([field, made])
    }
  }
  return assignments
}

function ownedAtInsert(model: Model, field: Field, now: number, actor: Actor, idAt: (now: number) => string): unknown {
  switch (field.server) {
    case 'id':
      return field.type === 'uuid' ? idAt(now) : undefined
    case 'createdAt':
    case 'updatedAt':
      return new Date(now).toISOString()
    case 'createdBy':
    case 'updatedBy':
      return model.audited ? actor.principal?.id : undefined
    case 'version':
      return 1
    default:
      return undefined
  }
}

/** What an update writes: the values that are there, and who changed the row when. */
export function forUpdate(model: Model, storage: Storage, values: Values, actor: Actor): Assignments {
  const assignments: Assignments = []
  for (const field of model.changeable)
    if (values[field.name] !== undefined) assignments.push([field, bound(storage, field, values[field.name])])
  assignments.push(...stampsOf(model, storage, actor))
  return assignments
}

/** Who changes a row, and when. */
export function stampsOf(model: Model, storage: Storage, actor: Actor): Assignments {
  const assignments: Assignments = []
  const now = new Date(actor.clock.now()).toISOString()
  for (const field of model.fields) {
    if (field.server === 'updatedAt') assignments.push([field, storage.bind(field, now)])
    if (field.server === 'updatedBy' && model.audited)
      assignments.push([field, storage.bind(field, actor.principal?.id ?? null)])
  }
  return assignments
}

/** The whole of what clients write of a row: what was left out is its default, or empty. `unknown` fields stay. */
export function wholeOf(model: Model, values: Values, unknown: readonly string[]): Values {
  const known = model.changeable.filter((field) => !unknown.includes(field.name))
  return Object.fromEntries(
    known.map((field) => [field.name, values[field.name] ?? resetOf(field, values[field.name])]),
  )
}

/** The same for a row that a create found in its place: a default that only the database knows cannot be written. */
export function resetsOf(model: Model, values: Values, kept: readonly string[]): Values {
  const isKnown = (field: Field): boolean =>
    values[field.name] !== undefined || field.nullable || field.defaultValue !== undefined
  const known = model.changeable.filter((field) => !kept.includes(field.name) && isKnown(field))
  return Object.fromEntries(
    known.map((field) => [field.name, values[field.name] ?? resetOf(field, values[field.name])]),
  )
}

const resetOf = (field: Field, sent: unknown): unknown =>
  sent === null ? null : wireOf(field.defaultValue === undefined ? null : field.defaultValue)

/** Keys are compared as text on SQLite: they are kept in one spelling. */
function bound(storage: Storage, field: Field, value: unknown): unknown {
  const isKey = field.type === 'uuid' || (field.type === 'ref' && (field.keyType ?? 'uuid') === 'uuid')
  return storage.bind(field, isKey && typeof value === 'string' ? value.toLowerCase() : value)
}
