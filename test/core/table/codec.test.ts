import type { Database, Field } from '#core/ports/database'
import { codecOf, scaled, unscale } from '#core/table/codec'
import { defineTable } from '#core/table/define'
import { expect, test } from '#test'
import { both, withDatabase, withPostgres } from '../../services.ts'

const all = defineTable('all_types', (t) => ({
  id: t.id(),
  string: t.string().nullable(),
  text: t.text().nullable(),
  int: t.int().nullable(),
  bigint: t.bigint().nullable(),
  decimal: t.decimal(18, 4).nullable(),
  float: t.float().nullable(),
  bool: t.bool().nullable(),
  date: t.date().nullable(),
  datetime: t.datetime().nullable(),
  uuid: t.uuid().nullable(),
  email: t.email().nullable(),
  url: t.url().nullable(),
  json: t.json().nullable(),
  enum: t.enum('a', 'b').nullable(),
  list: t.list('string').nullable(),
  ref: t.ref('all_types').nullable(),
  file: t.file().nullable(),
}))

/** Values as they are on the wire, in the order in which a database sorts them. */
const wire: Record<string, readonly unknown[]> = {
  string: ['', "it's", 'zebra', 'ärger'],
  text: ['long '.repeat(100)],
  int: [-2147483648, -1, 0, 2147483647],
  bigint: ['-9223372036854775808', '-1', '0', '9007199254740993', '9223372036854775807'],
  decimal: ['-99999999999999.9999', '-0.0500', '0.0000', '0.1000', '2.0000', '10.0000', '99999999999999.9999'],
  float: [-1.5, 0.1, 1e300],
  bool: [false, true],
  date: ['1969-12-31', '2024-02-29', '2026-01-31'],
  datetime: [
    '0001-01-01T00:00:00.000Z',
    '0099-06-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '2026-01-31T10:00:00.000Z',
    '2026-01-31T10:00:00.123Z',
    '9999-12-31T23:59:59.999Z',
  ],
  uuid: ['018f3a2e-0000-7000-8000-00000000000a', '018f3a2e-0000-7000-8000-00000000000b'],
  email: ['ada@example.com'],
  url: ['https://example.com/'],
  json: [{ a: [1, null, 'x'] }, 'text', 5, true],
  enum: ['a', 'b'],
  list: [[], ['a', "it's", '"']],
  ref: [],
  file: ['photos/1.jpg'],
}
const unordered: ReadonlySet<string> = new Set(['json', 'list', 'string'])

async function store(db: Database, field: Field, value: unknown): Promise<void> {
  const id = crypto.randomUUID()
  const marks = db.dialect === 'sqlite' ? ['?', '?'] : ['$1', '$2']
  await db.execute(`insert into all_types (id, "${field.column}") values (${marks})`, [
    id,
    codecOf(db.dialect, field).toDriver(value),
  ])
}

both('every type goes to the database and back to the same wire value, in order', [all], async (db) => {
  for (const field of Object.values(all.fields)) {
    const values = wire[field.name]
    if (!values) continue
    const codec = codecOf(db.dialect, field)
    for (const value of [...values].reverse()) await store(db, field, value)
    const rows = await db.values(
      `select ${codec.read(`"${field.column}"`)} from all_types where "${field.column}" is not null order by ${unordered.has(field.name) ? 'id' : `"${field.column}"`}`,
    )
    const back = rows.map(([value]) => codec.fromDriver(value))
    if (unordered.has(field.name)) expect(back).toEqual(expect.arrayContaining([...values]))
    else expect([field.name, back]).toEqual([field.name, values as unknown[]])
    expect(rows).toHaveLength(values.length)
    await db.execute('delete from all_types')
  }
})

