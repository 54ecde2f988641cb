import type { FileStore } from '#core/ports/file-store'
import { Inserts } from '../inserts.ts'
import type { Model } from '../model.ts'
import type { AnyResourceOptions } from '../options.ts'
import type { Parts } from '../parts.ts'
import { Store } from '../store.ts'
import { Turn } from '../turn.ts'
import type { Watcher } from '../watch.ts'
import { workOf } from '../writes.ts'
import { type ColumnWork, columnWork, committing, type Drafts, removalWatcher } from './column-work.ts'
import { fileColumnsOf } from './options.ts'

/** What a resource needs to keep the files of its rows. */
export interface Files {
  readonly store: FileStore
  readonly watcher: Watcher
  works(parts: Parts): readonly ColumnWork[]
}

/** `undefined` for a resource without files. */
export function filesFor(model: Model, options: AnyResourceOptions): Files | undefined {
  const said = fileColumnsOf(model, options)
  if (said === undefined) return undefined
  const { store: files, columns } = said
  const { afterCommit } = options.hooks ?? {}
  return {
    store: files,
    watcher: removalWatcher(columns, files),
    works: ({ reach, checks, watch, names }) => {
      const drafts: Drafts = new Map()
      const hooks = { beforeUpdate: committing(drafts), ...(afterCommit && { afterCommit }) }
      const own = reach.of(filesOnly(model))
      const turn = new Turn({ store: new Store(own), checks, hooks, watch, word: names.word })
      const work = workOf(turn, new Inserts(own))
      return columns.map((column) => columnWork(column, files, work, drafts))
    },
  }
}

/** The model in which file columns change, and nothing else. */
const filesOnly = (model: Model): Model => ({
  ...model,
  changeable: model.fields.filter((field) => field.type === 'file'),
})
