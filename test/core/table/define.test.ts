import { integer, numeric, pgTable, text as pgText, timestamp, uuid, varchar } from 'drizzle-orm/pg-core'
import { real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { columnOf, fieldOf } from '#core/table/columns'
import { type AnyField, defineTable, type FieldTypes } from '#core/table/define'
import { fieldsOf, nameOf } from '#core/table/fields'
import { describe, expect, test } from '#test'

const define = (fields: (t: FieldTypes) => Record<string, AnyField>) => defineTable('things', fields)

describe('a declared table', () => {
  test('says of each field what is known of it, on both databases alike', () => {
    const table = define((t) => ({
      id: t.id(),
      price: t.decimal(10, 3).nullable().index(),
      status: t.enum('a', 'b').default('a'),
      secret: t.string(10).unique().hidden(),
      ownerId: t.ref('users', { onDelete: 'cascade' }),
      ...t.audit(),
    }))
    expect(table.fields['id']).toMatchObject({ type: 'uuid', primaryKey: true, server: 'id', hasDefault: true })
    expect(table.fields['price']).toEqual({
      name: 'price',
      column: 'price',
      type: 'decimal',
      precision: 10,
      scale: 3,
      nullable: true,
      hasDefault: false,
      primaryKey: false,
      unique: false,
      index: true,
    })
    expect(table.fields['status']).toMatchObject({ values: ['a', 'b'], hasDefault: true, defaultValue: 'a' })
    expect(table.fields['secret']).toMatchObject({ unique: true, hidden: true, maxLength: 10 })
    expect(table.fields['ownerId']).toMatchObject({
      column: 'owner_id',
      keyType: 'uuid',
      references: { table: 'users', field: 'id', onDelete: 'cascade' },
    })
    expect(Object.keys(fieldsOf(table.for({ dialect: 'sqlite' })))).toEqual(Object.keys(table.fields))
    expect(table.for({ dialect: 'sqlite' })).toBe(table.for({ dialect: 'sqlite' }))
  })

  test('may refer to what is declared later, to itself, and in a circle', () => {
    const hens = defineTable('hens', (t) => ({ id: t.id(), eggId: t.ref((): typeof eggs => eggs).nullable() }))
    const eggs = defineTable('eggs', (t) => ({
      id: t.id(),
      henId: t.ref('hens').nullable(),
      twinId: t.ref('eggs').nullable(),
    }))
    expect(hens.fields.eggId.references).toEqual({ table: 'eggs', field: 'id' })
    for (const dialect of ['sqlite', 'postgresql'] as const) {
      expect(nameOf(hens.for({ dialect }))).toBe('hens')
      expect(nameOf(eggs.for({ dialect }))).toBe('eggs')
    }
  })

  test('keeps the type of the key that a reference points at', () => {
    const counters = defineTable('counters', (t) => ({ id: t.int().primaryKey() }))
    const right = define((t) => ({ counterId: t.ref(() => counters, { key: 'int' }) }))
    expect(right.fields['counterId']!.keyType).toBe('int')
    const wrong = define((t) => ({ counterId: t.ref(() => counters) }))
    expect(() => wrong.fields).toThrow("things.counterId points at a key of type int: write t.ref(..., { key: 'int' })")
    const missing = define((t) => ({ counterId: t.ref(() => counters, { field: 'nr' }) }))
    expect(() => missing.fields).toThrow('counters has no field "nr"')
  })
})

describe('what cannot be', () => {
  const refused: readonly [string, () => unknown][] = [
    ['cannot name a table', () => defineTable('Things', (t) => ({ id: t.id() }))],
    [
      'things.first_name cannot name a field: write camelCase, such as firstName',
      () => define((t) => ({ first_name: t.int() })),
    ],
    [
      'things.constructor cannot name a field: every object of JavaScript has something of that name',
      () => define((t) => ({ constructor: t.int() })),
    ],
    ['things.Name cannot name a field: write camelCase, such as name', () => define((t) => ({ Name: t.int() }))],
    ['make it .nullable()', () => define((t) => ({ userId: t.ref('users', { onDelete: 'set null' }) }))],
    [
      'a primary key: it cannot be nullable',
      () => define((t) => ({ id: { spec: { ...t.id().spec, nullable: true } } as never })),
    ],
    [
      'the default "c", which is none of its values',
      () => define((t) => ({ s: t.enum('a', 'b').default('c' as 'a') })),
    ],
    ['a whole number from 1 to 18', () => define((t) => ({ d: t.decimal(19, 2) }))],
    ['from 0 to the precision', () => define((t) => ({ d: t.decimal(2, 3) }))],
    [
      'things has no field "nmae", did you mean "name"?',
      () =>
        defineTable(
          'things',
          (t) => ({ name: t.int(), age: t.int() }),
          (t) => [t.index('nmae' as 'name')],
        ),
    ],
  ]
  for (const [message, run] of refused) test(message, () => expect(run).toThrow(message))
})

test('names go to columns and back', () => {
  for (const [field, column] of [
    ['createdAt', 'created_at'],
    ['id', 'id'],
    ['line2', 'line2'],
    ['aBC', 'a_b_c'],
  ] as const) {
    expect(columnOf(field)).toBe(column)
    expect(fieldOf(column)).toBe(field)
  }
})

describe('a plain drizzle table', () => {
  test('of SQLite is read', () => {
    const table = sqliteTable('plain', {
      key: text('the_key').primaryKey(),
      kind: text({ enum: ['a', 'b'] })
        .notNull()
        .default('a'),
      size: real().unique(),
    })
    expect(fieldsOf(table)).toMatchObject({
      key: { column: 'the_key', type: 'text', primaryKey: true, nullable: false },
      kind: { type: 'enum', values: ['a', 'b'], hasDefault: true, defaultValue: 'a' },
      size: { type: 'float', nullable: true, unique: true },
    })
    expect(fieldsOf(table)).toBe(fieldsOf(table))
  })

  test('of PostgreSQL is read', () => {
    const table = pgTable('plain', {
      id: uuid().primaryKey().defaultRandom(),
      n: integer().notNull(),
      price: numeric({ precision: 8, scale: 3 }),
      name: varchar({ length: 40 }),
      note: pgText(),
      at: timestamp({ withTimezone: true }),
    })
    expect(fieldsOf(table)).toMatchObject({
      id: { type: 'uuid', primaryKey: true, hasDefault: true },
      n: { type: 'int' },
      price: { type: 'decimal', precision: 8, scale: 3 },
      name: { type: 'text', maxLength: 40 },
      note: { type: 'text' },
      at: { type: 'datetime' },
    })
  })
})
