import type { TSchema } from '@sinclair/typebox'
import { DatabaseError, databaseErrorIn, type Failure } from '#core/database-error'
import { ProblemError, type ProblemIssue } from '#core/problem'
import type { Actor } from './actor.ts'
import { invalid } from './checks.ts'
import type { Inserts } from './inserts.ts'
import type { Key } from './key.ts'
import type { Values } from './options.ts'
import type { Row } from './reach.ts'
import type { Outcome } from './service.types.ts'
import type { Turn } from './turn.ts'
import type { Work } from './writes.ts'

/** Rows that are made before watchers see them. */
const part = 1000

export type Mode = 'atomic' | 'each'

/** Many rows in one transaction: all or nothing, or each by itself. What is wrong names the item: `/items/3/name`. */
export interface Bulk {
  create(items: readonly unknown[], actor: Actor): Promise<Row[]>
  update(items: readonly unknown[], actor: Actor): Promise<Row[]>
  delete(items: readonly unknown[], actor: Actor): Promise<void>
  /** What became of each item, in their order. */
  each(action: 'create' | 'update' | 'delete', items: readonly unknown[], actor: Actor): Promise<Outcome<Row>[]>
}

/** What one item must fit. */
export interface ItemSchemas {
  readonly create: TSchema
  readonly update: TSchema
  readonly delete: TSchema
}

interface Parts {
  readonly turn: Turn
  readonly work: Work
  readonly inserts: Inserts
  readonly key: Key
  readonly items: ItemSchemas
}

export function bulkOf({ turn, work, inserts, key, items: schemas }: Parts): Bulk {
  const { checks, hooks, watch, store } = turn.parts
  const { name } = store.model.key

  /** Throws what is wrong with the form of all items at once. */
  const fit = (schema: TSchema, items: readonly unknown[]): void => {
    const wrong = items.flatMap((item, at) => checks.misfits(schema, item, pointerTo(at)))
    if (wrong.length > 0) throw invalid(wrong.slice(0, 100))
  }
  const rowByRow = async <T>(items: readonly T[], write: (item: T) => Promise<Row>): Promise<Row[]> => {
    const rows: Row[] = []
    await eachOf(items, async (item) => void rows.push(await write(item)))
    return rows
  }
  const create = (item: unknown, actor: Actor): Promise<Row> => work.create(item as Values, actor)
  const update = async (item: unknown, actor: Actor): Promise<Row> => {
    const { id, version, ...values } = item as { id: string; version?: number }
    return work.update(key.read(id, '/id'), values, actor, version === undefined ? undefined : [version])
  }
  const remove = (item: unknown, actor: Actor): Promise<void> => {
    const { id, version } = (typeof item === 'object' ? item : { id: item }) as { id: string; version?: number }
    return work.delete(key.read(id, '/id'), actor, version === undefined ? undefined : [version])
  }

  /** In few statements, unless a hook looks at each row. */
  const together = async (items: readonly Values[], actor: Actor): Promise<Row[]> => {
    for (const [at, item] of items.entries()) checks.accept(item, actor.principal?.permissions, pointerTo(at))
    const made = (rows: readonly Row[]) => rows.map((row) => row[name])
    const rows: Row[] = []
    // In parts: what watches them reads them by their keys, each a parameter.
    for (let from = 0; from < items.length; from += part) {
      const some = items.slice(from, from + part)
      rows.push(...(await watch.during('create', actor, () => inserts.many(some, actor, from), { made })))
    }
    const ids = rows.map((row) => row[name])
    if (ids.length > 0) await turn.ended(actor, 'insert', ids)
    for (const row of rows) turn.tell(actor, 'create', row[name], row)
    return rows.map((row) => turn.show(row, actor))
  }
  const createAll = async (items: readonly Values[], actor: Actor): Promise<Row[]> => {
    const single = (): Promise<Row[]> => rowByRow(items, (item) => create(item, actor))
    if (hooks.beforeCreate) return single()
    try {
      return await actor.db.tx(() => together(items, actor))
    } catch (error) {
      // One statement of many rows does not say which of them it was.
      if (!isOfClient(databaseErrorIn(error))) throw error
      return single()
    }
  }

  const one: Record<'create' | 'update' | 'delete', (item: unknown, actor: Actor) => Promise<Row | undefined>> = {
    create,
    update,
    delete: async (item, actor) => {
      await remove(item, actor)
      return undefined
    },
  }
  return {
    create: async (items, actor) => {
      fit(schemas.create, items)
      return turn.whole(actor, () => createAll(items as readonly Values[], actor))
    },
    update: async (items, actor) => {
      fit(schemas.update, items)
      return turn.whole(actor, () => rowByRow(items, (item) => update(item, actor)))
    },
    delete: async (items, actor) => {
      fit(schemas.delete, items)
      return turn.whole(actor, () => eachOf(items, (item) => remove(item, actor)))
    },
    each: (action, items, actor) =>
      turn.whole(actor, async () => {
        const outcomes: Outcome<Row>[] = []
        for (const [at, item] of items.entries())
          try {
            const wrong = checks.misfits(schemas[action], item)
            if (wrong.length > 0) throw invalid(wrong)
            // A savepoint: what fails takes nothing of the others along.
            const row = await actor.db.tx(() => one[action](item, actor))
            outcomes.push(row ? { status: action === 'create' ? 201 : 200, row } : { status: 204 })
          } catch (error) {
            const { problem } = problemOf(error, actor, at)
            outcomes.push({ status: problem.status, problem })
          }
        return outcomes
      }),
  }
}

