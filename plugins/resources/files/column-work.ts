import { refuse } from '#core/errors'
import { uuidv7 } from '#core/internal/uuid'
import type { FileDraft, FileStore, StoredFile } from '#core/ports/file-store'
import type { ProblemError } from '#core/problem'
import type { Actor } from '../actor.ts'
import type { Values } from '../options.ts'
import type { Expected } from '../preconditions.ts'
import type { Row } from '../reach.ts'
import type { Watcher } from '../watch.ts'
import type { Work } from '../writes.ts'
import { checked, type Incoming } from './incoming.ts'
import { extensionOf } from './media.ts'
import type { FileColumn } from './options.ts'

/** What can be done with the files of a column. */
export interface ColumnWork {
  readonly column: FileColumn
  /** Whether the row is there, and the column for this caller: asked before a byte is read. @throws {ProblemError} KWIK_NOT_FOUND */
  nameIn(key: unknown, actor: Actor): Promise<string | null>
  put(key: unknown, file: Incoming, actor: Actor, expected?: Expected): Promise<Row>
  /** @throws {ProblemError} KWIK_NOT_FOUND */
  open(key: unknown, actor: Actor): Promise<{ readonly name: string; readonly known: StoredFile }>
  delete(key: unknown, actor: Actor, expected?: Expected): Promise<void>
}

/** Drafts of the writes that are under way, by the names that they will have. */
export type Drafts = Map<string, FileDraft>

/** A draft becomes a file in the transaction of the row: before it, or without it, nobody finds it. */
export const committing =
  (drafts: Drafts) =>
  async (values: Values): Promise<void> => {
    for (const name of Object.values(values)) if (typeof name === 'string') await drafts.get(name)?.commit()
  }

/** @param work of the resource, in which only file columns change */
export function columnWork(column: FileColumn, files: FileStore, work: Work, drafts: Drafts): ColumnWork {
  const { name: field } = column.field
  const missing = (): ProblemError => refuse('KWIK_NOT_FOUND', { detail: `There is no file in ${field}.` })
  const nameIn = async (key: unknown, actor: Actor): Promise<string | null> => {
    const row = await work.get(key, actor)
    if (!(field in row)) throw missing()
    return row[field] as string | null
  }
  return {
    column,
    nameIn,
    async put(key, file, actor, expected) {
      const name = `${uuidv7(actor.clock.now())}.${extensionOf(file.type)}`
      const facts = { type: file.type, ...(file.filename !== undefined && { filename: file.filename }) }
      const draft = await files.put(name, checked(file, column), facts)
      drafts.set(name, draft)
      try {
        return await work.update(key, { [field]: name }, actor, expected)
      } catch (error) {
        await draft.discard()
        await files.delete(name)
        throw error
      } finally {
        drafts.delete(name)
      }
    },
    async open(key, actor) {
      const name = await nameIn(key, actor)
      const known = name === null ? undefined : await files.stat(name)
      if (name === null || known === undefined) throw missing()
      return { name, known }
    },
    async delete(key, actor, expected) {
      if ((await nameIn(key, actor)) === null) throw missing()
      await work.update(key, { [field]: null }, actor, expected)
    },
  }
}

/** Removes files that no row has any more: once that is committed, and never before. */
export function removalWatcher(columns: readonly FileColumn[], files: FileStore): Watcher {
  return ({ actor, changes }) => {
    for (const { before, after } of changes)
      for (const { field } of columns) {
        const was = before?.[field.name]
        if (typeof was === 'string' && was !== after?.[field.name]) actor.db.afterCommit(() => files.delete(was))
      }
  }
}
