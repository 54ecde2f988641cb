import { expect, test } from '#test'
import { queryKey } from '../../../../plugins/cache/database/query-key.ts'

const text = 'select * from posts where id = ?'
const of = (...parameters: unknown[]): string => queryKey({ text, parameters }, 'sqlite')

test('parameters of other types, lengths or places are other keys', () => {
  const all = [
    of(),
    of(1),
    of('1'),
    of(1n),
    of(true),
    of('t'),
    of(null),
    of(undefined),
    of('null'),
    of(''),
    of('', ''),
    of(0),
    of(-0),
    of(Number.NaN),
    of(new Date(1)),
    of(new Uint8Array([1])),
    of(['a', 'b']),
    of(['ab']),
    of('a', 'b'),
    of('ab'),
    of('a|b', 'c'),
    of('a', 'b|c'),
    of('a', 's1:b'),
    of('as1:', 'b'),
  ]
  expect(new Set(all).size).toBe(all.length)
  expect(of(new Date(1), 1n, [null])).toBe(of(new Date(1), 1n, [null]))
})

test('text, database and scope are part of it', () => {
  const one = queryKey({ text, parameters: [1] }, 'sqlite')
  expect(queryKey({ text: `${text} `, parameters: [1] }, 'sqlite')).not.toBe(one)
  expect(queryKey({ text, parameters: [1] }, 'postgresql')).not.toBe(one)
  expect(queryKey({ text, parameters: [1] }, 'sqlite', ['a'])).not.toBe(one)
  // A scope is not a parameter.
  expect(queryKey({ text, parameters: ['@a'] }, 'sqlite')).not.toBe(queryKey({ text, parameters: [] }, 'sqlite', ['a']))
})

test('what has no one text is refused', () => {
  for (const value of [{}, () => {}, Symbol('a'), new Map(), [{}]]) expect(() => of(1, value)).toThrow('parameter 2')
})
