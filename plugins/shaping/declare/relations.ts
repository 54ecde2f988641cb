import { grantCheck } from '#core/grants'
import { didYouMean } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import { nameOf } from '#core/table/fields'
import { rowsBehind } from '../memory/table.ts'
import type { Many, ManyOptions, One, RelationOptions, ShapeFacts, Target } from '../relations.types.ts'
import type { AnyShape } from '../types.ts'
import type { Model, Relation } from './model.ts'
import { modelBehind } from './models.ts'

/**
 * A relation to the row that a field points at. From `kwik/shaping`.
 *
 * @param shape of the other table: its filters, sort keys, fields and scope hold over the relation
 * @param by the field here that points there; may be left out where there is one
 * @example relations: { author: one(authorList, 'authorId') }
 */
export function one<X extends ShapeFacts>(shape: Target<X>, by?: undefined, options?: RelationOptions): One<X, never>
export function one<X extends ShapeFacts, const By extends string>(
  shape: Target<X>,
  by: By,
  options?: RelationOptions,
): One<X, By>
export function one(shape: Target, by?: string, options: RelationOptions = {}): One {
  return { kind: 'one', shape, by, options }
}

/**
 * A relation to the rows that point here. From `kwik/shaping`.
 *
 * @param shape of the other table: its filters, sort keys, fields and scope hold over the relation
 * @param by the field there that points here; may be left out where there is one
 * @example relations: { comments: many(commentList, 'postId', { limit: { default: 5, max: 50 } }) }
 */
export function many<X extends ShapeFacts>(shape: Target<X>, by?: string, options: ManyOptions = {}): Many<X> {
  return { kind: 'many', shape, by, options }
}

/** Whether the relation's shape is there already. */
export const isReady = ({ shape }: One | Many): boolean => typeof shape !== 'function'

type Wrong = (text: string) => TypeError
type Source = Pick<Model, 'name' | 'table' | 'all' | 'primaryKey' | 'dialect'>

/** @throws {TypeError} for fields that are not there, or that nothing points at */
export function relationOf(source: Source, name: string, declared: One | Many, fail: Wrong): Relation {
  const wrong: Wrong = (text) => fail(`relations: "${name}" ${text}`)
  const target = modelBehind((typeof declared.shape === 'function' ? declared.shape() : declared.shape) as AnyShape)
  if (!target) throw wrong('takes what shape() made, or a function that answers it')
  if (source.dialect !== undefined && target.dialect !== undefined && source.dialect !== target.dialect)
    throw wrong(`leads from a ${source.dialect} table to a ${target.dialect} one`)
  if ((rowsBehind(source.table) === undefined) !== (rowsBehind(target.table) === undefined))
    throw wrong('leads from rows in memory to a table, or back: both must be the one or the other')
  const { kind, by, options } = declared
  const isMany = kind === 'many'
  const [pointing, pointed] = isMany ? [target, source] : [source, target]
  const from = by === undefined ? onlyReference(pointing, pointed, wrong) : fieldIn(pointing, by, wrong)
  const to = pointedAt(pointed, from, options.to, wrong)
  const allows = options.permission === undefined ? undefined : grantCheck(options.permission)
  const limit = limitOf((options as ManyOptions).limit, wrong)
  return {
    name,
    many: isMany,
    local: isMany ? to : from,
    foreign: isMany ? from : to,
    target,
    limit: isMany ? limit : { default: 1, max: 1 },
    filters: options.filter !== false,
    expands: options.expand !== false,
    mayKnow: (granted) => allows?.(granted ?? nobody) ?? true,
  }
}

const nobody: ReadonlySet<string> = new Set()

function fieldIn({ name, all }: Source, field: string, wrong: Wrong): Field {
  const found = all[field]
  if (found) return found
  throw wrong(`goes by "${field}", which is no field of ${name}${didYouMean(field, Object.keys(all))}`)
}

function onlyReference(pointing: Source, pointed: Source, wrong: Wrong): Field {
  const found = Object.values(pointing.all).filter(({ references }) => references?.table === nameOf(pointed.table))
  if (found.length === 1) return found[0]!
  throw wrong(
    found.length === 0
      ? `must say by which field: ${pointing.name} has no t.ref('${pointed.name}')`
      : `must say by which field: ${found.map((field) => field.name).join(' or ')}`,
  )
}

function pointedAt(pointed: Source, from: Field, said: string | undefined, wrong: Wrong): Field {
  const name = said ?? (from.references?.table === nameOf(pointed.table) ? from.references.field : undefined)
  if (name !== undefined) return fieldIn(pointed, name, wrong)
  const [key, ...more] = pointed.primaryKey
  if (key && more.length === 0) return key
  throw wrong(`must say \`to\`: ${pointed.name} has a primary key of several fields`)
}

function limitOf(limit: ManyOptions['limit'], wrong: Wrong): Relation['limit'] {
  const { max = Math.max(50, limit?.default ?? 0), default: usual = Math.min(5, max) } = limit ?? {}
  if (Number.isInteger(usual) && Number.isInteger(max) && usual >= 1 && usual <= max) return { default: usual, max }
  throw wrong(`limit: ${usual} of at most ${max} is not possible`)
}
