import { Elysia, NotFoundError, status, t } from 'elysia'
import { core } from '#core/access'
import { refuse } from '#core/errors'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Works } from '#core/works'
import { describe, expect, test } from '#test'

const secret = 'SELECT password FROM users'
const open = { public: true } as const
const json = { 'content-type': 'application/json' }

/** An app with a plugin that does `works`, and the errors that it logs. */
function make(works: Works = {}) {
  const logged: unknown[] = []
  const logger = { debug() {}, info() {}, warning() {}, error: (_: string, facts?: object) => void logged.push(facts) }
  const plugin = definePlugin<KwikPlugin<{}>, {}>({ name: 'theirs', options: {}, keys: [], setup: () => works })
  return { logged, app: new Elysia().use(core({ signals: false, logger, timeout: '5s' })).use(plugin) }
}
type Handles = { handle(request: Request): Promise<Response> }

async function ask(app: Handles, method = 'GET', path = '/x') {
  const init = method === 'POST' ? { method, body: '{}', headers: json } : { method }
  const response = await app.handle(new Request(`http://localhost${path}`, init))
  const text = await response.text()
  expect(text).not.toContain(secret)
  const { code } = text.startsWith('{') ? (JSON.parse(text) as { code?: string }) : {}
  return { status: response.status, code, text, headers: response.headers }
}
const fails = (): never => {
  throw new Error(secret)
}

describe('what a handler throws', () => {
  const answerOf = (thrown: unknown) =>
    ask(
      make().app.get(
        '/x',
        () => {
          throw thrown
        },
        open,
      ),
    )

  for (const [name, thrown] of [
    ['nothing', undefined],
    ['null', null],
    ['a text', secret],
    ['an error that has a number for a code', Object.assign(new Error(secret), { code: 5 })],
    ['an error that has a status for a code', Object.assign(new Error(secret), { code: 404 })],
    ['an error that has a status', Object.assign(new Error(secret), { status: 401 })],
    ...['NOT_FOUND', 'VALIDATION', 'PARSE'].map(
      (code) => [`an error that calls itself ${code}`, Object.assign(new Error(secret), { code })] as const,
    ),
  ] as const)
    test(`${name}, is a 500`, async () => {
      expect(await answerOf(thrown)).toMatchObject({ status: 500, code: 'KWIK_INTERNAL' })
    })

  test('a NotFoundError, is a 404 of a path that is there', async () => {
    expect(await answerOf(new NotFoundError())).toMatchObject({ status: 404, code: 'KWIK_NOT_FOUND' })
  })

  test('a status, keeps it; a text is its detail below 500, a body of its own stays', async () => {
    expect(await answerOf(status(409, 'taken'))).toMatchObject({ status: 409, code: 'KWIK_STATUS' })
    expect(JSON.parse((await answerOf(status(409, 'taken'))).text).detail).toBe('taken')
    expect(await answerOf(status(503, secret))).toMatchObject({ status: 503, code: 'KWIK_STATUS' })
    expect(await answerOf(status(409, { a: 1 } as never))).toMatchObject({ status: 409, text: '{"a":1}' })
    expect(await answerOf(status(204, undefined as never))).toMatchObject({ status: 204, text: '' })
  })

  test('an answer, is the answer', async () => {
    expect(await answerOf(new Response('paid', { status: 402 }))).toMatchObject({ status: 402, text: 'paid' })
    class Teapot extends Error {
      toResponse() {
        return Response.json({ short: 'stout' }, { status: 418 })
      }
    }
    expect(await answerOf(new Teapot())).toMatchObject({ status: 418, text: '{"short":"stout"}' })
    class Broken extends Error {
      toResponse = fails
    }
    expect(await answerOf(new Broken())).toMatchObject({ status: 500, code: 'KWIK_INTERNAL' })
  })
})

describe('an error that a handler returns', () => {
  test('is one that it throws', async () => {
    const { app, logged } = make()
    app.get('/x', () => new Error(secret), open).get('/problem', () => refuse('KWIK_FORBIDDEN'), open)
    expect(await ask(app)).toMatchObject({ status: 500, code: 'KWIK_INTERNAL' })
    expect(logged).toHaveLength(1)
    expect(await ask(app, 'GET', '/problem')).toMatchObject({ status: 403, code: 'KWIK_FORBIDDEN' })
  })
})

