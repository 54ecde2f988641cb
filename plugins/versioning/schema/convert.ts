import { Kind, type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { changesIn } from '#core/described'
import { misfit } from '#core/elysia/body-hook'
import { fits, misfitsOf } from '#core/schema'
import type { Fields, Turn } from '../lens/lens.ts'
import { changedFields, tableNaming } from '../naming.ts'
import { toldThen } from '../then.ts'
import type { SchemaHistory } from './history.ts'

/** Turns a value; what it does not concern is answered as it is. Nothing is written into the value that came. */
export type Convert = (value: unknown) => unknown
export type Direction = 'up' | 'down'

/**
 * Makes the functions that turn values of a schema from one version to another. Each is made once, and walks only to
 * where something changed: `undefined` where nothing did.
 */
export class Converters {
  private readonly history: SchemaHistory
  /** Schemas that stand in themselves, by version and name. */
  private readonly named = new Map<string, TSchema>()
  private readonly made = new Map<string, WeakMap<TSchema, { convert: Convert | undefined }>>()

  constructor(history: SchemaHistory) {
    this.history = history
  }

  /** @param schema as it is now @param step the first that the version does not know */
  between(schema: TSchema, step: number, direction: Direction): Convert | undefined {
    return this.over(schema, step, this.history.steps.length, direction)
  }

  /** @param newest the schema after the last of the steps @param from first step @param to the step after the last */
  over(newest: TSchema, from: number, to: number, direction: Direction): Convert | undefined {
    if (from >= to) return undefined
    const key = `${from} ${to} ${direction}`
    let known = this.made.get(key)
    if (!known) this.made.set(key, (known = new WeakMap()))
    const found = known.get(newest)
    if (found) return found.convert
    // Schemas may stand in themselves: whoever meets one that is being made asks for it when it is used.
    const entry: { convert: Convert | undefined } = { convert: (value) => (entry.convert ?? same)(value) }
    known.set(newest, entry)
    if (newest.$id !== undefined) this.named.set(`${to} ${newest.$id}`, newest)
    entry.convert = this.walk(newest, from, to, direction)
    return entry.convert
  }

  private walk(newest: TSchema, from: number, to: number, direction: Direction): Convert | undefined {
    const inner = (child: TSchema): Convert | undefined => this.over(child, from, to, direction)
    const table = changesIn(newest)
    if (table) return direction === 'down' ? changedFields(tableNaming(this.history, this, table, from)) : undefined
    if (TypeGuard.IsObject(newest)) return this.object(newest, from, to, direction)
    const reference = newest['$ref']
    if (typeof reference === 'string') return this.referred(newest, reference, from, to, direction)
    const { items } = newest as { items?: TSchema | TSchema[] }
    if (Array.isArray(items)) return inTuple(items.map(inner))
    if (items !== undefined) return inArray(inner(items))
    const all = newest['allOf'] as TSchema[] | undefined
    if (all) return this.checked(newest, all, inSequence(all.map(inner)), from, direction)
    const any = (newest['anyOf'] ?? newest['oneOf']) as TSchema[] | undefined
    if (any) return this.oneOf(any, any.map(inner), from, to, direction)
    const [pattern] = Object.values((newest['patternProperties'] ?? {}) as Record<string, TSchema>)
    return pattern && inRecord(inner(pattern))
  }

  private referred(node: TSchema, name: string, from: number, to: number, direction: Direction): Convert | undefined {
    const defs = node['$defs'] as Record<string, TSchema> | undefined
    const target = defs?.[name] ?? this.named.get(`${to} ${name}`) ?? this.history.modelsBefore(to)[name]
    return target && this.over(target, from, to, direction)
  }

  /**
   * Items of many are checked one by one, by who takes them: Elysia does not look into their schema. One that is not what a
   * client of the version may send is handed on as its problem.
   */
  private checked(
    newest: TSchema,
    [item]: readonly TSchema[],
    convert: Convert | undefined,
    from: number,
    direction: Direction,
  ): Convert | undefined {
    if (convert === undefined || direction === 'down' || newest[Kind] !== 'Any') return convert
    const then = this.history.before(item!, from)
    return (value) => {
      const errors = misfitsOf(then, value, this.history.modelsBefore(from))
      return errors.length > 0 ? misfit(errors.map(toldThen)) : convert(value)
    }
  }

  /** Which of several schemas a value has is seen by what it was before it is turned. */
  private oneOf(
    any: readonly TSchema[],
    converts: readonly (Convert | undefined)[],
    from: number,
    to: number,
    direction: Direction,
  ): Convert | undefined {
    const concerned = any.flatMap((schema, at) => {
      const convert = converts[at]
      if (convert === undefined) return []
      let before = schema
      if (direction === 'up') for (let step = to - 1; step >= from; step--) before = this.history.stepBack(before, step)
      return [{ convert, before }]
    })
    if (concerned.length === 0) return undefined
    const others = any.filter((one) => !TypeGuard.IsNull(one))
    const [only] = concerned
    // NULL beside one schema: there is nothing to choose.
    if (concerned.length === 1 && others.length === 1) return (value) => (value === null ? null : only!.convert(value))
    const models = this.history.modelsBefore(direction === 'up' ? from : to)
    return (value) => {
      if (typeof value !== 'object' || value === null) return value
      const found = concerned.find(({ before }) => fits(before, value, models))
      return found ? found.convert(value) : value
    }
  }

  private object(newest: TObject, from: number, to: number, direction: Direction): Convert | undefined {
    const lenses = Array.from({ length: to - from }, (_, at) =>
      this.history.lensesOf(this.after(newest, from + at + 1, to), from + at),
    )
    if (to - from > 1 && lenses.flat().some((lens) => !lens.shallow)) return this.stepwise(newest, from, to, direction)
    const turns: Turn[] = lenses.flatMap((all, at) => {
      if (all.length === 0) return []
      const sides = this.history.sidesOf(this.after(newest, from + at + 1, to) as TObject, from + at)
      return sides.toReversed().map(({ lens, ...one }) => lens.between(one))
    })
    const children = inFields(
      Object.entries(newest.properties).flatMap(([name, child]) => {
        const convert = this.over(child, from, to, direction)
        return convert ? [[name, convert] as const] : []
      }),
    )
    if (turns.length === 0) return children
    if (direction === 'up')
      return (value) => {
        if (!isFields(value)) return value
        let fields: Fields = { ...value }
        for (const turn of turns) fields = turn.up(fields)
        return children ? children(fields) : fields
      }
    const back = turns.toReversed()
    return (value) => {
      if (!isFields(value)) return value
      let fields = children ? ({ ...(children(value) as Fields) } as Fields) : { ...value }
      for (const turn of back) fields = turn.down(fields)
      return fields
    }
  }

  /** Where a change looks into what stands in an object, versions are passed one after the other. */
  private stepwise(newest: TObject, from: number, to: number, direction: Direction): Convert | undefined {
    const each = Array.from({ length: to - from }, (_, at) =>
      this.over(this.after(newest, from + at + 1, to), from + at, from + at + 1, direction),
    )
    return inSequence(direction === 'up' ? each : each.toReversed())
  }

  /** A schema as it was at a step on the way, where it is given as it is at the end of the way. */
  private after(newest: TSchema, step: number, to: number): TSchema {
    let one = newest
    for (let at = to - 1; at >= step; at--) one = this.history.stepBack(one, at)
    return one
  }
}

const same: Convert = (value) => value

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

function inFields(children: readonly (readonly [string, Convert])[]): Convert | undefined {
  if (children.length === 0) return undefined
  return (value) => {
    if (!isFields(value)) return value
    let made: Fields | undefined
    for (const [name, convert] of children) {
      if (!Object.hasOwn(value, name)) continue
      const turned = convert(value[name])
      if (turned !== value[name]) (made ??= { ...value })[name] = turned
    }
    return made ?? value
  }
}

function inArray(convert: Convert | undefined): Convert | undefined {
  return convert && ((value) => (Array.isArray(value) ? value.map((one) => convert(one)) : value))
}

function inTuple(converts: readonly (Convert | undefined)[]): Convert | undefined {
  if (converts.every((one) => one === undefined)) return undefined
  return (value) => (Array.isArray(value) ? value.map((one, at) => (converts[at] ?? same)(one)) : value)
}

function inRecord(convert: Convert | undefined): Convert | undefined {
  return (
    convert &&
    ((value) =>
      isFields(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, convert(one)])) : value)
  )
}

function inSequence(converts: readonly (Convert | undefined)[]): Convert | undefined {
  const all = converts.filter((one) => one !== undefined)
  if (all.length < 2) return all[0]
  return (value) => all.reduce((turned, convert) => convert(turned), value)
}
