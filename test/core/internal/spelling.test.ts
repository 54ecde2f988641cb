import { didYouMean, nearest } from '#core/internal/spelling'
import { describe, expect, test } from '#test'

describe('the nearest word', () => {
  test('is at most two edits away, a swap of neighbours being one', () => {
    const known = ['products:read', 'products:create', 'users:read']
    for (const [word, meant] of [
      ['prodcuts:read', 'products:read'],
      ['product:reads', 'products:read'],
      ['Users:Read', 'users:read'],
      ['users:read', 'users:read'],
      ['products:craete', 'products:create'],
      ['roles:read', undefined],
      ['', undefined],
    ] as const)
      expect([word, nearest(word, known)]).toEqual([word, meant])
    expect(didYouMean('usres:read', known)).toBe(', did you mean "users:read"?')
  })

  test('is the first of those that are equally near', () => {
    expect(nearest('cat', ['bat', 'hat', 'cats'])).toBe('bat')
    expect(nearest('ab', ['xy', 'ba'])).toBe('ba')
    expect(nearest('İstanbul', ['istanbul'])).toBe('istanbul')
  })

  // The whole table of each pair would take longer than a test may.
  test('of many long words that a client chose is found without standing still', () => {
    const long = 'role'.repeat(200)
    const known = Array.from({ length: 200 }, (_, at) => `${long}${at}`)
    for (let at = 0; at < 100; at++) expect(nearest(`xxx${'rolx'.repeat(200)}${at}`, known)).toBeUndefined()
    expect(nearest(`x${long}7`, known)).toBe(`${long}7`)
  })
})
