import fc from 'fast-check'
import type { Database, Field, TableDefinition } from '#core/ports/database'
import { itemOf } from '#core/table/fields'

/** A row in its wire form, with all its fields. */
export type WireRow = Readonly<Record<string, unknown>>
/** The rows of tables, by their names. */
export type Rows = ReadonlyMap<string, readonly WireRow[]>

/** Few values, so that many are equal; in upper and lower case; special to LIKE, GLOB, JSON and arrays; beyond ASCII and UTF-16. */
const texts = [
  'Hello world',
  'hello WORLD',
  'École ouverte',
  'ÉCOLE de nuit',
  'straße',
  'Яблоко',
  'яблоко спелое',
  'ΣΟΦΟΣ ǅ',
  'σοφοσ Ǆ ǆ',
  'µm Μm μm',
  'Iıiı ÿŸ',
  '50% off',
  'a_b',
  'axb',
  'back\\slash',
  'x*?y [a-c]',
  '[1,2]',
  '{"a":1}',
  'say "hi"',
  "O'Brien, Ann",
  'null',
  '😀 smile',
  '\uFFFD broken',
  '',
]
const uuids = [1, 2, 3, 4, 5].map((n) => `018f3c1e-7c1a-7b7b-9b1b-0000000000${n}a`)
const metas = [
  { age: 9, theme: { color: 'red' }, on: true },
  { age: 10, theme: { color: 'Red wine' }, on: false },
  { age: 'nine', theme: 'red', on: 'true' },
  { age: null, theme: { color: 7 }, on: 1 },
  { age: 9.5, theme: { color: 'ÉCOLE' } },
  { age: -1e20 },
  {},
  [],
  [{ age: 9 }],
  'text',
  9,
]

const pools: Partial<Record<Field['type'], readonly unknown[]>> = {
  string: texts,
  text: texts,
  email: ['ann@example.com', 'bob@example.com', 'ann.lee@example.org'],
  url: ['https://example.com/a', 'https://example.com/B?x=%20', 'http://example.org'],
  int: [-7, 0, 1, 5, 18, 2_147_483_647, -2_147_483_648],
  bigint: ['0', '5', '-5', '9007199254740992', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  float: [0, 0.1 + 0.2, 0.3, -1.5, 1e308, 5e-324, 12],
  bool: [true, false],
  date: ['0001-01-01', '2024-02-29', '2026-03-28', '2026-03-29', '9999-12-31'],
  datetime: [
    '2026-01-01T00:00:00.000Z',
    '2026-01-15T10:00:00.500Z',
    '2026-03-29T00:30:00.000Z',
    '2026-03-29T22:30:00.001Z',
    '0050-06-01T23:30:00.000Z',
  ],
  uuid: uuids,
  json: metas,
}

/** Values of a field, as rows have them on the wire. */
export function valuesOf(field: Field): readonly unknown[] {
  const type = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  if (type === 'enum') return field.values!
  if (type === 'decimal') {
    const { scale = 2 } = field
    return ['0', '-0.5', '2.05', '12.5', '12.05', '99999', '-99999.99'].map((text) => fixed(text, scale))
  }
  return pools[type] ?? []
}

function fixed(text: string, scale: number): string {
  const [whole = '0', fraction = ''] = text.split('.')
  return `${whole}.${fraction.slice(0, scale).padEnd(scale, '0')}`
}

const someValue = (field: Field): fc.Arbitrary<unknown> => {
  const value =
    field.type === 'list'
      ? fc.array(fc.constantFrom(...valuesOf(itemOf(field))), { maxLength: 3 })
      : fc.constantFrom(...valuesOf(field))
  return field.nullable ? fc.option(value, { freq: 3 }) : value
}

/** Rows of tables, which point at tables before them. */
export function someRows(tables: readonly TableDefinition[], most: number): fc.Arbitrary<Rows> {
  const all = tables.map((table) =>
    fc.array(fc.record(Object.fromEntries(Object.values(table.fields).map((field) => [field.name, anyOf(field)]))), {
      minLength: most / 2,
      maxLength: most,
    }),
  )
  return fc.tuple(...all).map((made) => linked(tables, made))
}

/** What only the whole can tell, keys and references, is a number at first. */
const anyOf = (field: Field): fc.Arbitrary<unknown> => {
  // One row in six was deleted.
  if (field.server === 'deletedAt')
    return fc.nat({ max: 5 }).map((dice) => (dice === 0 ? '2026-01-01T00:00:00.000Z' : null))
  if (field.primaryKey) return fc.constant(null)
  if (field.type === 'ref') return field.nullable ? fc.option(fc.nat(), { freq: 3 }) : fc.nat()
  return someValue(field)
}

function linked(tables: readonly TableDefinition[], made: readonly WireRow[][]): Rows {
  const rows = new Map<string, readonly WireRow[]>()
  for (const [at, table] of tables.entries()) {
    const own = made[at]!.map((row, index) =>
      Object.fromEntries(
        Object.values(table.fields).map((field) => {
          const value = row[field.name]
          if (field.primaryKey) return [field.name, keyOf(field, index)]
          if (field.type !== 'ref' || value === null) return [field.name, value]
          const { table: other, field: key } = field.references!
          const targets = rows.get(other)!
          return [field.name, targets[(value as number) % targets.length]![key]]
        }),
      ),
    )
    rows.set(table.name, own)
  }
  return rows
}

function keyOf({ type }: Field, index: number): unknown {
  if (type === 'uuid') return `018f3c1e-7c1a-7b7b-8b1b-${(index * 7919).toString(16).padStart(12, '0')}`
  return type === 'bigint' ? String(9_007_199_254_740_990n + BigInt(index)) : index + 1
}

/** Writes rows as an app does. */
export async function store(db: Database, tables: readonly TableDefinition[], rows: Rows): Promise<void> {
  for (const table of tables)
    for (const row of rows.get(table.name)!) await db.drizzle.insert(table.for(db)).values(inCode(table, row) as never)
}

const inCode = (table: TableDefinition, row: WireRow): Record<string, unknown> =>
  Object.fromEntries(
    Object.values(table.fields).map((field) => {
      const value = row[field.name]
      const type = field.type === 'ref' ? field.keyType : field.type
      if (value === null) return [field.name, null]
      if (type === 'datetime') return [field.name, new Date(value as string)]
      return [field.name, type === 'bigint' ? BigInt(value as string) : value]
    }),
  )
