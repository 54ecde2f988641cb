/** Names that every object already has: a field of that name would be found where none was given. */
const inherited: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'then',
  'toJSON',
])

/** Columns that Kwik writes itself. */
const ofTheServer: ReadonlySet<string> = new Set([
  'id',
  'createdAt',
  'updatedAt',
  'createdBy',
  'updatedBy',
  'deletedAt',
  'version',
])

/** Words with a meaning of their own in a list's query string. */
const ofTheQuery: ReadonlySet<string> = new Set([
  'where',
  'sort',
  'fields',
  'expand',
  'limit',
  'after',
  'before',
  'count',
  'q',
])

/** Why a field cannot have this name, if it cannot. */
export function whyReserved(name: string): string | undefined {
  if (inherited.has(name)) return `field "${name}" is reserved: every JavaScript object has one`
  if (ofTheServer.has(name)) return `field "${name}" is reserved: Kwik writes it itself`
  if (ofTheQuery.has(name)) return `field "${name}" is reserved: it has a meaning in the query string of a list`
  return undefined
}
