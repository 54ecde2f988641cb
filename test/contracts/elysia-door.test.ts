import {
  type AnyElysia,
  type DocumentDecoration,
  Elysia,
  type InputSchema,
  type LifeCycleStore,
  type LocalHook,
  t,
} from 'elysia'
import type { WSLocalHook } from 'elysia/ws/types'
import {
  ancestorsOf,
  appHooksOf,
  elysiaKeys,
  follow,
  isTransactional,
  modelsOf,
  placeOf,
  routeExists,
  routesOf,
  stopNow,
  storeOf,
  usedBy,
  whenModulesLoad,
} from '#core/elysia/door'
import { describe, expect, test } from '#test'

/** Each member of Elysia that core leans on without being promised it. A new version of Elysia that moves one fails here, by name. */
const get = (path: string): Request => new Request(`http://localhost${path}`)
const nothing = (): void => {}
// Elysia listens by itself on Bun only.
const onBun: boolean = 'Bun' in globalThis

describe('store', () => {
  test('every hook sees the store of the app that serves, also hooks of a module', async () => {
    const seen: object[] = []
    const inner = new Elysia({ name: 'inner' }).onRequest(({ store }) => void seen.push(store)).get('/x', () => 'x')
    const root = new Elysia().use(inner)
    await root.handle(get('/x'))
    expect(seen).toHaveLength(1)
    expect(seen[0]).toBe(storeOf(root))
    expect(seen[0]).not.toBe(storeOf(inner))
  })
})

describe('router.history', () => {
  test('keeps method, path, handler and hooks of each route, in the order they were written', () => {
    const handler = (): string => 'x'
    const app = new Elysia().get('/a', handler).guard({ detail: {} }, (g) => g.post('/b', handler, { tags: ['t'] }))
    const [a, b] = routesOf(app)
    expect([a!.method, a!.path, a!.handler]).toEqual(['GET', '/a', handler])
    expect([b!.method, b!.path, b!.handler]).toEqual(['POST', '/b', handler])
    expect(typeof b!.hooks).toBe('object')
  })

  test('is the array itself, and grows with a route that comes later', () => {
    const app = new Elysia().get('/a', () => 'a')
    const routes = routesOf(app)
    app.get('/b', () => 'b')
    expect(routesOf(app)).toBe(routes)
    expect(routes).toHaveLength(2)
  })

  test('a hook that is put on a route before its first request runs: on handle', async () => {
    const app = new Elysia().get('/a', () => 'a')
    routesOf(app)[0]!.hooks.transform = [{ fn: refusing }]
    expect((await app.handle(get('/a'))).status).toBe(418)
  })

  test.skipIf(!onBun)('and on a socket, when it is put there before listen', async () => {
    const app = new Elysia().get('/a', () => 'a')
    routesOf(app)[0]!.hooks.beforeHandle = [{ fn: refusing }]
    app.listen({ port: 0, hostname: '127.0.0.1' })
    expect((await fetch(`http://127.0.0.1:${app.server!.port}/a`)).status).toBe(418)
    await app.stop(true)
  })

  test('transform hooks of a route are its guards’ first, from the outermost on, then its own', () => {
    const [outer, inner, own] = [() => {}, () => {}, () => {}]
    const app = new Elysia().guard({ transform: outer }, (g) =>
      g.guard({ transform: inner }, (h) => h.get('/a', () => 'a', { transform: own })),
    )
    expect(routesOf(app)[0]!.hooks.transform?.map((hook) => hook.fn)).toEqual([outer, inner, own])
  })

  test('keys that Elysia does not know stay on the route', () => {
    const app = new Elysia().get('/a', () => 'a', { detail: {}, ...{ teapot: true } })
    expect(routesOf(app)[0]!.hooks['teapot']).toBe(true)
  })
})

describe('event.transform', () => {
  test('holds the global hooks of an app, each as a container with its function', () => {
    const hook = (): void => {}
    const app = new Elysia().onTransform({ as: 'global' }, hook)
    expect(appHooksOf(app).map(({ fn }) => fn)).toEqual([hook])
    const root = new Elysia().use(app)
    expect(appHooksOf(root).map(({ fn }) => fn)).toEqual([hook])
  })

  test('a property on a hook’s function survives use, guard and group', () => {
    const mark = Symbol('mark')
    const hook = Object.assign((): void => {}, { [mark]: 1 })
    const plugin = new Elysia().onTransform({ as: 'global' }, hook)
    const app = new Elysia().use(new Elysia().use(plugin)).group('/g', (g) => g.get('/a', () => 'a'))
    const fns = routesOf(app)[0]!.hooks.transform?.map(({ fn }) => fn as { [mark]?: number })
    expect(fns?.map((fn) => fn[mark])).toEqual([1])
  })
})

