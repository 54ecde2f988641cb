import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { nonceOf } from '#core/internal/nonce'
import { type Scope, scopeOf } from '#core/scope'
import { describe, expect, test } from '#test'
import { type HeadersOptions, headers } from '../../../plugins/headers/index.ts'

/**
 * Plain answers are made with their headers at once; where a hook is told of every answer Elysia makes them, and the
 * headers are set afterwards. Nobody can tell the two apart.
 */
type Context = { set: { status?: unknown; headers: Record<string, string> }; request: Request; cookie: never }
const handlers: Readonly<Record<string, (context: Context) => unknown>> = {
  text: () => 'text',
  'an empty text': () => '',
  'a text that looks like JSON': () => '{"a":1}',
  object: () => ({ a: 1, b: ['ü', null] }),
  list: () => [1, { a: 1 }],
  'an empty object': () => ({}),
  nothing: () => undefined,
  null: () => null,
  number: () => 7,
  boolean: () => true,
  date: () => new Date(0),
  'an object of a class': () =>
    new (class Point {
      x = 1
    })(),
  'an object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
  response: () => new Response('made', { headers: { 'x-frame-options': 'DENY', 'referrer-policy': 'origin' } }),
  'a status': ({ set }) => {
    set.status = 201
    return { a: 1 }
  },
  'a header': ({ set }) => {
    set.headers['x-own'] = 'yes'
    return 'text'
  },
  'a header of the set': ({ set }) => {
    set.headers['referrer-policy'] = 'origin'
    set.headers['Cache-Control'] = 'public'
    return { a: 1 }
  },
  'an enforced header': ({ set }) => {
    set.headers['origin-agent-cluster'] = '?0'
    return { a: 1 }
  },
  'a content type': ({ set }) => {
    set.headers['content-type'] = 'application/ld+json'
    return { a: 1 }
  },
  'a header of a list': ({ set }) => {
    Object.assign(set.headers, { 'set-cookie': ['a=1', 'b=2'] })
    return { a: 1 }
  },
  cookie: ({ cookie }) => {
    ;(cookie as Record<string, { value: string }>)['a']!.value = '1'
    return { a: 1 }
  },
  'a header by the scope': ({ request }) => {
    scopeOf(request).header('cross-origin-resource-policy', 'cross-origin')
    return 'text'
  },
  'a page with a nonce': ({ request, set }) => {
    nonceOf(scopeOf(request) as Scope)
    set.headers['content-type'] = 'text/html'
    return '<p>'
  },
}

const make = (options: HeadersOptions, told: boolean): AnyElysia => {
  const app: AnyElysia = new Elysia()
  if (told) app.onAfterResponse({ as: 'global' }, () => {})
  app.use(core({ signals: false })).use(headers(options))
  for (const [name, handler] of Object.entries(handlers))
    app.get(`/${encodeURIComponent(name)}`, handler as never, { public: true } as never)
  return app
}
const options: Readonly<Record<string, HeadersOptions>> = {
  'the profile': {},
  'an enforced header': { enforce: ['origin-agent-cluster'] },
  'CORS for all': { cors: { origins: '*' } },
  'a nonce in the policy': { set: { 'content-security-policy': "script-src 'nonce-{nonce}'" } },
}
/** Nonces differ from answer to answer. */
const plain = (name: string, value: string): string =>
  name === 'content-security-policy' ? value.replace(/'nonce-[^']+'/g, "'nonce'") : value

for (const [what, one] of Object.entries(options))
  describe(`an answer that is made with its headers, with ${what}, is the same as one that is given them: of`, () => {
    const [begun, given] = [make(one, false), make(one, true)]
    for (const name of Object.keys(handlers))
      for (const scheme of ['http', 'https'])
        test(`${name}, ${scheme}`, async () => {
          const [a, b] = await Promise.all(
            [begun, given].map(async (app) => {
              const answer = await app.handle(new Request(`${scheme}://localhost/${encodeURIComponent(name)}`))
              const all = [...answer.headers].map(([header, value]) => [header, plain(header, value)])
              return [answer.status, all.sort(), answer.headers.getSetCookie(), await answer.text()]
            }),
          )
          expect(a).toEqual(b)
        })
  })

test('plain answers alone are made with their headers, and only where no hook is told of them', async () => {
  const begun = async (name: string, told: boolean): Promise<boolean> => {
    const request = new Request(`http://localhost/${name}`)
    await make({}, told).handle(request)
    return scopeOf(request).begun !== undefined
  }
  const found = await Promise.all(['text', 'object', 'number'].map((name) => begun(name, false)))
  expect(found).toEqual([true, true, false])
  expect(await begun('text', true)).toBe(false)
})
