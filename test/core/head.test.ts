import { connect } from 'node:net'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { End } from '#core/scope'
import { describe, expect, sleep, test } from '#test'

const open = { public: true } as const
const logger = { debug() {}, info() {}, warning() {}, error() {} }

function make() {
  const seen = { ends: [] as (readonly [string, End])[], requests: 0, cancelled: 0 }
  const endless = () =>
    new ReadableStream({
      async pull(to) {
        await sleep(2)
        to.enqueue(new Uint8Array([97]))
      },
      cancel: () => void seen.cancelled++,
    })
  const watch = definePlugin<KwikPlugin<{}>, {}>({
    name: 'watch',
    options: {},
    keys: [],
    setup: () => ({ close: (scope, end) => void seen.ends.push([scope.request.method, end]) }),
  })
  const app = new Elysia()
    .onRequest(() => void seen.requests++)
    .use(core({ signals: false, logger, timeout: '100ms' }))
    .use(watch)
    .get(
      '/text',
      ({ set }) => {
        set.headers['x-own'] = 'yes'
        return 'text'
      },
      open,
    )
    .get('/items/:id', ({ params, query }) => Response.json({ id: params.id, ...query }), open)
    .get('/endless', endless, open)
    .get('/response', () => new Response(endless(), { headers: { etag: '"1"' } }), open)
    .get('/slow', () => sleep(1000), open)
    .get('/own', () => 'own', open)
    .head('/own', ({ set }) => void (set.headers['x-own'] = 'head'), open)
    .post('/post', () => 'x', open)
  return { app, seen }
}

const ways = {
  handle: async (path: string, method: string) => {
    const { app, seen } = make()
    return { seen, response: await app.handle(new Request(`http://localhost${path}`, { method })), stop: () => {} }
  },
  socket: async (path: string, method: string) => {
    const { app, seen } = make()
    app.listen({ port: 0, hostname: '127.0.0.1' })
    const response = await fetch(`http://127.0.0.1:${app.server!.port}${path}`, { method })
    return { seen, response, stop: () => app.stop(true) }
  },
}

for (const [way, ask] of Object.entries(ways))
  describe(`HEAD (${way})`, () => {
    for (const [path, status, header] of [
      ['/text', 200, ['x-own', 'yes']],
      ['/items/7?a=1', 200, ['content-type', 'application/json;charset=utf-8']],
      ['/own', 200, ['x-own', 'head']],
      ['/endless', 200, undefined],
      ['/response', 200, ['etag', '"1"']],
      ['/slow', 503, ['content-type', 'application/problem+json']],
      ['/post', 405, ['allow', 'OPTIONS, POST']],
      ['/none', 404, ['content-type', 'application/problem+json']],
    ] as const)
      test(`of ${path} is ${status}, without a body, and ends once`, async () => {
        const { response, seen, stop } = await ask(path, 'HEAD')
        try {
          expect([response.status, await response.text()]).toEqual([status, ''])
          if (header) expect(response.headers.get(header[0])).toBe(header[1])
          await sleep(20)
          expect(seen.ends.map(([method, end]) => [method, end.status, end.aborted])).toEqual([['HEAD', status, false]])
          if (path === '/endless' || path === '/response') expect(seen.cancelled).toBe(1)
        } finally {
          await stop()
        }
      })

    test('asks the hooks of the app once', async () => {
      const { seen, stop } = await ask('/text', 'HEAD')
      await stop()
      expect(seen.requests).toBe(1)
    })

    test('OPTIONS is no request for the route, and ends once', async () => {
      const { response, seen, stop } = await ask('/text', 'OPTIONS')
      await stop()
      expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
      expect(seen.ends).toHaveLength(1)
    })
  })

test('a stream that its client leaves ends once', async () => {
  const { app, seen } = make()
  app.listen({ port: 0, hostname: '127.0.0.1' })
  try {
    const leave = new AbortController()
    const response = await fetch(`http://127.0.0.1:${app.server!.port}/endless`, { signal: leave.signal })
    await response.body!.getReader().read()
    leave.abort()
    for (let i = 0; i < 100 && seen.ends.length === 0; i++) await sleep(10)
    await sleep(30)
    expect(seen.ends.map(([, end]) => end.aborted)).toEqual([true])
  } finally {
    await app.stop(true)
  }
})

test('what HEAD says of the length is what GET sends, or nothing', async () => {
  const { app } = make()
  app.listen({ port: 0, hostname: '127.0.0.1' })
  const raw = (path: string) =>
    new Promise<string>((done) => {
      const socket = connect({ port: app.server!.port!, host: '127.0.0.1' }, () =>
        socket.write(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
      )
      socket.once('data', (data) => {
        socket.destroy()
        done(String(data))
      })
    })
  try {
    expect(/content-length: (\d+)/i.exec(await raw('/text'))?.[1] ?? '4').toBe('4')
    expect(/content-length: (\d+)/i.exec(await raw('/items/7'))?.[1] ?? '10').toBe('10')
    expect(await raw('/endless')).not.toMatch(/content-length/i)
  } finally {
    await app.stop(true)
  }
})
