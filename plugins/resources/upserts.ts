import type { Field } from '#core/ports/database'
import type { ProblemIssue } from '#core/problem'
import type { Actor } from './actor.ts'
import { invalid } from './checks.ts'
import { refuse } from './errors.ts'
import type { Inserts, Written } from './inserts.ts'
import { isSameSet } from './model.ts'
import type { Values } from './options.ts'
import type { Row } from './reach.ts'
import type { Turn } from './turn.ts'

/** What a resource can do with the row that has unique values. */
export interface Upserts {
  /** The fields that a word means. @throws {TypeError} where they are not unique */
  fields(names: readonly string[]): readonly Field[]
  find(values: Values, by: readonly Field[], actor: Actor): Promise<Row | undefined>
  upsert(values: Values, by: readonly Field[], actor: Actor): Promise<Written>
  createIfNotExist(values: Values, by: readonly Field[], actor: Actor): Promise<Written>
}

/** What a hook was told is not what the statement found: somebody else was faster. The turn is taken back and tried again. */
class Overtaken extends Error {}
const attempts = 5

export function upsertsOf(turn: Turn, inserts: Inserts): Upserts {
  const { store, checks, hooks, watch } = turn.parts
  const { model } = store
  const { key } = model
  const looksFirst = Boolean(hooks.beforeCreate ?? hooks.beforeUpdate) || watch.isOn

  /** Whether the one statement says all there is to know: SQLite tells only by its key whether a row is new. */
  const isOne = ({ db }: Actor): boolean =>
    !looksFirst && ((key.server === 'id' && key.type === 'uuid') || db.dialect === 'postgresql')

  /** Once more where a row came or went between two statements. */
  const settled = async (actor: Actor, by: readonly Field[], run: () => Promise<Written>): Promise<Written> => {
    for (let attempt = 1; attempt <= attempts; attempt++)
      try {
        return await (isOne(actor) ? turn.atomic(actor, run) : turn.whole(actor, run))
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error
      }
    // Always so where a hook gives the row other unique values than it was looked for by.
    throw taken(by)
  }
  const begin = (values: Values, by: readonly Field[], actor: Actor): void => {
    checks.accept(values, actor.principal?.permissions)
    const known = inserts.completed(values, by, actor)
    const empty = by.filter((field) => known[field.name] === undefined || known[field.name] === null)
    if (empty.length > 0) throw invalid(empty.map(required))
  }
  const ended = async (actor: Actor, action: 'create' | 'replace', { row, created }: Written): Promise<Written> => {
    await turn.ended(actor, created ? 'insert' : 'update', [row[key.name]])
    turn.tell(actor, action, row[key.name], row)
    return { row: turn.show(row, actor), created }
  }

  return {
    fields: (names) => {
      const fields = names.map((name) => model.fields.find((one) => one.name === name))
      const known = fields.filter((field) => field !== undefined)
      if (known.length === names.length && model.uniques.some((one) => isSameSet(one, known))) return known
      throw new TypeError(
        `resource "${model.name}": rows cannot be found by ${names.join(' and ') || 'nothing'}, only by what is unique: ${model.uniques.map((one) => one.map((field) => field.name).join(' and ')).join('; ')}`,
      )
    },
    find: async (values, by, actor) => inserts.by(values, by, actor),
    upsert: async (values, by, actor) => {
      begin(values, by, actor)
      const kept = checks.kept(actor.principal?.permissions)
      return settled(actor, by, async () => {
        const there = looksFirst ? await inserts.by(values, by, actor) : undefined
        const id = there?.[key.name]
        const hooked = there
          ? await hooks.beforeUpdate?.(values, actor, String(id))
          : looksFirst && (await hooks.beforeCreate?.(values, actor))
        const written = await watch.during(
          there ? 'replace' : 'create',
          actor,
          () => inserts.orReplace(inserts.completed(hooked || values, by, actor), by, kept, actor),
          { keys: there ? [id] : [], made: (one) => (one?.created ? [one.row[key.name]] : []) },
        )
        if (written === undefined) throw taken(by)
        const expected = written.created ? there === undefined : written.row[key.name] === id
        if (looksFirst && !expected) throw new Overtaken()
        return ended(actor, written.created ? 'create' : 'replace', written)
      })
    },
    createIfNotExist: async (values, by, actor) => {
      begin(values, by, actor)
      return settled(actor, by, async () => {
        const first = hooks.beforeCreate ? await inserts.by(values, by, actor) : undefined
        if (first) return { row: turn.show(first, actor), created: false }
        const whole = (await hooks.beforeCreate?.(values, actor)) ?? values
        const row = await watch.during('create', actor, () => inserts.unlessThere(whole, by, actor), {
          made: (one) => (one ? [one[key.name]] : []),
        })
        if (row) return ended(actor, 'create', { row, created: true })
        const there = await inserts.by(values, by, actor)
        if (there === undefined) throw taken(by)
        if (hooks.beforeCreate) throw new Overtaken()
        return { row: turn.show(there, actor), created: false }
      })
    },
  }
}

const required = ({ name }: Field): ProblemIssue => ({
  code: 'required',
  detail: `${name} is required: the row is found by it`,
  pointer: `/${name}`,
})

/** Said as the database says it of a value that is taken: whose row it is stays unknown. */
function taken(by: readonly Field[]): Error {
  const names = by.map((field) => field.name)
  return refuse('KWIK_RESOURCE_TAKEN', {
    detail: `${names.join(' and ')} ${names.length > 1 ? 'together are' : 'is'} already taken`,
    errors: names.map((name) => ({ code: 'taken', detail: `${name} is already taken`, pointer: `/${name}` })),
  })
}
