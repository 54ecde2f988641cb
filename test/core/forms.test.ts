import { describe, expect, test } from 'bun:test'
import type { AnyElysia } from 'elysia'
import { Elysia, t } from 'elysia'
import { makePlatform, request } from '../fixtures/platform.ts'
import { cache } from '../fixtures/plugins/cache.ts'

const secret = { permission: 'posts:create', body: t.Object({ title: t.String() }) } as const
const forms: Record<string, (platform: ReturnType<typeof makePlatform>) => AnyElysia> = {
  'the platform is the app': (p) => p.post('/p', () => 'ok', secret),
  'used, routes after': (p) => new Elysia().use(p).post('/p', () => 'ok', secret),
  'module with platform, root with platform': (p) =>
    new Elysia().use(p).use(new Elysia().use(p).post('/p', () => 'ok', secret)),
  'module first, then root platform': (p) =>
    new Elysia().use(new Elysia().use(p).post('/p', () => 'ok', secret)).use(p),
  'module with platform, root without': (p) => new Elysia().use(new Elysia().use(p).post('/p', () => 'ok', secret)),
  'two deep': (p) =>
    new Elysia().use(new Elysia().use(new Elysia({ prefix: '/p' }).use(p).post('/', () => 'ok', secret))),
  'shared module in two roots, first root asked': (p) => {
    const m = new Elysia().use(p).post('/p', () => 'ok', secret)
    const a = new Elysia().use(m)
    new Elysia().use(m)
    return a
  },
  group: (p) => new Elysia().use(p).group('/p', (g) => g.post('', () => 'ok', secret)),
  'guard with callback': (p) =>
    new Elysia().use(p).guard({ permission: 'posts:create' }, (g) => g.post('/p', () => 'ok', { body: secret.body })),
  'guard without callback': (p) =>
    new Elysia()
      .use(p)
      .guard({ permission: 'posts:create' })
      .post('/p', () => 'ok', { body: secret.body }),
  'compiled by hand': (p) =>
    new Elysia()
      .use(p)
      .post('/p', () => 'ok', secret)
      .compile(),
  'user derive and resolve around': (p) =>
    new Elysia()
      .derive(() => ({ a: 1 }))
      .use(p)
      .resolve(() => ({ b: 1 }))
      .onBeforeHandle(() => {})
      .post('/p', () => 'ok', secret),
  'lazy module': (p) =>
    new Elysia()
      .use(p)
      .use(
        Promise.resolve({ default: new Elysia().use(p).post('/p', () => 'ok', secret) }) as never,
      ) as unknown as AnyElysia,
}
const socket = async (app: AnyElysia) => {
  app.listen({ port: 0, hostname: '127.0.0.1' })
  await app.modules
  await Bun.sleep(5)
  return (r: Request) => fetch(r.url.replace('http://localhost', `http://127.0.0.1:${app.server!.port}`), r)
}
for (const [form, make] of Object.entries(forms))
  for (const way of ['handle', 'socket'] as const)
    test(`${form} (${way})`, async () => {
      const app = make(makePlatform())
      await app.modules
      const ask = way === 'handle' ? (r: Request) => app.handle(r) : await socket(app)
      const statuses = []
      for (const [who, body] of [
        [undefined, '{'],
        [undefined, '{"a":1}'],
        ['bob', '{'],
        ['admin', '{'],
        ['admin', '{"a":1}'],
        ['admin', '{"title":"x"}'],
      ] as const)
        statuses.push((await ask(request('POST', '/p', who, body))).status)
      if (way === 'socket') await app.stop(true)
      expect(statuses).toEqual([401, 401, 403, 400, 422, 200])
    })