describe('definitions.type', () => {
  test('holds the models of an app by name', () => {
    const schema = t.Object({ id: t.String() })
    expect(modelsOf(new Elysia().model({ product: schema }))['product']).toBe(schema)
  })
})

describe('server.stop', () => {
  test.skipIf(!onBun)('closes the port at once, also with an answer under way', async () => {
    const app = new Elysia().get('/slow', () => new Promise(nothing)).listen({ port: 0, hostname: '127.0.0.1' })
    const { port } = app.server!
    const under = fetch(`http://127.0.0.1:${port}/slow`).then(
      () => 'answered',
      () => 'cut',
    )
    await new Promise((done) => setTimeout(done, 20))
    stopNow(app)
    expect(await under).toBe('cut')
  })
})

describe('fetch and compile', () => {
  test.each(['handle', 'fetch', 'compile'] as const)(
    '%s knows the routes that are added before it composes',
    async (way) => {
      const app = new Elysia()
      follow(app, (root) => void root.get('/late', () => 'late'))
      app.get('/early', () => 'early')
      if (way === 'compile') app.compile()
      const ask = (path: string) => (way === 'handle' ? app.handle(get(path)) : app.fetch(get(path)))
      for (const path of ['/early', '/late']) expect((await ask(path)).status).toBe(200)
    },
  )

  test('say nothing of an app that cannot be right, and hide no other error', () => {
    const refused = follow(new Elysia(), () => {
      throw Object.assign(new Error('wrong'), { code: 'KWIK_BOOT' })
    })
    expect(() => refused.fetch).not.toThrow()
    const broken = follow(new Elysia(), () => {
      throw new Error('broken')
    })
    expect(() => broken.fetch).toThrow('broken')
  })
})

describe('promisedModules', () => {
  test('tells when the lazy modules are in, and is empty without any', async () => {
    const lazy = Promise.resolve({ default: new Elysia().get('/late', () => 'late') })
    const app = new Elysia().use(lazy)
    const routes = await new Promise<number>((done) => whenModulesLoad(app, () => done(routesOf(app).length)))
    expect(routes).toBe(1)
    let told = false
    whenModulesLoad(new Elysia(), () => (told = true))
    expect(told).toBe(false)
  })
})

describe('router.static and router.http', () => {
  const app = new Elysia()
    .get('/plain', () => 'x')
    .post('/items/:id', () => 'x')
    .get('/files/*', () => 'x')

  test('find a route by method and path', () => {
    expect(routeExists(app, 'GET', '/plain')).toBe(true)
    expect(routeExists(app, 'POST', '/items/7')).toBe(true)
    expect(routeExists(app, 'GET', '/files/a/b')).toBe(true)
  })

  test('find nothing for another method or path', () => {
    expect(routeExists(app, 'POST', '/plain')).toBe(false)
    expect(routeExists(app, 'GET', '/items/7')).toBe(false)
    expect(routeExists(app, 'GET', '/none')).toBe(false)
  })
})

describe('getParent', () => {
  test('is set on an instance by each app that uses it', () => {
    const child: AnyElysia = new Elysia({ name: 'child' })
    follow(child, nothing)
    const a: AnyElysia = new Elysia().use(child)
    const b: AnyElysia = new Elysia().use(child)
    const top: AnyElysia = new Elysia().use(b)
    const above = ancestorsOf(child)
    for (const app of [child, a, b, top]) expect(above.has(app)).toBe(true)
    expect(usedBy(top).has(child)).toBe(true)
  })

  test('is set also when an instance of the same name is there already', () => {
    const [first, second]: AnyElysia[] = [new Elysia({ name: 'same' }), new Elysia({ name: 'same' })]
    const root: AnyElysia = new Elysia()
    for (const app of [first!, second!]) {
      follow(app, nothing)
      root.use(app)
    }
    expect(usedBy(root).has(second!)).toBe(true)
  })
})

