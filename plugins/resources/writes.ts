import { refuse } from '#core/errors'
import type { ProblemError } from '#core/problem'
import { scopeOf } from '#core/scope'
import type { Actor } from './actor.ts'
import { wholeOf } from './assignments.ts'
import type { Checks } from './checks.ts'
import type { Change, Hooks, Values } from './options.ts'
import type { Row, Store } from './store.ts'
import type { Watch } from './watch.ts'

/** What a resource can do for a caller, once the values have the form of their schema. */
export interface Work {
  find(key: unknown, actor: Actor): Promise<Row | undefined>
  get(key: unknown, actor: Actor): Promise<Row>
  create(values: Values, actor: Actor): Promise<Row>
  update(key: unknown, values: Values, actor: Actor): Promise<Row>
  replace(key: unknown, values: Values, actor: Actor): Promise<Row>
  delete(key: unknown, actor: Actor): Promise<void>
}

interface Parts {
  readonly store: Store
  readonly checks: Checks
  readonly hooks: Hooks<Values, Values, Values>
  readonly watch: Watch
  /** What one row is called: `product`. */
  readonly word: string
}

/** Hooks run in the transaction of their write; what comes after the commit runs only then. */
export function workOf({ store, checks, hooks, watch, word }: Parts): Work {
  const { key } = store.model
  const missing = (): ProblemError => refuse('KWIK_NOT_FOUND', { detail: `There is no such ${word}.` })
  const show = (row: Row, actor: Actor): Row => checks.show(row, actor.principal?.permissions)
  // One statement is its own transaction: it needs none around it.
  const alone = !store.isScoped && !watch.isOn && Object.keys(hooks).every((name) => name === 'afterCommit')
  const atomic = <T>(actor: Actor, write: () => Promise<T>): Promise<T> => {
    actor.request.signal.throwIfAborted()
    if (alone) return write()
    return actor.db.tx(async () => {
      const answer = await write()
      // The client left, or was told that it took too long: nobody would learn that it was stored.
      scopeOf(actor.request).signal.throwIfAborted()
      return answer
    })
  }
  const tell = (actor: Actor, action: Change<Row>['action'], id: unknown, row?: Row): void => {
    const { afterCommit } = hooks
    if (!afterCommit) return
    const change = { action, id: String(id), userId: actor.principal?.id ?? null, ...(row && { row: { ...row } }) }
    actor.db.afterCommit(() => afterCommit(change))
  }
  const change = (id: unknown, sent: Values, actor: Actor, action: 'update' | 'replace'): Promise<Row> => {
    const granted = actor.principal?.permissions
    checks.accept(sent, granted)
    return atomic(actor, async () => {
      const values = action === 'replace' ? wholeOf(store.model, sent, checks.unknown(granted)) : sent
      const whole = (await hooks.beforeUpdate?.(values, actor, String(id))) ?? values
      const row = await watch.during(action, actor, () => store.update(id, whole, actor), { keys: [id] })
      if (row === undefined) throw missing()
      tell(actor, action, id, row)
      return show(row, actor)
    })
  }
  const find = async (id: unknown, actor: Actor): Promise<Row | undefined> => {
    const row = await store.find(id, actor)
    return row && show(row, actor)
  }
  return {
    find,
    get: async (id, actor) => {
      const row = await store.find(id, actor)
      if (row === undefined) throw missing()
      return show(row, actor)
    },
    create: (values, actor) => {
      checks.accept(values, actor.principal?.permissions)
      return atomic(actor, async () => {
        const whole = (await hooks.beforeCreate?.(values, actor)) ?? values
        const made = (row: Row) => [row[key.name]]
        const row = await watch.during('create', actor, () => store.insert(whole, actor), { made })
        tell(actor, 'create', row[key.name], row)
        return show(row, actor)
      })
    },
    update: (id, values, actor) => change(id, values, actor, 'update'),
    replace: (id, values, actor) => change(id, values, actor, 'replace'),
    delete: (id, actor) =>
      atomic(actor, async () => {
        await hooks.beforeDelete?.(String(id), actor)
        const found = await watch.during('delete', actor, () => store.delete(id, actor), { keys: [id] })
        if (!found) throw missing()
        tell(actor, 'delete', id)
      }),
  }
}