both('NULL stays null', [all], async (db) => {
  for (const field of Object.values(all.fields)) if (!field.primaryKey) await store(db, field, null)
  for (const field of Object.values(all.fields)) {
    if (field.primaryKey) continue
    const codec = codecOf(db.dialect, field)
    const rows = await db.values(`select ${codec.read(`"${field.column}"`)} from all_types limit 1`)
    expect([field.name, codec.fromDriver(rows[0]![0])]).toEqual([field.name, null])
  }
})

both('sums of decimals are exact', [all], async (db) => {
  const field = all.fields.decimal
  await db.tx(async () => {
    for (let i = 0; i < 1000; i++) await store(db, field, '0.1000')
  })
  const codec = codecOf(db.dialect, field)
  const [[sum] = []] = await db.values(`select ${codec.read('sum("decimal")')} from all_types`)
  expect(codec.fromDriver(sum)).toBe('100.0000')
})

both('more than milliseconds of a moment, and the case of a UUID, make no difference', [all], async (db) => {
  await store(db, all.fields.datetime, '2026-01-31T12:00:00.1239+02:00')
  await store(db, all.fields.uuid, '018F3A2E-0000-7000-8000-00000000000A')
  const read = async (field: Field): Promise<unknown> => {
    const [[value] = []] = await db.values(
      `select "${field.column}" from all_types where "${field.column}" is not null`,
    )
    return codecOf(db.dialect, field).fromDriver(value)
  }
  expect(await read(all.fields.datetime)).toBe('2026-01-31T10:00:00.123Z')
  expect(await read(all.fields.uuid)).toBe('018f3a2e-0000-7000-8000-00000000000a')
})

withPostgres.test('a moment that no Date can have leaves as the database says it', () =>
  withDatabase('PostgreSQL', [all], async (db) => {
    const { datetime } = all.fields
    for (const at of ['0044-03-15 12:00:00+00 BC', '10000-01-01 00:00:00+00', 'infinity'])
      await db.execute('insert into all_types (id, datetime) values ($1, $2)', [crypto.randomUUID(), at])
    const rows = await db.values('select datetime from all_types order by datetime')
    expect(rows.map(([value]) => codecOf('postgresql', datetime).fromDriver(value))).toEqual([
      '0044-03-15 12:00:00+00 BC',
      '10000-01-01 00:00:00+00',
      'infinity',
    ])
  }),
)

test('items of a list are kept in one spelling of each value', () => {
  const lists = defineTable('lists', (t) => ({
    id: t.id(),
    amounts: t.list('decimal'),
    moments: t.list('datetime'),
    keys: t.list('uuid'),
    days: t.list('date'),
  }))
  const kept = (name: 'amounts' | 'moments' | 'keys' | 'days', items: string[]) => {
    const stored = (['sqlite', 'postgresql'] as const).map((dialect) =>
      codecOf(dialect, lists.fields[name]).toDriver(items),
    )
    expect(stored[0]).toEqual(stored[1])
    return JSON.parse(String(stored[0]))
  }
  expect(kept('amounts', ['1.5', '1.50', '-0', '2'])).toEqual(['1.50', '1.50', '0.00', '2.00'])
  expect(kept('moments', ['2026-01-31T12:00:00+02:00'])).toEqual(['2026-01-31T10:00:00.000Z'])
  expect(kept('keys', ['018F3A2E-0000-7000-8000-00000000000A'])).toEqual(['018f3a2e-0000-7000-8000-00000000000a'])
  expect(kept('days', ['2026-01-31'])).toEqual(['2026-01-31'])
})

test('decimals are scaled without a detour through binary fractions', () => {
  for (const [value, scale, stored] of [
    ['12.5', 2, 1250n],
    ['-0.05', 2, -5n],
    ['0', 2, 0n],
    ['7', 0, 7n],
    ['99999999999999.9999', 4, 999999999999999999n],
  ] as const) {
    expect(scaled(value, scale)).toBe(stored)
    expect(Number(unscale(String(stored), scale))).toBe(Number(value))
  }
  expect(unscale('-5', 2)).toBe('-0.05')
})
