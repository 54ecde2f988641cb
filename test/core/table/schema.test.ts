import { Value } from '@sinclair/typebox/value'
import { closedCheck, issuesOf } from '#core/schema'
import { defineTable } from '#core/table/define'
import { fieldSchema, insertSchema, selectSchema, updateSchema } from '#core/table/schema'
import { describe, expect, test } from '#test'

const things = defineTable('things', (t) => ({
  id: t.id(),
  name: t.string(5),
  note: t.text().nullable(),
  int: t.int(),
  big: t.bigint(),
  price: t.decimal(5, 2),
  half: t.decimal(3, 3),
  whole: t.decimal(4, 0),
  ratio: t.float(),
  ok: t.bool().default(true),
  day: t.date(),
  at: t.datetime(),
  key: t.uuid(),
  mail: t.email(),
  site: t.url(),
  extra: t.json(),
  status: t.enum('draft', 'live').default('draft'),
  tags: t.list('string'),
  amounts: t.list('decimal').nullable(),
  colours: t.list('enum', 'red', 'blue'),
  otherId: t.ref('others').nullable(),
  counterId: t.ref('counters', { key: 'bigint' }).nullable(),
  secret: t.string().hidden(),
  views: t.int().default(0).readonly(),
  ...t.audit(),
  ...t.version(),
}))

const valid: Record<keyof typeof things.fields, readonly unknown[]> = {
  id: ['018f3a2e-0000-7000-8000-000000000000'],
  name: ['', 'abcde', 'ü€'],
  note: ['x'.repeat(10_000)],
  int: [0, -2147483648, 2147483647],
  big: ['0', '-1', '9223372036854775807', '-9223372036854775808', '1000000000000000000', '10'],
  price: ['0', '-0.01', '999.99', '1.5', '12'],
  half: ['0.999', '-0.1', '0'],
  whole: ['9999', '-1'],
  ratio: [0.1, -1e300, 5],
  ok: [true, false],
  day: ['2026-01-31', '2024-02-29', '2000-02-29', '0001-01-01'],
  at: [
    '2026-01-31T10:00:00Z',
    '2024-02-29T23:59:59.123+05:30',
    '2026-01-31T00:00:00.123456789-12:00',
    '0001-01-01T00:00:00-23:59',
    '9999-12-31T23:59:59+00:00',
  ],
  key: ['018F3A2E-0000-7000-8000-00000000000f'],
  mail: ['ada@example.com', 'a.b+c@sub.example.org'],
  site: ['https://example.com', 'http://localhost:3000/a?b=c#d', 'https://example.com/%20'],
  extra: [null, 1, 'x', { a: [1] }],
  status: ['draft', 'live'],
  tags: [[], ['a', 'b']],
  amounts: [['1.50']],
  colours: [['red', 'blue', 'red']],
  otherId: ['018f3a2e-0000-7000-8000-000000000000'],
  counterId: ['7'],
  secret: ['s'],
  views: [1],
  createdAt: ['2026-01-31T10:00:00Z'],
  updatedAt: ['2026-01-31T10:00:00Z'],
  createdBy: ['x'],
  updatedBy: ['x'],
  version: [1],
}
const invalid: Partial<Record<keyof typeof things.fields, readonly unknown[]>> = {
  name: ['abcdef', 5, null, 'a\0'],
  int: [2147483648, -2147483649, 1.5, '5', null],
  big: ['9223372036854775808', '-9223372036854775809', '01', '-0', '1.0', '', 5, '10000000000000000000'],
  price: ['1000', '1.234', '01', '.5', '1.', '1e2', '1,5', '', '+1', 5, ' 1', 'NaN'],
  half: ['1', '0.1234'],
  whole: ['10000', '1.0'],
  ratio: ['1', Number.NaN, Number.POSITIVE_INFINITY],
  ok: ['true', 1],
  day: [
    '2026-02-29',
    '1900-02-29',
    '2026-13-01',
    '2026-00-01',
    '2026-04-31',
    '2026-1-1',
    '0000-01-01',
    '0000-02-29',
    '2026-01-31T10:00:00Z',
  ],
  at: [
    '2026-02-30T10:00:00Z',
    '2026-01-31',
    '2026-01-31T10:00:00',
    '2026-01-31T24:00:00Z',
    '2026-01-31 10:00:00Z',
    '2026-01-31T10:60:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-23:59',
  ],
  key: ['urn:uuid:018f3a2e-0000-7000-8000-000000000000', 'x', '018f3a2e-0000-7000-8000-00000000000'],
  mail: ['ada', 'ada@example', 'a b@example.com', `${'a'.repeat(250)}@example.com`],
  site: [
    'javascript:alert(1)',
    'ftp://example.com',
    'example.com',
    'https://',
    'https://a b',
    'https://a\0b',
    'https://a.de/\0',
    `https://a.de/${'x'.repeat(2048)}`,
  ],
  status: ['dead', '', null],
  tags: ['a', [1], [null], {}],
  amounts: [['1.5.0'], [1]],
  colours: [['green']],
  otherId: ['7'],
  counterId: ['x', 7],
}

