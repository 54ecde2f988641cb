import { refuse } from '#core/errors'
import { type AnyShape, type Page, shape } from '../../shaping/index.ts'
import type { Actor } from '../actor.ts'
import type { Checks } from '../checks.ts'
import type { Row, Store } from '../store.ts'
import type { HistoryTable } from './table.ts'

/** The history of a resource as a list: newest first. */
export const historyList = (table: HistoryTable): AnyShape =>
  shape(table, {
    // A row's own history is short: it is found by the index of the table, and looked through.
    filter: {
      action: { index: 'scan' },
      actorId: { by: ['eq', 'in'], index: 'scan' },
      at: { by: ['gte', 'lte'], index: 'scan' },
    },
    sort: { keys: ['id'], default: '-id' },
    fields: { hidden: ['resource', 'recordId'] },
  }) as AnyShape

/** What a history is read with. */
export interface Reading {
  readonly list: AnyShape
  readonly store: Store
  readonly checks: Checks
  /** What one row is called: `product`. */
  readonly word: string
}

/** The page of one row's history that a request asks for, as far as the caller may know the fields. */
export async function historyOf(
  key: unknown,
  actor: Actor,
  { list, store, checks, word }: Reading,
): Promise<Page<Row>> {
  const missing = () => refuse('KWIK_NOT_FOUND', { detail: `There is no such ${word}.` })
  const isThere =
    (await store.find(key, actor)) !== undefined ||
    (store.model.deletedAt !== undefined && (await store.versionOf(key, actor, { deleted: true })) !== undefined)
  // Whether a row that is gone was in the caller's scope, nobody can say any more.
  if (!isThere && store.reach.isScopedFor(actor)) throw missing()
  const where = { resource: store.model.name, recordId: String(key) }
  const page = await list.from(actor).page(actor.db, { where })
  if (!isThere && page.data.length === 0 && page.page.prev === undefined) throw missing()
  const unknown = checks.unknown(actor.principal?.permissions)
  if (unknown.length > 0)
    for (const entry of page.data) for (const name of unknown) delete (entry['changes'] as Row | undefined)?.[name]
  return page
}
