import type { Actor } from './actor.ts'
import { wholeOf } from './assignments.ts'
import type { Inserts } from './inserts.ts'
import { merged, toMerge } from './merge-patch.ts'
import type { Values } from './options.ts'
import type { Expected } from './preconditions.ts'
import type { Row } from './reach.ts'
import { type Turn, versionsOf } from './turn.ts'

/** What a resource can do for a caller with one row, once the values have the form of their schema. */
export interface Work {
  find(key: unknown, actor: Actor): Promise<Row | undefined>
  get(key: unknown, actor: Actor): Promise<Row>
  create(values: Values, actor: Actor): Promise<Row>
  update(key: unknown, values: Values, actor: Actor, expected?: Expected): Promise<Row>
  /** The same with values that are merged into those that are there (RFC 7396). */
  merge(key: unknown, patch: Values, actor: Actor, expected?: Expected): Promise<Row>
  /** @param whole what becomes of the fields that were not sent */
  replace(key: unknown, values: Values, actor: Actor, expected?: Expected, whole?: typeof wholeOf): Promise<Row>
  delete(key: unknown, actor: Actor, expected?: Expected): Promise<void>
  restore(key: unknown, actor: Actor, expected?: Expected): Promise<Row>
  purge(key: unknown, actor: Actor, expected?: Expected): Promise<void>
}

/** Hooks run in the transaction of their write; what comes after the commit runs only then. */
export function workOf(turn: Turn, inserts: Inserts): Work {
  const { store, checks, hooks, watch } = turn.parts
  const { key, deletedAt } = store.model
  const change = (
    id: unknown,
    sent: Values,
    actor: Actor,
    action: 'update' | 'replace',
    expected: Expected,
    whole = wholeOf,
  ): Promise<Row> => {
    const granted = actor.principal?.permissions
    checks.accept(sent, granted)
    const aim = { versions: versionsOf(expected) }
    return turn.atomic(actor, async () => {
      const values = action === 'replace' ? whole(store.model, sent, checks.kept(granted)) : sent
      const written = (await hooks.beforeUpdate?.(values, actor, String(id))) ?? values
      const row = await watch.during(action, actor, () => store.update(id, written, actor, aim), { keys: [id] })
      if (row === undefined) throw await turn.absence(id, actor, aim)
      await turn.ended(actor, 'update', [id])
      turn.tell(actor, action, id, row)
      return turn.show(row, actor)
    })
  }
  return {
    find: async (id, actor) => {
      const row = await store.find(id, actor)
      return row && turn.show(row, actor)
    },
    get: async (id, actor) => {
      const row = await store.find(id, actor)
      if (row === undefined) throw turn.missing()
      return turn.show(row, actor)
    },
    create: (values, actor) => {
      checks.accept(values, actor.principal?.permissions)
      return turn.atomic(actor, async () => {
        const whole = (await hooks.beforeCreate?.(values, actor)) ?? values
        const made = (row: Row) => [row[key.name]]
        const row = await watch.during('create', actor, () => inserts.one(whole, actor), { made })
        await turn.ended(actor, 'insert', [row[key.name]])
        turn.tell(actor, 'create', row[key.name], row)
        return turn.show(row, actor)
      })
    },
    update: (id, values, actor, expected) => change(id, values, actor, 'update', expected),
    merge: (id, patch, actor, expected) => {
      const fields = toMerge(store.model, patch)
      if (fields.length === 0) return change(id, patch, actor, 'update', expected)
      return turn.whole(actor, async () => {
        const aim = { versions: versionsOf(expected) }
        const there = await store.lock(id, actor, aim, fields)
        if (there === undefined) throw await turn.absence(id, actor, aim)
        const whole = fields.map(({ name }) => [name, merged(there[name], patch[name])])
        return change(id, { ...patch, ...Object.fromEntries(whole) }, actor, 'update', expected)
      })
    },
    replace: (id, values, actor, expected, whole) => change(id, values, actor, 'replace', expected, whole),
    delete: (id, actor, expected) =>
      turn.atomic(actor, async () => {
        const aim = { versions: versionsOf(expected) }
        await hooks.beforeDelete?.(String(id), actor)
        const found = await watch.during('delete', actor, () => store.delete(id, actor, aim), { keys: [id] })
        if (!found) throw await turn.absence(id, actor, aim)
        await turn.ended(actor, deletedAt ? 'update' : 'delete', [id])
        turn.tell(actor, 'delete', id)
      }),
    restore: (id, actor, expected) =>
      turn.atomic(actor, async () => {
        const aim = { deleted: true, versions: versionsOf(expected) }
        const row = await watch.during('restore', actor, () => store.restore(id, actor, aim), { keys: [id] })
        if (row === undefined) throw await turn.absence(id, actor, aim)
        await turn.ended(actor, 'update', [id])
        turn.tell(actor, 'restore', id, row)
        return turn.show(row, actor)
      }),
    purge: (id, actor, expected) =>
      turn.atomic(actor, async () => {
        const aim = { deleted: true, versions: versionsOf(expected) }
        const found = await watch.during('purge', actor, () => store.purge(id, actor, aim), { keys: [id] })
        if (!found) throw await turn.absence(id, actor, aim)
        await turn.ended(actor, 'delete', [id])
        turn.tell(actor, 'purge', id)
      }),
  }
}
