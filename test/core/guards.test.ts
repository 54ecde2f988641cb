import { type AnyElysia, Elysia } from 'elysia'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import { describe, expect, test } from '#test'

type Words = KwikPlugin<{ macros: { word: Macro<string | false>; all: Macro<string> } }>
/** Answers which words of its options a route came to. */
const words = (): Words =>
  definePlugin<Words, {}>({
    name: 'words',
    options: {},
    keys: ['word', 'all'],
    every: ['all'],
    setup: () => ({
      options: {
        word: (value: string) => ({ load: (scope) => scope.header('x-word', value) }),
        all: (value: string) => ({
          load: (scope) => scope.header('x-all', `${scope.headers?.['x-all'] ?? ''}${value}`),
        }),
      },
    }),
  })
const app = () => new Elysia().use(words())
const handler = () => 'x'
const inner = { word: 'inner', all: 'i' }
const outer = { word: 'outer', all: 'o' }

const forms: Readonly<Record<string, AnyElysia>> = {
  'a route': app().get('/x', handler, { ...inner, all: 'oi' }),
  'a guard with a callback': app().guard(outer, (guard) => guard.get('/x', handler, inner)),
  'a guard without a callback': app().guard(outer).get('/x', handler, inner),
  'a guard in a guard': app().guard({ word: 'outest' }, (first) =>
    first.guard(outer, (guard) => guard.get('/x', handler, inner)),
  ),
  'a guard without a callback in a guard': app().guard({ word: 'outest', all: 'o' }, (first) =>
    first.guard({ word: 'outer' }).get('/x', handler, inner),
  ),
  'a group in a guard': app().guard(outer, (guard) => guard.group('', (group) => group.get('/x', handler, inner))),
  'a group with options': app().group('', outer, (group) => group.get('/x', handler, inner)),
  'three guards': app().guard({ word: 'outest' }, (a) =>
    a.guard({ word: 'more' }, (b) => b.guard(outer, (c) => c.get('/x', handler, inner))),
  ),
  'a guard above a guard': app()
    .guard({ word: 'outest' })
    .guard(outer, (guard) => guard.get('/x', handler, inner)),
  'a module with a guard': app().use(app().guard(outer, (guard) => guard.get('/x', handler, inner))),
}

describe('the innermost word counts, and of `every` option each word', () => {
  for (const [name, made] of Object.entries(forms))
    test(name, async () => {
      const { headers } = await made.handle(new Request('http://localhost/x'))
      expect(headers.get('x-word')).toBe('inner')
      expect([...(headers.get('x-all') ?? '')].sort().join('')).toBe('io')
    })

  test('a guard in a guard, without a word on the route', async () => {
    const made = app().guard({ word: 'outest' }, (first) =>
      first.guard({ word: 'outer' }, (guard) => guard.get('/x', handler)),
    )
    expect((await made.handle(new Request('http://localhost/x'))).headers.get('x-word')).toBe('outer')
  })

  test('false on a route switches the guard off', async () => {
    const made = app().guard(outer, (guard) => guard.get('/x', handler, { word: false }))
    expect((await made.handle(new Request('http://localhost/x'))).headers.get('x-word')).toBe(null)
  })
})
