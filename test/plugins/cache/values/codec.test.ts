import fc from 'fast-check'
import { expect, test } from '#test'
import { decode, encode } from '../../../../plugins/cache/values/codec.ts'

const again = (value: unknown): unknown => decode(encode(value))

const values: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  'a text': 'hello \u{1F43F} \ud800 "$"',
  'numbers that JSON does not have': [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1.5],
  'a bigint': { big: 2n ** 80n, less: -1n },
  'a date': new Date('2026-10-01T12:00:00.123Z'),
  'a map': new Map<unknown, unknown>([
    ['a', 1],
    [{ of: new Date(0) }, new Set([1n])],
    [undefined, undefined],
  ]),
  'a set': new Set(['a', new Map([[1, 2]])]),
  bytes: { some: new Uint8Array([0, 255, 128]), none: new Uint8Array() },
  'an object whose parts are undefined': { a: undefined, b: [undefined, 1] },
  'keys that mean something here': { $: ['u'], a: { $: 1, b: 2n }, c: [{ $: undefined }] },
  'keys that mean something elsewhere': JSON.parse('{"__proto__":{"a":1},"constructor":2,"toJSON":3}'),
  'such keys among what JSON does not have': { a: 1n, ...Object.fromEntries([['toJSON', 3]]) },
  nested: { a: [{ b: { c: [new Map([['d', [new Date(1)]]])] } }] },
}
for (const [what, value] of Object.entries(values))
  test(`a value is the same when it comes back: ${what}`, () => {
    expect(again(value)).toStrictEqual(value)
    expect(Object.is(again([value]), value)).toBe(false)
  })

test('a date that is none stays one', () => {
  const [date] = again([new Date(Number.NaN)]) as [Date]
  expect([date instanceof Date, date.getTime()]).toEqual([true, Number.NaN])
})

test('a prototype named by a key stays a key', () => {
  const value = JSON.parse('{"__proto__":{"admin":true},"n":1}') as Record<string, unknown>
  const back = again({ value, big: 1n }) as { value: { admin?: boolean } }
  expect([Object.hasOwn(back.value, '__proto__'), back.value.admin]).toEqual([true, undefined])
})

test('any value of these kinds is the same when it comes back', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constantFrom(null, undefined),
      fc.bigInt(),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array({ maxLength: 20 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', '__proto__')), tie('value'), { maxKeys: 4 }),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      fc.array(tie('value'), { maxLength: 3 }).map((all) => new Set(all)),
    ),
  }))
  fc.assert(
    fc.property(value, (one) => {
      const plain = structuredClone(one)
      // By their texts: no comparison tells two equal objects apart that are keys of one map.
      expect(fc.stringify(again(plain))).toBe(fc.stringify(plain))
    }),
    { numRuns: 500 },
  )
})

test('a row that drivers give in an array of their own is an array', () => {
  class Rows extends Array<unknown> {}
  expect(again({ rows: Rows.from([1, 2]) })).toStrictEqual({ rows: [1, 2] })
})

test('one object in two places is two', () => {
  const one = { a: 1n }
  expect(again([one, one])).toStrictEqual([{ a: 1n }, { a: 1n }])
})

class Price {
  amount = 1
}
const circle: { self?: unknown } = {}
circle.self = { in: [circle] }
const refused: readonly (readonly [unknown, string])[] = [
  [() => {}, 'value is a function'],
  [Symbol('x'), 'value is a symbol'],
  [{ list: [1, { run() {} }] }, 'value.list[1].run is a function'],
  [new Map([['a', new Price()]]), 'value.a is an instance of Price'],
  [new Set([Symbol('x')]), 'value[0] is a symbol'],
  [{ at: /x/ }, 'value.at is an instance of RegExp'],
  [{ error: new Error('x') }, 'value.error is an instance of Error'],
  [{ later: Promise.resolve() }, 'value.later is an instance of Promise'],
  [{ a: { [Symbol('x')]: 1 } }, 'value.a is an object with symbols'],
  [new Map([[new Price(), 1]]), 'is an instance of Price'],
  [circle, 'value.self.in[0] is a part of itself'],
]
for (const [value, says] of refused)
  test(`what would not be the same is refused: ${says}`, () => {
    expect(() => encode(value)).toThrow(says)
    expect(() => encode(value)).toThrow(TypeError)
  })

test('a text that is no value is refused', () => {
  for (const text of ['', 'j', 'j{', 'x1', '{"a":1}', 't{"$":["?"]}', 't{"$":1}', 't{"$":["m",1]}', 't{"$":["b","x"]}'])
    expect(() => decode(text)).toThrow()
})
