import fc from 'fast-check'
import { describe, expect, test } from '#test'
import { definePermissions, own, type Requirement } from '../../../plugins/permissions/index.ts'
import { ruleOf } from '../../../plugins/permissions/requirement.ts'
import { patience, property } from '../shaping/property.ts'

// A plain oracle: what the words say, read letter by letter, without anything prepared.

const words = ['posts', 'postsx', 'users', 'read', 'update', 'x'] as const
const word = fc.constantFrom(...words)
const name = fc.oneof(fc.tuple(word, word), fc.tuple(word, word, word)).map((parts) => parts.join(':'))
const grant = fc.oneof(
  name,
  fc.constant('*'),
  fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':')),
)
const whole = fc.oneof(name.filter((one) => one.split(':').length === 2))
const leaf = fc.oneof(name, fc.record({ own: whole, owner: fc.constantFrom('ann', 'bob', null, undefined) }))
type Tree = string | { readonly own: string; readonly owner: string | null | undefined } | Group
type Group = { readonly any: readonly Tree[] } | { readonly all: readonly Tree[] }
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; many: readonly Tree[] }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('many').map((any) => ({ any })),
    tie('many').map((all) => ({ all })),
  ),
  many: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
})).tree

const covers = (held: string, wanted: string): boolean => {
  if (held === '*') return true
  const [some, others] = [held.split(':'), wanted.split(':')]
  return some.length === others.length && some.every((one, at) => one === '*' || one === others[at])
}
const has = (grants: readonly string[], wanted: string): boolean => grants.some((one) => covers(one, wanted))

function oracle(one: Tree, grants: readonly string[]): boolean {
  if (typeof one === 'string') return has(grants, one)
  if ('own' in one) return has(grants, one.own) || (has(grants, `${one.own}:own`) && one.owner === 'ann')
  return 'any' in one ? one.any.some((each) => oracle(each, grants)) : one.all.every((each) => oracle(each, grants))
}
/** Whether anybody's row could make it true: else it is refused before the body is read. */
function possible(one: Tree, grants: readonly string[]): boolean {
  if (typeof one === 'string') return has(grants, one)
  if ('own' in one) return has(grants, one.own) || has(grants, `${one.own}:own`)
  return 'any' in one ? one.any.some((each) => possible(each, grants)) : one.all.every((each) => possible(each, grants))
}
const requirementOf = (one: Tree): Requirement => {
  if (typeof one === 'string') return one
  if ('own' in one) return own(one.own, () => one.owner)
  return 'any' in one ? { any: one.any.map(requirementOf) } : { all: one.all.map(requirementOf) }
}
const namesOf = (one: Tree): string[] => {
  if (typeof one === 'string') return [one]
  if ('own' in one) return [one.own, `${one.own}:own`]
  return ('any' in one ? one.any : one.all).flatMap(namesOf)
}

describe('the decision on a permission', () => {
  test(
    'is what the words say, for all requirements and grants',
    async () => {
      const counted = { yes: 0, own: 0, no: 0 }
      await property(fc.tuple(tree, fc.array(grant, { maxLength: 4 })), 2000, async ([one, grants]) => {
        const declared = definePermissions([...new Set(namesOf(one))])
        const rule = ruleOf(requirementOf(one), { names: new Set<string>(declared), everywhere: new Set() })
        const held = { permissions: new Set(grants) }
        const verdict = rule.judge(held)
        counted[verdict]++
        expect(verdict !== 'no').toBe(possible(one, grants))
        const call = { principal: { id: 'ann' } } as never
        if (verdict === 'yes') expect(oracle(one, grants)).toBe(true)
        if (verdict !== 'no') expect(await rule.owns(held, call)).toBe(oracle(one, grants))
        else {
          expect(oracle(one, grants)).toBe(false)
          // Who is given what is told to be missing is no longer refused at once.
          const told = { permissions: new Set([...grants, ...rule.lacks(held).names]) }
          expect(rule.judge(told)).not.toBe('no')
        }
      })
      for (const verdict of ['yes', 'own', 'no'] as const)
        expect([verdict, counted[verdict] > 0]).toEqual([verdict, true])
    },
    patience,
  )

  test('posts:* covers neither postsx:read, nor posts, nor posts:update:own:x', () => {
    const allows = (wanted: string) => {
      const rule = ruleOf(wanted, { names: new Set([wanted]), everywhere: new Set() })
      return rule.judge({ permissions: new Set(['posts:*']) }) === 'yes'
    }
    expect(['posts:read', 'postsx:read', 'posts', 'posts:update:own', 'posts:update:own:x'].map(allows)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    for (const wrong of ['posts', 'posts:update:own:x'])
      expect(() => definePermissions([wrong])).toThrow('is no permission')
  })
})
