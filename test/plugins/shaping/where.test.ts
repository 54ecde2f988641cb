import fc from 'fast-check'
import { describe, expect, test } from '#test'
import { modelBehind } from '../../../plugins/shaping/declare/models.ts'
import { type Condition, printed } from '../../../plugins/shaping/query/conditions.ts'
import { Issues } from '../../../plugins/shaping/query/issues.ts'
import type { Asking } from '../../../plugins/shaping/query/paths.ts'
import { readWhere } from '../../../plugins/shaping/query/where.ts'
import { both } from '../../services.ts'
import { postList } from './blog.ts'
import { appOf, ask, fill, notes } from './fixture.ts'

const model = modelBehind(postList)!
interface Read {
  readonly condition: Condition | undefined
  readonly errors: readonly { code: string; at?: { offset: number; length: number } }[]
}
function read(text: string): Read {
  const issues = new Issues()
  const asking: Asking = { model, words: new Set(), prefix: '', budget: model.budget, granted: undefined, issues }
  const condition = readWhere(asking, text, 'UTC')
  return { condition, errors: issues.none ? [] : (issues.problem().problem.errors as Read['errors']) }
}

describe('what a where means', () => {
  const meant: Readonly<Record<string, readonly number[]>> = {
    'score eq 1 or score eq 2 and status eq live': [1, 3],
    '(score eq 1 or score eq 2) and status eq live': [3],
    'not score eq 1 and not score eq 2': [4, 5],
    'not (score eq 1 or score eq 2)': [4, 5],
    'not not score eq 1': [1],
    'score in 1,2': [1, 2, 3],
    'score in (1, 2)': [1, 2, 3],
    'score nin 1,2': [4, 5],
    'score null true': [5],
    'not score gt 0': [5],
    'title contains "a, (b)"': [4],
    'title eq "say \\"hi\\""': [5],
    'at gte 2026-01-01T00:00:00+02:00': [1, 2, 3, 4, 5],
    'tags hasAll a,b or tags has c': [2, 3],
  }
  for (const [where, ids] of Object.entries(meant))
    both(where, [notes], async (db) => {
      await fill(db, [
        { id: 1, score: 1, status: 'draft' },
        { id: 2, score: 2, status: 'draft', tags: ['a', 'b'] },
        { id: 3, score: 2, status: 'live', tags: ['c'] },
        { id: 4, score: 9, title: 'x a, (b) y' },
        { id: 5, title: 'say "hi"' },
      ])
      const app = appOf(db)
      expect(await ask(app, `?where=${encodeURIComponent(where)}`)).toMatchObject({ status: 200, ids })
      // Flat parameters hold beside it.
      const some = await ask(app, `?id[in]=1,2&where=${encodeURIComponent(where)}`)
      expect(some.ids).toEqual(ids.filter((id) => id < 3))
    })
})

test('mistakes say where they are', () => {
  const mistakes: Readonly<Record<string, string>> = {
    'status eq': '9+0 expected-value',
    status: '6+0 expected-operator',
    'status eq live and': '18+0 expected-condition',
    'status eq live status eq draft': '15+6 expected-and-or',
    'status eq live)': '14+1 unexpected-bracket',
    '(status eq live': '15+0 expected-bracket',
    'status in (live': '15+0 expected-bracket',
    'title eq "open': '9+5 wrong-quotes',
    'statuss eq live': '0+7 unknown-parameter',
    'status gte live': '0+6 unknown-operator',
    'comments(score gt 1)': '0+8 missing-quantifier',
    'comments.any(writer.firm.name eq x)': '13+16 too-far',
    ',': '0+1 expected-condition',
    '': '0+0 expected-condition',
    'score eq x or statuss eq live or title contains ab': '0+5 not-an-integer, 14+7 unknown-parameter, 33+5 too-short',
  }
  for (const [text, told] of Object.entries(mistakes)) {
    const { condition, errors } = read(text)
    expect({ text, condition }).toEqual({ text, condition: undefined })
    expect({ text, told: errors.map(({ at, code }) => `${at!.offset}+${at!.length} ${code}`).join(', ') }).toEqual({
      text,
      told,
    })
  }
})

test('depth and length are bounded, and no text exhausts the stack', () => {
  expect(read(`${'('.repeat(8)}status eq live${')'.repeat(8)}`).errors).toEqual([])
  expect(read(`${'('.repeat(9)}status eq live${')'.repeat(9)}`).errors).toMatchObject([
    { code: 'too-deep', at: { offset: 8 } },
  ])
  expect(read('('.repeat(10_000)).errors).toMatchObject([{ code: 'too-deep' }])
  expect(read('not '.repeat(10_000)).errors).toMatchObject([{ code: 'too-many' }])
  expect(read(Array(51).fill('status eq live').join(' and ')).errors).toMatchObject([{ code: 'too-many' }])
  expect(read(Array(50).fill('status eq live').join(' and ')).errors).toEqual([])
})

const word = fc
  .oneof(fc.string({ minLength: 3, maxLength: 8 }), fc.constantFrom('a,b', '"', '\\', 'and', '(x)', ' é '))
  .filter((text) => !text.includes('\0') && [...text].length >= 3)
const leaf = fc.oneof(
  fc
    .tuple(fc.constantFrom('title eq', 'title contains', 'author.name ne', 'comments.any.text contains'), word)
    .map(([name, text]) => `${name} "${text.replace(/["\\]/g, '\\$&')}"`),
  fc
    .tuple(fc.constantFrom('score gte', 'comments.none.score lt'), fc.integer({ min: -99, max: 99 }))
    .map(([name, n]) => `${name} ${n}`),
  fc.uniqueArray(fc.constantFrom('draft', 'live'), { minLength: 1 }).map((all) => `status in ${all.join()}`),
  fc.constantFrom('score null true', 'score null false', 'author.firm.name eq Acme'),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaf,
    fc
      .array(tie('tree') as fc.Arbitrary<string>, { minLength: 2, maxLength: 3 })
      .map((all) => `(${all.join(' and ')})`),
    fc.array(tie('tree') as fc.Arbitrary<string>, { minLength: 2, maxLength: 3 }).map((all) => `(${all.join(' or ')})`),
    (tie('tree') as fc.Arbitrary<string>).map((one) => `not ${one}`),
    leaf
      .filter((one) => /^(score|status)/.test(one))
      .map(
        (one) =>
          `comments.every(${one
            .replace('status in draft,live', 'status in ok')
            .replace(/status in .*/, 'status eq ok')
            .replace(/score null .*/, 'score gt 1')} or score lt 3)`,
      ),
  ),
}))

test('what was read and is written reads as the same', () =>
  fc.assert(
    fc.property(tree, (text) => {
      const { condition, errors } = read(text as string)
      fc.pre(!errors.some(({ code }) => code === 'too-many' || code === 'too-deep'))
      expect({ text, errors }).toEqual({ text, errors: [] })
      expect(read(printed(condition!)).condition).toEqual(condition!)
    }),
    { numRuns: 500 },
  ))

test('no text makes it fail', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 60 }),
        fc
          .array(
            fc.constantFrom(
              '(',
              ')',
              ',',
              '"',
              '\\',
              'not',
              'and',
              'or',
              'status',
              'eq',
              'comments.any',
              'author',
              '.',
              '[',
              ' ',
            ),
          )
          .map((all) => all.join(' ')),
      ),
      (text) => {
        const { condition, errors } = read(text)
        expect((condition === undefined) !== (errors.length === 0)).toBe(true)
      },
    ),
    { numRuns: 1000 },
  ))
