import { Elysia } from 'elysia'
import { core } from '#core/access'
import { refuse } from '#core/errors'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Admission } from '#core/works'
import { describe, expect, sleep, test } from '#test'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))

const logger = { debug() {}, info() {}, warning() {}, error() {} }

/** A step before routing that asks somebody, and notes each time it is asked. */
const doorkeeper = (name: string, asked: string[], answer: (url: string) => Admission, waits = true) =>
  definePlugin<KwikPlugin<{}>, {}>({
    name,
    options: {},
    keys: [],
    setup: () => ({
      admit: ({ request }) => {
        asked.push(name)
        return waits ? sleep(1).then(() => answer(request.url)) : answer(request.url)
      },
    }),
  })
const make = (asked: string[], before: (app: Elysia) => unknown = () => {}) => {
  const app = new Elysia()
  before(app)
  return app
    .use(core({ signals: false, logger, timeout: '50ms' }))
    .use(doorkeeper('a', asked, (url) => (url.includes('shut') ? refuse('KWIK_DRAINING') : undefined)))
    .use(doorkeeper('b', asked, (url) => (url.includes('else') ? new Response('else') : undefined), false))
    .use(doorkeeper('c', asked, (url) => (url.includes('late') ? refuse('KWIK_DRAINING') : undefined)))
    .get('/', () => 'x', { public: true })
    .get('/slow', () => sleep(500), { public: true })
    .post('/', ({ body }) => body, { public: true })
}
type Handles = { handle(request: Request): Promise<Response> }
const ask = (app: Handles, path: string, method = 'GET', body?: string) =>
  app.handle(
    new Request(`http://localhost${path}`, {
      method,
      body: body ?? null,
      headers: { 'content-type': 'application/json' },
    }),
  )

describe('a step before routing that waits', () => {
  test('lets a request in after all of them, each asked once', async () => {
    for (const [method, path, status] of [
      ['GET', '/', 200],
      ['HEAD', '/', 200],
      ['OPTIONS', '/', 204],
      ['GET', '/none', 404],
    ] as const) {
      const asked: string[] = []
      expect([(await ask(make(asked), path, method)).status, asked]).toEqual([status, ['a', 'b', 'c']])
    }
  })

  test('leaves the body to the route', async () => {
    expect(await (await ask(make([]), '/', 'POST', '{"a":1}')).json()).toEqual({ a: 1 })
  })

  test('refuses, or answers itself, and nobody after it is asked', async () => {
    const asked: string[] = []
    const app = make(asked)
    expect([(await ask(app, '/?shut')).status, asked.splice(0)]).toEqual([503, ['a']])
    expect([await (await ask(app, '/?else')).text(), asked.splice(0)]).toEqual(['else', ['a', 'b']])
    expect([(await ask(app, '/?late', 'HEAD')).status, asked.splice(0)]).toEqual([503, ['a', 'b', 'c']])
  })

  test('stands behind an asynchronous onRequest hook of the app too', async () => {
    const asked: string[] = []
    const app = make(asked, (one) => one.onRequest(async () => void (await sleep(1))))
    expect([(await ask(app, '/')).status, asked.splice(0)]).toEqual([200, ['a', 'b', 'c']])
    expect([(await ask(app, '/?shut')).status, (await ask(app, '/?late')).status]).toEqual([503, 503])
  })

  test('is asked before the hooks of the app, which see a request once', async () => {
    const asked: string[] = []
    const app = make(asked, (one) => one.onRequest(() => void asked.push('theirs')))
    expect([(await ask(app, '/')).status, asked.splice(0)]).toEqual([200, ['a', 'b', 'c', 'theirs']])
    expect([(await ask(app, '/?shut')).status, asked.splice(0)]).toEqual([503, ['a']])
  })

  test('does not take from the time that a handler has, nor lend it any', async () => {
    expect((await ask(make([]), '/slow')).status).toBe(503)
  })

  test('that fails is a 500, never a way in', async () => {
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(
        doorkeeper('a', [], () => {
          throw new Error('no')
        }),
      )
      .get('/', () => 'x', { public: true })
    expect((await ask(app, '/')).status).toBe(500)
  })

  onBun('works on a real socket', async () => {
    const app = make([]).listen({ port: 0, hostname: '127.0.0.1' })
    try {
      const base = `http://127.0.0.1:${app.server!.port}`
      expect([
        (await fetch(base)).status,
        (await fetch(`${base}/?shut`)).status,
        (await fetch(`${base}/none`)).status,
      ]).toEqual([200, 503, 404])
      expect(
        await (
          await fetch(base, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } })
        ).json(),
      ).toEqual({ a: 1 })
    } finally {
      await app.stop(true)
    }
  })
})