describe('what a client may send', () => {
  test('each type takes its values and nothing else', () => {
    for (const [name, field] of Object.entries(things.fields)) {
      const schema = fieldSchema(field)
      for (const value of valid[name as keyof typeof valid])
        expect([name, value, Value.Check(schema, value)]).toEqual([name, value, true])
      for (const value of invalid[name as keyof typeof invalid] ?? [])
        expect([name, value, Value.Check(schema, value)]).toEqual([name, value, false])
    }
  })

  test('an insert is closed and asks for what has neither default nor NULL', () => {
    const schema = insertSchema(things)
    expect(schema.required).toEqual([
      ...['name', 'int', 'big', 'price', 'half', 'whole', 'ratio', 'day', 'at', 'key', 'mail', 'site', 'extra', 'tags'],
      ...['colours', 'secret'],
    ])
    const row = Object.fromEntries(schema.required!.map((name) => [name, valid[name as keyof typeof valid][0]]))
    expect(Value.Check(schema, row)).toBe(true)
    expect(Value.Check(schema, { ...row, note: null, amounts: null, otherId: null })).toBe(true)
    expect(Value.Check(schema, { ...row, status: null })).toBe(false)
    for (const name of ['id', 'views', 'createdAt', 'createdBy', 'version', 'other'])
      expect([name, Value.Check(schema, { ...row, [name]: 1 })]).toEqual([name, false])
  })

  test('an update leaves every field out, and takes null only where the field does', () => {
    const schema = updateSchema(things)
    expect(Value.Check(schema, {})).toBe(true)
    expect(Value.Check(schema, { note: null, price: '1.00' })).toBe(true)
    expect(Value.Check(schema, { name: null })).toBe(false)
    expect(Value.Check(schema, { id: 'x' })).toBe(false)
  })

  test('mistakes are told to a person, also where null is allowed', () => {
    const bad = { price: '1.234', big: 'x', day: '2026-02-30', mail: 'x', amounts: ['x'], otherId: 'x', status: 'dead' }
    const issues = issuesOf(closedCheck(updateSchema(things)).Errors(bad), (pointer) => ({ pointer }))
    expect(Object.fromEntries(issues.map(({ pointer, detail }) => [pointer!, detail]))).toEqual({
      '/price':
        'must be a decimal with at most 3 digits before the point and at most 2 after it, written as text such as "12.50"',
      '/big': 'must be a whole number of 64 bits, written as text such as "42"',
      '/day': 'must be a day such as 2026-01-31',
      '/mail': 'must be an e-mail address such as ada@example.com',
      '/amounts/0':
        'must be a decimal with at most 10 digits before the point and at most 2 after it, written as text such as "12.50"',
      '/otherId': 'must be a UUID',
      '/status': 'must be one of "draft", "live"',
    })
  })
})

test('what a client sees has every field but the hidden ones', () => {
  const schema = selectSchema(things)
  expect(Object.keys(schema.properties)).not.toContain('secret')
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['id', 'views', 'createdAt', 'version']))
  const row = Object.fromEntries(
    Object.keys(schema.properties).map((name) => [name, valid[name as keyof typeof valid][0]]),
  )
  expect([...Value.Errors(schema, row)]).toEqual([])
  expect(Value.Check(schema, { ...row, note: null })).toBe(true)
  expect(Value.Check(schema, { ...row, name: null })).toBe(false)
})
