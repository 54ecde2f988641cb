import { AsyncLocalStorage } from 'node:async_hooks'
import type { Dialect } from '#core/ports/database'
import type { Actor } from './actor.ts'
import type { Model } from './model.ts'
import type { Row } from './reach.ts'
import { Statement } from './statement.ts'
import { type Storage, storageOf } from './storage.ts'

/** A row before and after one write, with every field. `before` is absent for one that was made, `after` for one that is gone. */
export interface RowChange {
  readonly id: string
  readonly before?: Row
  readonly after?: Row
}

/** What one write did. */
export interface Written {
  readonly action: string
  readonly actor: Actor
  readonly changes: readonly RowChange[]
}

/** Works in the transaction of the write: what it throws leaves nothing behind. */
export type Watcher = (written: Written) => void | Promise<void>

/** Which rows a write touches. */
interface Touched<T> {
  /** Keys of rows that it may change. */
  readonly keys?: readonly unknown[]
  /** Keys of rows that it made. */
  made?(result: T): readonly unknown[]
}

/** An action that is under way, and the rows as the writes inside it have left them. */
interface Around {
  readonly action: string
  readonly left: Map<string, Row | undefined>
}

/** Shows watchers what every write changes. Without watchers nothing is read. */
export class Watch {
  private readonly model: Model
  private readonly watchers: readonly Watcher[]
  private readonly storages = new Map<Dialect, Storage>()
  private readonly around = new AsyncLocalStorage<Around>()

  constructor(model: Model, watchers: readonly Watcher[]) {
    // A diff needs the fields that do not leave, too.
    this.model = { ...model, readable: model.fields }
    this.watchers = watchers
  }

  /** Whether writes need a transaction for what is read and kept around them. */
  get isOn(): boolean {
    return this.watchers.length > 0
  }

  /** Does a write. Call it inside the transaction, around each statement that writes rows. */
  async during<T>(action: string, actor: Actor, write: () => Promise<T>, { keys = [], made }: Touched<T>): Promise<T> {
    if (!this.isOn) return write()
    const around = this.around.getStore()
    const before = await this.rows(keys, actor, true)
    const result = await write()
    const after = await this.rows([...keys, ...(made?.(result) ?? [])], actor, false)
    for (const id of new Set([...before.keys(), ...after.keys()])) around?.left.set(id, after.get(id))
    await this.tell(around?.action ?? action, actor, before, after)
    return result
  }

  /** Does an action: writes inside it are told under its name, and what it does to its own rows without them. */
  async within<T>(action: string, actor: Actor, keys: readonly unknown[], run: () => Promise<T>): Promise<T> {
    if (!this.isOn) return run()
    const left: Around['left'] = new Map()
    const before = await this.rows(keys, actor, true)
    const result = await this.around.run({ action, left }, run)
    const after = await this.rows(keys, actor, false)
    // What the writes inside have done is told already.
    for (const [id, row] of left) {
      if (row === undefined) before.delete(id)
      else if (before.has(id)) before.set(id, row)
    }
    await this.tell(action, actor, before, after)
    return result
  }

  private async tell(
    action: string,
    actor: Actor,
    before: ReadonlyMap<string, Row>,
    after: ReadonlyMap<string, Row>,
  ): Promise<void> {
    const ids = [...new Set([...before.keys(), ...after.keys()])]
    const changes = ids.map((id): RowChange => {
      const [was, is] = [before.get(id), after.get(id)]
      return { id, ...(was && { before: was }), ...(is && { after: is }) }
    })
    for (const watcher of this.watchers) await watcher({ action, actor, changes })
  }

  /** Rows by their ids, out of scope and deleted ones too. Locked, they stay as they are until the write has changed them. */
  private async rows(keys: readonly unknown[], { db }: Actor, lock: boolean): Promise<Map<string, Row>> {
    if (keys.length === 0) return new Map()
    const storage = this.storage(db.dialect)
    const statement = new Statement(db.dialect)
    const places = keys.map((key) => statement.bind(key)).join(', ')
    // In one order, so that two writes of the same rows wait for each other instead of both.
    const order = `order by ${storage.key}${lock && db.dialect === 'postgresql' ? ' for update' : ''}`
    const text = `select ${storage.columns} from ${storage.table} where ${storage.key} in (${places}) ${order}`
    const found = await db.values(text, statement.parameters)
    const rows = found.map((values) => storage.toRow(values))
    return new Map(rows.map((row) => [String(row[this.model.key.name]), row]))
  }

  private storage(dialect: Dialect): Storage {
    let storage = this.storages.get(dialect)
    if (!storage) {
      storage = storageOf(this.model, dialect)
      this.storages.set(dialect, storage)
    }
    return storage
  }
}
