import { nearest } from '#core/internal/spelling'
import type { FieldType } from '#core/ports/database'
import { type FieldSpec, type ItemType, itemTypes } from './field.ts'
import { FieldMistake } from './mistake.ts'

type Details = Partial<Omit<FieldSpec, 'name' | 'type' | 'optional' | 'modifiers'>>
interface Read {
  readonly spec: Details
  /** The words after the arguments. */
  readonly left: readonly string[]
}

/** Reads what the type itself takes, and leaves the modifiers. */
export function readArguments(type: FieldType, words: readonly string[], input: string): Read {
  const [first, ...left] = words
  if (type === 'decimal') return decimal(first, left, words, input)
  if (type === 'enum') return { spec: values(first, input), left }
  if (type === 'list') return { spec: { items: itemOf(first, input) }, left }
  if (type === 'ref') return ref(first, left, input)
  if (type === 'string' && first !== undefined && /^\d+$/.test(first))
    return { spec: { maxLength: length(first, input) }, left }
  return { spec: {}, left: words }
}

function decimal(first: string | undefined, left: readonly string[], words: readonly string[], input: string): Read {
  if (first === undefined || !/^\d/.test(first)) return { spec: { precision: 12, scale: 2 }, left: words }
  const [, precision, scale] = /^(\d{1,3})\.(\d{1,2})$/.exec(first) ?? []
  if (precision === undefined || scale === undefined)
    throw new FieldMistake(
      `"${first}" in ${input} is no size: write digits and digits after the point, as in decimal:10.2`,
    )
  // SQLite keeps a decimal in 64 bits: eighteen digits fit.
  if (Number(precision) < 1 || Number(precision) > 18 || Number(scale) > Number(precision))
    throw new FieldMistake(
      `decimal:${first} in ${input}: 1 to 18 digits, and no more of them after the point than there are`,
    )
  return { spec: { precision: Number(precision), scale: Number(scale) }, left }
}

function values(list: string | undefined, input: string): Details {
  if (list === undefined || list === '')
    throw new FieldMistake(`${input} needs its values, as in status:enum:draft,live=draft`)
  const [written = '', defaultValue, ...more] = list.split('=')
  const all = written.split(',')
  if (more.length > 0) throw new FieldMistake(`${input} has more than one default`)
  const odd = all.find((one) => !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(one))
  if (odd !== undefined) throw new FieldMistake(`"${odd}" in ${input} is no value: letters, digits, _ . and - only`)
  const twice = all.find((one, at) => all.indexOf(one) !== at)
  if (twice !== undefined) throw new FieldMistake(`"${twice}" is there twice in ${input}`)
  if (defaultValue === undefined) return { values: all }
  if (all.includes(defaultValue)) return { values: all, defaultValue }
  const close = nearest(defaultValue, all)
  throw new FieldMistake(
    `the default "${defaultValue}" in ${input} is none of its values${close === undefined ? '' : ` — did you mean ${close}?`}`,
  )
}

function itemOf(word: string | undefined, input: string): ItemType {
  const found = itemTypes.find((one) => one === word)
  if (found !== undefined) return found
  if (word === undefined || word === '')
    throw new FieldMistake(`${input} needs the type of its items, as in tags:list:string`)
  const close = nearest(word, itemTypes)
  throw new FieldMistake(
    `a list cannot hold "${word}" in ${input}${close === undefined ? `; there are: ${itemTypes.join(', ')}` : ` — did you mean ${close}?`}`,
  )
}

const onDelete: Readonly<Record<string, NonNullable<FieldSpec['onDelete']>>> = {
  cascade: 'cascade',
  restrict: 'restrict',
  'set-null': 'set null',
}

function ref(target: string | undefined, left: readonly string[], input: string): Read {
  if (target === undefined || !/^[A-Za-z][\w-]*$/.test(target))
    throw new FieldMistake(`${input} needs what it points at, as in author:ref:users or author:ref:users:cascade`)
  const [word, ...rest] = left
  if (word !== undefined && Object.hasOwn(onDelete, word))
    return { spec: { target, onDelete: onDelete[word]! }, left: rest }
  return { spec: { target }, left }
}

function length(word: string, input: string): number {
  const size = Number(word)
  if (size < 1 || size > 65_535)
    throw new FieldMistake(`string:${word} in ${input}: 1 to 65535 characters; use text for more`)
  return size
}