describe('a hook of the app that fails', () => {
  test('in onError, is a 500 that is logged', async () => {
    for (const path of ['/x', '/none']) {
      const { app, logged } = make()
      app.onError(fails).get('/x', fails, open)
      expect(await ask(app, 'GET', path)).toMatchObject({ status: 500, code: 'KWIK_INTERNAL' })
      expect(logged).toHaveLength(1)
    }
  })

  for (const hook of ['onRequest', 'onTransform', 'onBeforeHandle', 'onAfterHandle', 'mapResponse'] as const)
    test(`in ${hook}, is a 500`, async () => {
      const { app } = make()
      const hooked = app as unknown as Record<string, (run: () => unknown) => unknown>
      hooked[hook]!(fails)
      app.get('/x', () => 'x', open).post('/x', () => 'x', open)
      for (const method of ['GET', 'POST'])
        expect(await ask(app, method)).toMatchObject({ status: 500, code: 'KWIK_INTERNAL' })
    })

  test('in a parser, is what it says when it says what', async () => {
    const throwing = (thrown: unknown) =>
      ask(
        make()
          .app.onParse(() => {
            throw thrown
          })
          .post('/x', () => 'x', open),
        'POST',
      )
    expect(await throwing(new Error(secret))).toMatchObject({ status: 400, code: 'KWIK_BODY_MALFORMED' })
    expect(await throwing(refuse('KWIK_BODY_TYPE'))).toMatchObject({ status: 415, code: 'KWIK_BODY_TYPE' })
    expect(await throwing(status(415))).toMatchObject({ status: 415, code: 'KWIK_STATUS' })
  })
})

describe('a step that fails', () => {
  const steps = ['identify', 'throttle', 'authorize', 'load', 'replay'] as const
  for (const phase of steps)
    for (const [when, run] of [
      ['at once', fails],
      ['later', async () => fails()],
    ] as const)
      test(`in ${phase}, ${when}, is a 500 that is logged, with and without a body`, async () => {
        for (const method of ['GET', 'POST']) {
          const { app, logged } = make({ always: () => ({ [phase]: run }) })
          app.get('/x', () => 'x', open).post('/x', () => 'x', open)
          expect(await ask(app, method)).toMatchObject({ status: 500, code: 'KWIK_INTERNAL' })
          expect(logged).toHaveLength(1)
        }
      })

  test('is what the plugins make of its error', async () => {
    const { app } = make({ always: () => ({ authorize: fails }), problemOf: () => refuse('KWIK_UNAVAILABLE') })
    expect(
      await ask(
        app.post('/x', () => 'x', open),
        'POST',
      ),
    ).toMatchObject({ status: 503, code: 'KWIK_UNAVAILABLE' })
  })

  test('when headers are about to leave, is a 500', async () => {
    for (const respond of [fails, async () => fails()]) {
      const { app, logged } = make({ respond })
      app.get('/x', () => 'x', open)
      for (const path of ['/x', '/none'])
        expect(await ask(app, 'GET', path)).toMatchObject({ status: 500, code: 'KWIK_INTERNAL' })
      expect(logged).toHaveLength(2)
    }
  })
})

test('a header that cannot be written is left out, and logged', async () => {
  for (const handler of [() => 'x', async () => Response.redirect('http://localhost/')]) {
    const { app, logged } = make({
      respond: (scope) => {
        scope.header('x-bad', 'a\nb')
        scope.header('x-good', 'yes')
      },
    })
    const { headers } = await ask(app.get('/x', handler, open))
    expect([headers.get('x-bad'), headers.get('x-good'), logged.length]).toEqual([null, 'yes', 1])
  }
})

describe("what Elysia itself finds wrong with a request is the client's mistake", () => {
  test('a signed cookie that is forged', async () => {
    const { app, logged } = make()
    const signed = new Elysia({ cookie: { secrets: 'abc', sign: ['session'] } })
      .use(app)
      .get('/x', ({ cookie }) => String(cookie['session']?.value), open)
    const response = await signed.handle(
      new Request('http://localhost/x', { headers: { cookie: 'session=admin.forged' } }),
    )
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([422, 'KWIK_INVALID'])
    expect(logged).toEqual([])
  })

  test('a file that is not what its name says', async () => {
    const { app, logged } = make()
    app
      .post('/x', () => 'x', { ...open, body: t.Object({ file: t.File({ type: 'image/png' }) }) })
      .listen({ port: 0, hostname: '127.0.0.1' })
    try {
      const body = new FormData()
      body.set('file', new File(['no picture'], 'a.png', { type: 'image/png' }))
      const response = await fetch(`http://127.0.0.1:${app.server!.port}/x`, { method: 'POST', body })
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([422, 'KWIK_INVALID'])
      expect(logged).toEqual([])
    } finally {
      await app.stop(true)
    }
  })
})
