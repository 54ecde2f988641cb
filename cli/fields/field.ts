import type { FieldType } from '#core/ports/database'

/** Types whose values may be items of a list. */
export type ItemType = Exclude<FieldType, 'list' | 'json' | 'ref' | 'file' | 'enum'>

/** What a word after the type may say of a field. */
export type Modifier = 'unique' | 'index' | 'optional' | 'filter' | 'sort' | 'search' | 'readonly' | 'hidden' | 'secret'

/** One field as it was written on the command line: `price:decimal:10.2:sort!`. */
export interface FieldSpec {
  /** Name in TypeScript and on the wire; of a `ref` it ends in `Id`. */
  readonly name: string
  readonly type: FieldType
  /** Whether a row can be made without it: no `!` was written. */
  readonly optional: boolean
  readonly modifiers: ReadonlySet<Modifier>
  /** Longest text, in characters. */
  readonly maxLength?: number
  /** Digits of a decimal, and how many of them are after the point. */
  readonly precision?: number
  readonly scale?: number
  /** Values of an enum, and the one that stands when none is given. */
  readonly values?: readonly string[]
  readonly defaultValue?: string
  /** Type of a list's items. */
  readonly items?: ItemType
  /** Table a `ref` points at, as a plural: `users`. */
  readonly target?: string
  readonly onDelete?: 'cascade' | 'restrict' | 'set null'
}

/** Every type of the grammar, in the order in which the guide lists them. */
export const fieldTypes: readonly FieldType[] = [
  'string',
  'text',
  'int',
  'bigint',
  'decimal',
  'float',
  'bool',
  'date',
  'datetime',
  'uuid',
  'email',
  'url',
  'json',
  'enum',
  'list',
  'ref',
  'file',
]

export const itemTypes: readonly ItemType[] = [
  'string',
  'text',
  'int',
  'bigint',
  'decimal',
  'float',
  'bool',
  'date',
  'datetime',
  'uuid',
  'email',
  'url',
]

export const modifiers: readonly Modifier[] = [
  'unique',
  'index',
  'optional',
  'filter',
  'sort',
  'search',
  'readonly',
  'hidden',
  'secret',
]
