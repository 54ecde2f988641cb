import type { AnyElysia } from 'elysia'
import { Elysia, t } from 'elysia'
import { describe, expect, test } from '#test'
import { listening, talkTo, ways } from '../fixtures/ask.ts'
import { makePlatform, request } from '../fixtures/platform.ts'
import { cache } from '../fixtures/plugins/cache.ts'

type Platform = ReturnType<typeof makePlatform>

const ok = (): string => 'ok'
const pass = (): void => {}
const title = t.Object({ title: t.String() })
const secret = { permission: 'posts:create', body: title } as const

/** Every way of putting an app together that leads to the same `POST /p`. */
const forms: Record<string, (platform: Platform) => AnyElysia> = {
  'the platform is the app': (platform) => platform.post('/p', ok, secret),
  'used, routes after': (platform) => new Elysia().use(platform).post('/p', ok, secret),
  'module with platform, root with platform': (platform) =>
    new Elysia().use(platform).use(new Elysia().use(platform).post('/p', ok, secret)),
  'module first, then root platform': (platform) =>
    new Elysia().use(new Elysia().use(platform).post('/p', ok, secret)).use(platform),
  'module with platform, root without': (platform) =>
    new Elysia().use(new Elysia().use(platform).post('/p', ok, secret)),
  'two deep': (platform) =>
    new Elysia().use(new Elysia().use(new Elysia({ prefix: '/p' }).use(platform).post('/', ok, secret))),
  'shared module in two roots, first root asked': (platform) => {
    const shared = new Elysia().use(platform).post('/p', ok, secret)
    const first = new Elysia().use(shared)
    new Elysia().use(shared)
    return first
  },
  group: (platform) => new Elysia().use(platform).group('/p', (inner) => inner.post('', ok, secret)),
  'guard with callback': (platform) =>
    new Elysia().use(platform).guard({ permission: 'posts:create' }, (inner) => inner.post('/p', ok, { body: title })),
  'guard without callback': (platform) =>
    new Elysia().use(platform).guard({ permission: 'posts:create' }).post('/p', ok, { body: title }),
  'compiled by hand': (platform) => new Elysia().use(platform).post('/p', ok, secret).compile(),
  'user derive and resolve around': (platform) =>
    new Elysia()
      .derive(() => ({ a: 1 }))
      .use(platform)
      .resolve(() => ({ b: 1 }))
      .onBeforeHandle(pass)
      .post('/p', ok, secret),
  'lazy module': (platform) => {
    const lazy = Promise.resolve({ default: new Elysia().use(platform).post('/p', ok, secret) })
    return new Elysia().use(platform).use(lazy as never) as unknown as AnyElysia
  },
}

/** Who asks with which body, and what the answer is. */
const cases = [
  [undefined, '{', 401],
  [undefined, '{"a":1}', 401],
  ['bob', '{', 403],
  ['admin', '{', 400],
  ['admin', '{"a":1}', 422],
  ['admin', '{"title":"x"}', 200],
] as const

