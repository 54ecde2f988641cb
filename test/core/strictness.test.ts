import { Elysia, t } from 'elysia'
import { core } from '#core/access'
import { guarded, open } from '#core/foreign'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { describe, expect, test } from '#test'
import { authenticate, request } from '../fixtures/platform.ts'
import { identity } from '../fixtures/plugins/identity.ts'

const listening = () => {
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, warning: (text: string) => void warnings.push(text), error() {} }
  return { warnings, logger }
}
const theirs = () => new Elysia().get('/theirs', () => 'theirs')

describe('strict: false', () => {
  test('keeps undeclared routes open and warns once with all of them', async () => {
    const { warnings, logger } = listening()
    const app = new Elysia()
      .use(core({ strict: false, logger }))
      .get('/a', () => 'a')
      .post('/b', () => 'b')
      .get('/c', () => 'c', { public: true })
    expect(await (await app.handle(request('GET', '/a'))).text()).toBe('a')
    expect((await app.handle(request('POST', '/b', undefined, '{}'))).status).toBe(200)
    expect(warnings).toEqual([
      'routes that say neither `auth`, `permission` nor `public: true` are open to anybody: GET /a, POST /b',
    ])
  })

  test('keeps what the app did with bodies and errors', async () => {
    const app = new Elysia()
      .use(core({ strict: false, logger: listening().logger }))
      .onError(({ code }) => (code === 'NOT_FOUND' ? 'ours' : undefined))
      .post('/b', ({ body }) => body, { body: t.Object({ a: t.String() }) })
    expect(await (await app.handle(request('POST', '/b', undefined, '{"a":"x","b":1}'))).text()).toBe('{"a":"x"}')
    expect(await (await app.handle(request('GET', '/none'))).text()).toBe('ours')
  })

  test('still refuses a route that contradicts itself', async () => {
    const app = new Elysia().use(core({ strict: false })).get('/a', () => 'a', { public: true, auth: true })
    expect((await app.handle(request('GET', '/a'))).status).toBe(500)
  })
})

test('what is no word for who may call does not open a route', async () => {
  for (const options of [
    ...['false', 'no', 0, null, {}].map((word) => ({ public: word })),
    ...['bearer', ['bearers'], [], 0, null].map((word) => ({ auth: word })),
  ])
    for (const strict of [true, false]) {
      const app = new Elysia().use(core({ strict, logger: listening().logger })).get('/a', () => 'a', options as object)
      expect([options, (await app.handle(request('GET', '/a'))).status]).toEqual([options, 500])
    }
})

test('options that two apps share are not open in the one that has no plugin for them', async () => {
  // Elysia takes an option out of the object that it was written in.
  const secret = { permission: 'posts:read' } as {}
  const first = new Elysia()
    .use(core())
    .use(identity({ authenticate }))
    .get('/', () => 'secret', secret)
  expect((await first.handle(request('GET', '/'))).status).toBe(401)
  for (const strict of [true, false]) {
    const second = new Elysia().use(core({ strict })).get('/', () => 'secret', secret)
    expect((await second.handle(request('GET', '/'))).status).toBe(500)
  }
})

describe("a plugin's own routes", () => {
  const greets = () =>
    definePlugin<KwikPlugin<{}>, {}>({
      name: 'greets',
      options: {},
      keys: [],
      setup: () => ({
        routes: (own) =>
          void own
            .get('/hello', () => 'theirs', { public: true } as never)
            .get('/bye', () => 'bye', { auth: true } as never),
      }),
    })
  test('are added to the app that serves, under its prefix, once, with the options of its plugins', async () => {
    const plugin = greets()
    const posts = new Elysia({ prefix: '/posts' })
      .use(core())
      .use(plugin)
      .get('/', () => 'posts', { public: true })
    const app = new Elysia({ prefix: '/api' }).use(core()).use(plugin).use(posts)
    const paths = ['/api/hello', '/api/bye', '/api/posts/hello', '/api/posts']
    const statuses = []
    for (const path of paths) statuses.push((await app.handle(request('GET', path))).status)
    expect(statuses).toEqual([200, 401, 404, 200])
  })
  test('give way to the same route of the app', async () => {
    const app = new Elysia()
      .use(core())
      .use(greets())
      .get('/hello', () => 'mine', { public: true })
    expect(await (await app.handle(request('GET', '/hello'))).text()).toBe('mine')
  })
})

describe("another maker's plugin", () => {
  const platform = () => new Elysia({ name: 'p' }).use(core()).use(identity({ authenticate }))
  test('is refused as it is', async () => {
    expect((await new Elysia().use(platform()).use(theirs()).handle(request('GET', '/theirs'))).status).toBe(500)
  })
  test('enters by open(), with every route public', async () => {
    const app = new Elysia().use(platform()).use(open(theirs()))
    expect((await app.handle(request('GET', '/theirs'))).status).toBe(200)
  })
  test('enters by guarded(), with the guard before every route', async () => {
    const app = new Elysia().use(platform()).use(guarded({ permission: 'posts:read' }, theirs()))
    const statuses = []
    for (const who of [undefined, 'bob', 'reader'])
      statuses.push((await app.handle(request('GET', '/theirs', who))).status)
    expect(statuses).toEqual([401, 403, 200])
  })
})

describe('credentials', () => {
  test('the ways that a route takes are checked', async () => {
    const app = new Elysia()
      .use(core())
      .use(identity({ authenticate }))
      .get('/key', () => 'key', { auth: ['apiKey'] })
    const answer = await app.handle(request('GET', '/key', 'admin'))
    expect([answer.status, (await answer.json()).detail]).toEqual([401, 'This route takes an API key in X-API-Key.'])
  })
  test('of a signed-in caller do no harm on a public route', async () => {
    const app = new Elysia()
      .use(core())
      .use(identity({ authenticate }))
      .get('/', () => 'x', { public: true })
    expect((await app.handle(request('GET', '/', 'nobody'))).status).toBe(200)
  })
})
