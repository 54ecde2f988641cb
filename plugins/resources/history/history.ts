import type { AnyShape, Page } from '../../shaping/index.ts'
import type { Actor } from '../actor.ts'
import type { Model } from '../model.ts'
import type { AnyResourceOptions } from '../options.ts'
import type { Row } from '../store.ts'
import type { Watcher } from '../watch.ts'
import { historyWatcher } from './entries.ts'
import { type ResolvedHistoryOptions, resolveHistory } from './options.ts'
import { historyList, historyOf, type Reading } from './reading.ts'

/** What a resource needs to keep its history and to show it. */
export interface History {
  readonly history: ResolvedHistoryOptions
  readonly list: AnyShape
  readonly watcher: Watcher
  pages(reading: Omit<Reading, 'list'>): (key: unknown, actor: Actor) => Promise<Page<Row>>
}

/** `undefined` for a resource that keeps none. */
export function historyFor(model: Model, { history: said = false }: AnyResourceOptions): History | undefined {
  if (said === false) return undefined
  const history = resolveHistory(model, said)
  const list = historyList(history.table)
  return {
    history,
    list,
    watcher: historyWatcher(model, history),
    pages: (reading) => (key, actor) => historyOf(key, actor, { ...reading, list }),
  }
}
