import type { TSchema } from '@sinclair/typebox'
import type { Actor } from './actor.ts'
import type { Names } from './names.ts'
import type { Expected } from './preconditions.ts'
import type { Row } from './reach.ts'
import type { ResourceService } from './service.types.ts'
import { type Turn, versionsOf } from './turn.ts'
import type { ResourceTypes } from './types.ts'

/** An action with its types put aside. */
export interface AnyAction {
  readonly permission?: string
  readonly options?: Readonly<Record<string, unknown>>
  readonly body?: TSchema
  readonly answer?: TSchema
  readonly on?: 'row' | 'collection'
  run(context: object): unknown
}
export type AnyActions = Readonly<Record<string, AnyAction>>

/** Does an action; `key` is `undefined` for one on the collection. Answers what leaves. */
export type RunAction = (
  action: AnyAction,
  key: unknown,
  body: unknown,
  actor: Actor,
  expected?: Expected,
) => Promise<unknown>

/** The parts of paths that operations have already. */
const taken: readonly string[] = ['bulk', 'deleted', 'restore', 'purge', 'history', 'export']
const operations: readonly string[] = 'list get create update replace delete upsert'.split(' ')

/** @throws {TypeError} for actions that cannot be routes */
export function checkActions({ path }: Names, actions: AnyActions): void {
  const wrong = (name: string, text: string): TypeError =>
    new TypeError(`resource "${path.slice(1)}": actions: "${name}" ${text}`)
  for (const [name, action] of Object.entries(actions)) {
    if (taken.includes(name) || operations.includes(name)) throw wrong(name, 'is an operation: give it another name')
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      throw wrong(name, 'cannot be a path: write lower case words with a dash between, such as mark-paid')
    if (typeof action.run !== 'function') throw wrong(name, 'has no run()')
  }
}

export function runnerOf(turn: Turn, actions: AnyActions, service: () => ResourceService<ResourceTypes>): RunAction {
  const { store, watch } = turn.parts
  const names = new Map(Object.entries(actions).map(([name, action]) => [action, name]))
  return (action, key, body, actor, expected) =>
    turn.whole(actor, async () => {
      const onRow = action.on !== 'collection'
      const aim = { versions: versionsOf(expected) }
      const row = onRow ? await found(key, actor, aim.versions) : undefined
      const { db, user, principal, request, tenant } = actor
      const caller = { db, user, tenant, ...(principal && { permissions: principal.permissions }) }
      const context = {
        row: row && turn.show(row, actor),
        body,
        db,
        user,
        principal,
        request,
        tenant,
        caller,
        service: service(),
      }
      const answer = await watch.within(names.get(action)!, actor, onRow ? [key] : [], async () => action.run(context))
      // It may have done anything to its own row; one on the collection to any.
      await turn.ended(actor, 'any', onRow ? [key] : undefined)
      if (action.answer || !onRow) return action.answer && answer
      const now = await store.find(key, actor)
      return now && turn.show(now, actor)
    })

  async function found(key: unknown, actor: Actor, versions: readonly number[] | undefined): Promise<Row> {
    const row = await store.lock(key, actor, { versions })
    if (row === undefined) throw await turn.absence(key, actor, { versions })
    return row
  }
}