describe('an app that cannot be right', () => {
  const fault = async (make: (p: ReturnType<typeof makePlatform>) => AnyElysia) => {
    const app = make(makePlatform())
    expect((await app.handle(request('GET', '/x'))).status).toBe(500)
    const answer = await app.handle(request('GET', '/x'))
    let listen = ''
    try {
      make(makePlatform()).listen({ port: 0, hostname: '127.0.0.1' })
    } catch (error) {
      listen = (error as Error).message
    }
    const body = (await answer.json()) as { code: string; detail?: string }
    expect(answer.status).toBe(500)
    expect(body).toEqual({
      type: '/problems/boot',
      title: 'This app is not ready to answer',
      status: 500,
      code: 'KWIK_BOOT',
    } as never)
    return listen
  }
  test('undeclared', async () =>
    expect(await fault((p) => new Elysia().use(p).get('/x', () => 'x'))).toMatch(
      /GET \/x \(.*forms\.test\.ts:\d+\): say/,
    ))
  test('misspelt', async () =>
    expect(
      await fault((p) => new Elysia().use(p).get('/x', () => 'x', { public: true, ...({ permision: 'a' } as {}) })),
    ).toContain('did you mean "permission"'))
  test('written before use', async () =>
    expect(
      await fault((p) =>
        new Elysia().get('/x', () => 'x', { detail: {}, ...({ permission: 'posts:read' } as {}) }).use(p),
      ),
    ).toContain('written before .use()'))
  test('mount', async () =>
    expect(await fault((p) => new Elysia().use(p).mount('/m', () => new Response('m')))).toContain('ALL /m'))
  test('cached for signed-in users', async () =>
    expect(await fault((p) => new Elysia().use(p).get('/x', () => 'x', { auth: true, cache: { ttl: 1 } }))).toContain(
      'varyOnUser',
    ))
  test('precompile', async () =>
    expect(await fault((p) => new Elysia({ precompile: true }).use(p).get('/y', () => 'x', { auth: true }))).toContain(
      'precompile',
    ))
  test('static value that skips hooks', async () =>
    expect(
      await fault((p) =>
        new Elysia()
          .use(p)
          .onParse(() => {})
          .onAfterHandle(() => {})
          .get('/x', 'x', { auth: true }),
      ),
    ).toContain('plain value'))
})
test('guarded mount', async () => {
  const app = new Elysia()
    .use(makePlatform())
    .guard({ auth: true }, (g) => g.mount('/m', async (r) => new Response('m' + (await r.text()))))
  expect((await app.handle(request('POST', '/m/x', undefined, '{'))).status).toBe(401)
  expect(await (await app.handle(request('POST', '/m/x', 'bob', '{'))).text()).toBe('m{')
})
test('used inside a group only: refused, not open', async () => {
  const p = makePlatform()
  const app = new Elysia().group('/g', (g) => g.use(p).get('/x', () => 'x', { auth: true })).get('/y', () => 'y')
  expect((await app.handle(request('GET', '/g/x'))).status).toBe(500)
})
test('cache alone', async () => {
  let n = 0
  const app = new Elysia().use(cache()).get('/', () => ++n, { cache: { ttl: 5 } })
  await app.handle(request('GET', '/'))
  expect(await (await app.handle(request('GET', '/'))).text()).toBe('1')
})
test('two apps from one plugin share nothing', async () => {
  const shared = cache()
  let n = 0
  const [a, b] = [0, 1].map(() => new Elysia().use(shared).get('/', () => ++n, { cache: { ttl: 5 } })) as [
    AnyElysia,
    AnyElysia,
  ]
  const texts = []
  for (const app of [a, b, a, b]) texts.push(await (await app.handle(request('GET', '/'))).text())
  expect(texts).toEqual(['1', '2', '1', '2'])
})
test('web socket', async () => {
  const app = new Elysia()
    .use(makePlatform())
    .ws('/ws', { auth: true, open: (ws) => void ws.send('hi') })
    .listen({ port: 0, hostname: '127.0.0.1' })
  const upgrade = (who?: string) =>
    fetch(`http://127.0.0.1:${app.server!.port}/ws`, {
      headers: {
        upgrade: 'websocket',
        connection: 'upgrade',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
        ...(who ? { authorization: who } : {}),
      },
    })
  expect((await upgrade()).status).toBe(401)
  const ws = new WebSocket(`ws://127.0.0.1:${app.server!.port}/ws`, { headers: { authorization: 'bob' } } as never)
  expect(
    await new Promise((done, fail) => {
      ws.onmessage = (m) => done(m.data)
      ws.onerror = fail
    }),
  ).toBe('hi')
  ws.close()
  await app.stop(true)
})
test('a module asked alone, then as part of two apps', async () => {
  const p = makePlatform()
  const posts = new Elysia()
    .use(p)
    .onBeforeHandle(() => {})
    .post('/p', () => 'ok', secret)
    .get('/p', () => 'list', {
      auth: true,
      cache: { ttl: 5, varyOnUser: true },
      version: { v1: { down: () => 'old' } },
    })
  for (const app of [posts, new Elysia().use(p).use(posts), new Elysia().use(posts), posts]) {
    const statuses = []
    for (const [who, body] of [
      [undefined, '{'],
      ['bob', '{'],
      ['admin', '{'],
      ['admin', '{"a":1}'],
      ['admin', '{"title":"x"}'],
    ] as const)
      statuses.push((await app.handle(request('POST', '/p', who, body))).status)
    expect(statuses).toEqual([401, 403, 400, 422, 200])
    expect((await app.handle(request('GET', '/p'))).status).toBe(401)
    expect(
      await (
        await app.handle(request('GET', '/p', 'bob', undefined, { accept: 'application/vnd.kwik.v1+json' }))
      ).text(),
    ).toBe('old')
  }
})
test('a route cannot weaken its guard', async () => {
  const app = new Elysia()
    .use(makePlatform())
    .guard({ permission: 'posts:create' }, (g) => g.get('/x', () => 'x', { permission: 'posts:read' }))
  const reader = new Elysia().use(makePlatform()).guard({ auth: true }, (g) => g.get('/x', () => 'x', { public: true }))
  expect((await app.handle(request('GET', '/x', 'reader'))).status).toBe(403)
  expect((await app.handle(request('GET', '/x', 'admin'))).status).toBe(200)
  expect((await reader.handle(request('GET', '/x'))).status).toBe(500)
})
test('a route that comes late and undeclared closes the app, again and again', async () => {
  const app = new Elysia().use(makePlatform()).get('/x', () => 'x', { public: true })
  expect((await app.handle(request('GET', '/x'))).status).toBe(200)
  app.get('/late/:id', () => 'late')
  for (const path of ['/late/1', '/late/1', '/x', '/late/1'])
    expect((await app.handle(request('GET', path))).status).toBe(500)
})