describe('an app asks who is there before it reads, in the form of', () => {
  for (const [form, make] of Object.entries(forms))
    test.each(ways.map((way) => [way]))(`${form} (%s)`, async (way) => {
      await talkTo(make(makePlatform()), way, async (ask) => {
        for (const [who, body, status] of cases)
          expect((await ask(request('POST', '/p', who, body))).status).toBe(status)
      })
    })

  test('a module asked alone, then as part of two apps', async () => {
    const platform = makePlatform()
    const posts = new Elysia()
      .use(platform)
      .onBeforeHandle(pass)
      .post('/p', ok, secret)
      .get('/p', () => 'list', {
        auth: true,
        cache: { ttl: 5, varyOnUser: true },
        version: { v1: { down: () => 'old' } },
      })
    const oldAccept = { accept: 'application/vnd.kwik.v1+json' }
    for (const app of [posts, new Elysia().use(platform).use(posts), new Elysia().use(posts), posts]) {
      for (const [who, body, status] of cases)
        expect((await app.handle(request('POST', '/p', who, body))).status).toBe(status)
      expect((await app.handle(request('GET', '/p'))).status).toBe(401)
      expect(await (await app.handle(request('GET', '/p', 'bob', undefined, oldAccept))).text()).toBe('old')
    }
  })

  test('a module asked alone, then as part of an app: each route keeps its own words and hooks', async () => {
    const platform = makePlatform()
    const ran: string[] = []
    const posts = new Elysia()
      .use(platform)
      .onTransform(() => void ran.push('transform'))
      .onParse(() => void ran.push('parse'))
      .mapResponse(() => void ran.push('map'))
      .post('/p', ok, { ...secret, parse: 'json' })
      .post('/open', ok, { public: true })
      .put('/p', ok, secret)
    expect((await posts.handle(request('POST', '/p', undefined, '{"title":"x"}'))).status).toBe(401)
    for (const app of [new Elysia().use(platform).use(posts), new Elysia().use(new Elysia().use(posts.compile()))]) {
      for (const method of ['POST', 'PUT'])
        for (const [who, body, status] of cases)
          expect((await app.handle(request(method, '/p', who, body))).status).toBe(status)
      expect((await app.handle(request('POST', '/open', undefined, '{'))).status).toBe(400)
      ran.length = 0
      const text = { 'content-type': 'text/plain' }
      expect((await app.handle(request('POST', '/p', 'admin', '{"title":"x"}', text))).status).toBe(200)
      expect(ran).toEqual(['parse', 'transform', 'map'])
    }
  })

  test('a guarded mount', async () => {
    const mounted = async (sent: Request): Promise<Response> => new Response(`m${await sent.text()}`)
    const app = new Elysia().use(makePlatform()).guard({ auth: true }, (inner) => inner.mount('/m', mounted))
    expect((await app.handle(request('POST', '/m/x', undefined, '{'))).status).toBe(401)
    expect(await (await app.handle(request('POST', '/m/x', 'bob', '{'))).text()).toBe('m{')
  })
})

describe('plugins', () => {
  const counting = (plugin: ReturnType<typeof cache>): AnyElysia => {
    let answers = 0
    return new Elysia().use(plugin).get('/', () => ++answers, { cache: { ttl: 5 } })
  }
  const textOf = async (app: AnyElysia): Promise<string> => (await app.handle(request('GET', '/'))).text()

  test('work alone, without the rest of the platform', async () => {
    const app = counting(cache())
    expect([await textOf(app), await textOf(app)]).toEqual(['1', '1'])
  })

  test('keep their state for one app: two apps of one instance share nothing', async () => {
    let answers = 0
    const shared = cache()
    const [a, b] = [0, 1].map(() => new Elysia().use(shared).get('/', () => ++answers, { cache: { ttl: 5 } }))
    const texts: string[] = []
    for (const app of [a!, b!, a!, b!]) texts.push(await textOf(app))
    expect(texts).toEqual(['1', '2', '1', '2'])
  })
})

// Elysia takes web sockets on Bun only.
describe.skipIf(!('Bun' in globalThis))('a web socket', () => {
  const upgrade = {
    upgrade: 'websocket',
    connection: 'upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  }

  test('is refused with a real status, or opened', async () => {
    const app = new Elysia().use(makePlatform()).ws('/ws', { auth: true, open: (ws) => void ws.send('hi') })
    const { port, stop } = await listening(app)
    expect((await fetch(`http://127.0.0.1:${port}/ws`, { headers: upgrade })).status).toBe(401)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { authorization: 'bob' } } as never)
    const heard = await new Promise((done, fail) => {
      socket.onmessage = ({ data }) => done(data)
      socket.onerror = fail
    })
    expect(heard).toBe('hi')
    socket.close()
    await stop(0)
  })
})