describe('add', () => {
  const words = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all'] as const

  test.each(words.map((word) => [word]))('is where .%s() hands its handler over, with its options', (word) => {
    const app = follow(new Elysia(), nothing) as unknown as Record<string, (...given: unknown[]) => unknown>
    const handler = (): string => 'x'
    app[word]!('/x', handler, { transaction: true })
    expect(placeOf(handler)?.file).toContain('elysia-door.test.ts:')
    expect(isTransactional(routesOf(app as unknown as AnyElysia)[0]!.handler)).toBe(true)
  })

  test('is where .route() does', () => {
    const app = follow(new Elysia(), nothing)
    const handler = (): string => 'x'
    app.route('PURGE', '/x', handler, { transaction: true } as never)
    expect(isTransactional(routesOf(app)[0]!.handler)).toBe(true)
  })

  test('a wrapped handler is read by the source of the one it wraps', async () => {
    const app = new Elysia()
    follow(app, nothing)
    app.post('/x', ({ body }) => body, { detail: {}, ...{ transaction: true } })
    const wrapped = routesOf(app)[0]!.handler
    expect(String(wrapped)).toContain('body')
    const asked: unknown[] = []
    const post = new Elysia()
      .onError(({ error }) => void asked.push(error))
      .post(
        '/x',
        Object.defineProperty((context: { body: unknown }) => JSON.stringify(context.body ?? null), 'toString', {
          value: () => '() => 1',
        }),
      )
    const body = JSON.stringify({ a: 1 })
    const sent = new Request('http://localhost/x', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(await (await post.handle(sent)).text()).toBe('null')
  })
})

describe('listen', () => {
  test('can be preceded: what it throws keeps the port closed', () => {
    const app = follow(new Elysia(), () => {
      throw new Error('not ready')
    })
    expect(() => app.listen({ port: 0, hostname: '127.0.0.1' })).toThrow('not ready')
    expect(app.server).toBe(null)
  })
})

type Singleton = { decorator: {}; store: {}; derive: {}; resolve: {} }
type Words =
  | keyof LocalHook<{}, never, Singleton, {}>
  | keyof WSLocalHook<{}, never, Singleton>
  | keyof LifeCycleStore
  | keyof InputSchema
  | keyof Pick<DocumentDecoration, 'hide'>

describe('the words of a route', () => {
  test('that Elysia reads are all known: a new one fails the type check here', () => {
    const words: Record<Words, true> = {
      afterHandle: true,
      afterResponse: true,
      backpressureLimit: true,
      beforeHandle: true,
      body: true,
      close: true,
      closeOnBackpressureLimit: true,
      cookie: true,
      detail: true,
      drain: true,
      error: true,
      headers: true,
      hide: true,
      idleTimeout: true,
      mapResponse: true,
      maxPayloadLength: true,
      message: true,
      open: true,
      params: true,
      parse: true,
      perMessageDeflate: true,
      ping: true,
      pong: true,
      publishToSelf: true,
      query: true,
      request: true,
      response: true,
      sendPings: true,
      start: true,
      stop: true,
      tags: true,
      trace: true,
      transform: true,
      type: true,
      upgrade: true,
    }
    expect(Object.keys(words).filter((word) => !elysiaKeys.has(word))).toEqual([])
  })
})

describe('a hook’s container', () => {
  test('says that it waits, whatever the source of its function says', async () => {
    const order: string[] = []
    const later = (): unknown => new Promise<void>((done) => setTimeout(done, 1)).then(() => void order.push('hook'))
    const app = new Elysia().get('/a', () => order.push('handler'))
    routesOf(app)[0]!.hooks.transform = [{ fn: later, isAsync: true }]
    await app.handle(get('/a'))
    expect(order).toEqual(['hook', 'handler'])
  })

  test('says that it answers, whatever the source of its function says', async () => {
    const app = new Elysia().get('/a', () => 'handler')
    const reply = Object.defineProperty(() => new Response('hook'), 'toString', { value: () => '() => {}' })
    routesOf(app)[0]!.hooks.beforeHandle = [{ fn: reply, hasReturn: true }]
    expect(await (await app.handle(get('/a'))).text()).toBe('hook')
  })

  test('of subType derive or resolve hands what it answers to the context', async () => {
    const app = new Elysia().get('/a', (context) => {
      const { early, late } = context as unknown as { early: string; late: string }
      return early + late
    })
    const { hooks } = routesOf(app)[0]!
    hooks.transform = [{ fn: () => ({ early: 'a' }), subType: 'derive' }]
    hooks.beforeHandle = [{ fn: () => ({ late: 'b' }), subType: 'resolve' }]
    expect(await (await app.handle(get('/a'))).text()).toBe('ab')
  })

  test('in parse keeps the body from being read when it answers a value', async () => {
    const app = new Elysia().post('/a', ({ body }) => body)
    routesOf(app)[0]!.hooks.parse = [{ fn: () => ({ instead: true }), hasReturn: true, isAsync: false }]
    const sent = new Request('http://localhost/a', {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    })
    expect(await (await app.handle(sent)).json()).toEqual({ instead: true })
    expect(sent.bodyUsed).toBe(false)
  })
})

const refusing = (): Response => {
  throw new Response('refused', { status: 418 })
}