/** Does something with every item; what is missing or stale is said of all of them at once, what the database refuses at once. */
async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const problems: ProblemError[] = []
  for (const [at, item] of items.entries())
    try {
      await run(item)
    } catch (error) {
      const known = databaseErrorIn(error)
      if (known)
        throw isOfClient(known) ? new DatabaseError({ ...known, statement: known.verb, item: at }, known.cause) : error
      if (!(error instanceof ProblemError)) throw error
      problems.push(located(error, at))
    }
  const [first] = problems
  if (first === undefined) return
  const errors = problems.flatMap(({ problem }) => problem.errors ?? []).slice(0, 100)
  const { detail } = first.problem
  throw new ProblemError(first.code, { ...(detail !== undefined && { detail }), errors })
}

/** The problem of one item. What is no fault of the request ends all of it. */
function problemOf(error: unknown, { db }: Actor, at: number): ProblemError {
  const known = databaseErrorIn(error)
  const problem = isOfClient(known) ? db.problemOf?.(error) : error
  if (!(problem instanceof ProblemError) || problem.status >= 500) throw error
  return located(problem, at)
}

/** The same problem, of an item. */
function located({ code, problem, status }: ProblemError, at: number): ProblemError {
  const { detail, title } = problem
  const whole: ProblemIssue = { code: codeOf(code), detail: detail ?? title, pointer: pointerTo(at) }
  const errors = (problem.errors ?? [whole]).map((issue) => ({
    ...issue,
    pointer: issue.pointer?.startsWith('/items/') ? issue.pointer : `${pointerTo(at)}${issue.pointer ?? ''}`,
  }))
  return new ProblemError(code, { status, ...(detail !== undefined && { detail }), errors })
}

/** `KWIK_NOT_FOUND` is `not-found`. */
const codeOf = (code: string): string =>
  code
    .replace(/^KWIK_(RESOURCE_)?/, '')
    .toLowerCase()
    .replaceAll('_', '-')
const pointerTo = (at: number): string => `/items/${at}`

const ofClient: ReadonlySet<Failure> = new Set<Failure>(['unique', 'foreign-key', 'not-null', 'check', 'value'])
const isOfClient = (error: DatabaseError | undefined): boolean => error !== undefined && ofClient.has(error.failure)
