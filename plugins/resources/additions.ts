import { Type } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import { addExportRoute } from './export.ts'
import { filesFor } from './files/files.ts'
import { addFileRoutes, fileService } from './files/routes.ts'
import { historyFor } from './history/history.ts'
import { addHistoryRoute, historyService } from './history/routes.ts'
import type { Model } from './model.ts'
import type { AnyResourceOptions } from './options.ts'
import type { Parts } from './parts.ts'
import type { Watcher } from './watch.ts'

/** What a resource has beside its rows: their history, the files of their file columns, and all of them as a file. */
export interface Additions {
  /** They see every write. */
  readonly watchers: readonly Watcher[]
  /** Writes the routes, and answers the words of the service. */
  add(app: AnyElysia, parts: Parts): object
}

export function additionsOf(model: Model, options: AnyResourceOptions): Additions {
  const history = historyFor(model, options)
  const files = filesFor(model, options)
  return {
    watchers: [history, files].flatMap((one) => one?.watcher ?? []),
    add(app, parts) {
      const { names, key, store, checks } = parts
      const params = Type.Object({ id: key.schema })
      const service: object[] = []
      addExportRoute(app, parts)
      if (history) {
        const page = history.pages({ store, checks, word: names.word })
        const told = { ...history, model, names, key, params, page }
        addHistoryRoute(app, told, options)
        service.push({ history: historyService(told) })
      }
      if (files) {
        const works = files.works(parts)
        addFileRoutes(app, { parts, params, works, files: files.store })
        service.push(fileService({ parts, works, files: files.store }))
      }
      return Object.assign({}, ...service)
    },
  }
}
