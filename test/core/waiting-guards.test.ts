import { Elysia } from 'elysia'
import { core } from '#core/access'
import { refuse } from '#core/errors'
import { mayWait } from '#core/phases'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Scope } from '#core/scope'
import { describe, expect, sleep, test } from '#test'

/** A guard that answers at once, or later where the query says so, and notes each time it is asked. */
const guard = (asked: string[]) =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'guard',
    options: {},
    keys: [],
    setup: () => ({
      always: () => ({
        authorize: mayWait((scope: Scope) => {
          const { url } = scope.request
          asked.push('guard')
          scope.add('seen', 'by the guard')
          const answer = url.includes('no') ? refuse('KWIK_FORBIDDEN') : undefined
          if (url.includes('broken')) return Promise.reject(new Error('broken'))
          return url.includes('late') ? sleep(1).then(() => answer) : answer
        }),
      }),
    }),
  })

const make = (asked: string[], before: (app: Elysia) => unknown = () => {}) => {
  const app = new Elysia()
  before(app)
  return app
    .use(core({ signals: false, logger: { debug() {}, info() {}, warning() {}, error() {} }, timeout: '40ms' }))
    .use(guard(asked))
    .onTransform({ as: 'global' }, () => void asked.push('transform'))
    .get(
      '/',
      (context) => {
        asked.push('handler')
        context.set.headers['x-handler'] = 'yes'
        return (context as unknown as { seen: string }).seen
      },
      { public: true },
    )
    .get('/later', async ({ query }) => sleep(1).then(() => query), { public: true })
    .get('/cookie', ({ cookie, server }) => `${cookie['a']?.value} ${server}`, { public: true })
    .get('/slow', () => sleep(500), { public: true })
    .get('/v', 'value', { public: true })
}
const ask = (app: { handle(request: Request): Promise<Response> }, path: string, method = 'GET') =>
  app.handle(new Request(`http://localhost${path}`, { method }))

describe('a guard that may wait', () => {
  for (const way of ['?at=once', '?late'])
    test(`is asked once, before the app’s hooks: ${way}`, async () => {
      const asked: string[] = []
      const answer = await ask(make(asked), `/${way}`)
      expect([answer.status, await answer.text()]).toEqual([200, 'by the guard'])
      expect(asked).toEqual(['guard', 'transform', 'handler'])
    })

  for (const [path, status] of [
    ['/?no', 403],
    ['/?no&late', 403],
    ['/?broken', 500],
    ['/?late', 200],
    ['/later?late', 200],
    ['/v?late', 200],
    ['/cookie?late', 200],
    ['/cookie?no&late', 403],
  ] as const)
    test(`answers as one that does not: ${path}`, async () => {
      for (const method of ['GET', 'HEAD']) expect((await ask(make([]), path, method)).status).toBe(status)
    })

  test('leaves hooks before routing and what they have set alone', async () => {
    const asked: string[] = []
    const app = make(asked, (one) =>
      one.onRequest(({ set }) => {
        asked.push('request')
        set.status = 201
        set.headers['x-request'] = 'yes'
        set.headers['set-cookie'] = ['a=1', 'b=2']
      }),
    )
    const answer = await ask(app, '/?late')
    expect(answer.status).toBe(201)
    expect([answer.headers.get('x-request'), answer.headers.get('x-handler')]).toEqual(['yes', 'yes'])
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(asked).toEqual(['request', 'guard', 'transform', 'handler'])
  })

  test('waits behind asynchronous hooks of the app too', async () => {
    const asked: string[] = []
    const app = make(asked, (one) => one.onRequest(async () => void (await sleep(1).then(() => asked.push('request')))))
    expect((await ask(app, '/?late')).status).toBe(200)
    expect(asked).toEqual(['request', 'guard', 'transform', 'handler'])
    expect((await ask(app, '/?no&late')).status).toBe(403)
    expect((await ask(app, '/slow?late')).status).toBe(503)
  })

  test('is part of the time that a route has', async () => {
    const app = make([])
    expect((await ask(app, '/slow?late')).status).toBe(503)
    expect((await ask(app, '/slow?once')).status).toBe(503)
  })

  test('is seen once by hooks that are told of every answer', async () => {
    for (const way of ['late', 'once']) {
      const asked: string[] = []
      const app = make(asked, (one) => one.onAfterResponse({ as: 'global' }, () => void asked.push('after')))
      await ask(app, `/?${way}`)
      await sleep(5)
      expect(asked).toEqual(['guard', 'transform', 'handler', 'after'])
    }
  })
})
