import { didYouMean } from '#core/internal/spelling'
import type { Model } from './model.ts'
import type { AnyResourceOptions } from './options.ts'
import type { Operation } from './types.ts'

const always: readonly Operation[] = ['list', 'get', 'create', 'update', 'replace', 'delete']
const many: readonly Operation[] = ['bulkCreate', 'bulkUpdate', 'bulkDelete']
const ofDeleted: readonly Operation[] = ['deleted', 'restore', 'purge']

/**
 * Whether an operation is served.
 * @throws {TypeError} for an operation that nobody knows, or that the table or the options do not allow
 */
export function offeredBy(
  model: Model,
  { only, upsert, bulk, version }: AnyResourceOptions,
): (one: Operation) => boolean {
  const wrong = (text: string): TypeError => new TypeError(`resource "${model.name}": ${text}`)
  const possible = [
    ...always,
    ...(upsert && upsert.length > 0 ? (['upsert'] as const) : []),
    ...(bulk ? many : []),
    ...(model.deletedAt ? ofDeleted : []),
  ]
  for (const one of only ?? []) {
    if (possible.includes(one)) continue
    if (one === 'upsert') throw wrong(`only: 'upsert' needs the option upsert: ['sku']`)
    if (many.includes(one)) throw wrong(`only: '${one}' needs the option bulk: { max: 500 }`)
    if (ofDeleted.includes(one)) throw wrong(`only: '${one}' needs a table with ...t.softDelete()`)
    throw wrong(`only: there is no operation "${one}"${didYouMean(one, possible)}`)
  }
  if (version === 'required') {
    if (!model.version) throw wrong(`version: 'required' needs a table with ...t.version()`)
    const { name } = model.version
    if (!model.readable.includes(model.version) || model.guards.has(name))
      throw wrong(`version: 'required', but clients do not see ${name}: it is hidden, or needs a permission`)
  }
  if (bulk && bulk.max !== undefined && !(Number.isInteger(bulk.max) && bulk.max >= 1))
    throw wrong(`bulk: max is a whole number from 1, not ${bulk.max}`)
  const clash = model.changeable.find(({ name }) => name === 'id' || name === 'version')
  if (bulk && clash)
    throw wrong(`bulk: items name their row by "id" and "version", and "${clash.name}" is a field that clients write`)
  return (one) => (only ?? possible).includes(one)
}
