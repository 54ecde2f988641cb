import fc from 'fast-check'
import { covers, holds, meet } from '#core/grants'
import { describe, expect, test } from '#test'
import { property } from '../plugins/shaping/property.ts'

const meeting = (one: string, other: string): string[] => [...meet([one], [other])]

describe('two grants meet', () => {
  test('in what both cover', () => {
    for (const [one, other, both] of [
      ['posts:*', '*:read', 'posts:read'],
      ['posts:read', 'posts:read', 'posts:read'],
      ['posts:*', 'posts:read', 'posts:read'],
      ['*', 'posts:*', 'posts:*'],
      ['*', '*', '*'],
      ['*:*', '*', '*:*'],
      ['*:read:*', 'posts:*:own', 'posts:read:own'],
      // Who may do something at all may do it with what is theirs.
      ['posts:update', 'posts:update:own', 'posts:update:own'],
      ['posts:*', '*:update:*', 'posts:update:own'],
    ] as const) {
      expect([one, other, meeting(one, other)]).toEqual([one, other, [both]])
      expect([other, one, meeting(other, one)]).toEqual([other, one, [both]])
    }
  })

  test('in nothing where they have nothing in common', () => {
    for (const [one, other] of [
      ['posts:read', 'posts:update'],
      ['posts:*', 'postsx:read'],
      ['posts:read', 'posts:read:other'],
      ['posts:update', 'posts:read:own'],
    ] as const)
      expect([one, other, meeting(one, other)]).toEqual([one, other, []])
  })

  test('and so do sets of them: one holds a permission when both sets do', async () => {
    const word = fc.constantFrom('a', 'b', 'own', '*')
    const grant = fc.oneof(
      fc.constant('*'),
      fc.tuple(word, word).map((words) => words.join(':')),
      fc.tuple(word, word, word).map((words) => words.join(':')),
    )
    const name = fc
      .array(fc.constantFrom('a', 'b', 'own'), { minLength: 2, maxLength: 3 })
      .map((words) => words.join(':'))
    const sets = fc.tuple(fc.array(grant, { maxLength: 5 }), fc.array(grant, { maxLength: 5 }), name)
    await property(sets, 3000, ([one, other, permission]) => {
      const may = (granted: Iterable<string>): boolean => {
        const set = new Set(granted)
        const whole = /^([^:]+:[^:]+):own$/.exec(permission)?.[1]
        return holds(set, permission) || (whole !== undefined && holds(set, whole))
      }
      expect([one, other, permission, may(meet(one, other))]).toEqual([one, other, permission, may(one) && may(other)])
    })
  })
})

test('what somebody may do at all covers the same with what is theirs, and not the other way round', () => {
  expect(covers(new Set(['posts:update']), 'posts:update:own')).toBe(true)
  expect(covers(new Set(['posts:*']), 'posts:update:own')).toBe(true)
  expect(covers(new Set(['posts:update:own']), 'posts:update')).toBe(false)
  expect(covers(new Set(['posts:read']), 'posts:update:own')).toBe(false)
})
