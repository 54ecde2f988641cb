import type { Field, FieldType } from '#core/ports/database'
import type { Operator } from '../row-types.ts'

const equality: readonly Operator[] = ['eq', 'ne', 'in', 'nin']
const ordered: readonly Operator[] = [...equality, 'gt', 'gte', 'lt', 'lte']
const textual: readonly Operator[] = [...equality, 'contains', 'starts', 'ends']

const byType: Readonly<Record<FieldType, readonly Operator[]>> = {
  string: textual,
  text: textual,
  email: textual,
  url: textual,
  int: ordered,
  bigint: ordered,
  decimal: ordered,
  float: ordered,
  bool: ['eq', 'ne'],
  date: ordered,
  datetime: [...ordered, 'on'],
  uuid: equality,
  enum: equality,
  ref: equality,
  file: [],
  json: [],
  list: ['has', 'hasAny', 'hasAll', 'empty'],
}

/** The operators of a field's type; `null` where it can be NULL. Type-level twin: `OperatorsOf` in row-types.ts. */
export const operatorsOf = (field: Field): readonly Operator[] =>
  field.nullable ? [...byType[field.type], 'null'] : byType[field.type]

/** Operators that take several values. */
export const takesList = (operator: Operator): boolean =>
  operator === 'in' || operator === 'nin' || operator === 'hasAny' || operator === 'hasAll'

/** Operators that take `true` or `false`, whatever the field's type. */
export const takesFlag = (operator: Operator): boolean => operator === 'null' || operator === 'empty'

/** Operators that look inside a text. */
export const searchesText = (operator: Operator): boolean =>
  operator === 'contains' || operator === 'starts' || operator === 'ends'

/** Types that rows can be sorted by. The order of text is its column's collation. */
export const orderedTypes: ReadonlySet<FieldType> = new Set(
  (Object.keys(byType) as FieldType[]).filter((type) => !['json', 'list', 'file'].includes(type)),
)
