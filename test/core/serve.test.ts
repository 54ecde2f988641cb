import { Elysia } from 'elysia'
import { core } from '#core/access'
import { BootError } from '#core/boot-error'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { serve } from '#core/serve'
import { describe, expect, test } from '#test'

const witness = (seen: string[]) =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'witness',
    options: {},
    keys: [],
    setup: () => ({
      close: (scope) => void seen.push(scope.address ?? 'nowhere'),
      stop: () => void seen.push('stopped'),
    }),
  })

describe('serve()', () => {
  test('listens on this runtime, knows the client, and stops gracefully', async () => {
    const seen: string[] = []
    const app = new Elysia()
      .use(core({ signals: false }))
      .use(witness(seen))
      .get('/items/:id', ({ params }) => params.id, { public: true })
      .get(
        '/slow',
        async () => {
          await new Promise((done) => setTimeout(done, 150))
          return 'done'
        },
        { public: true },
      )
      .post('/echo', ({ body }) => body, { public: true })
    const served = await serve(app, { port: 0, hostname: '127.0.0.1' })
    const base = `http://127.0.0.1:${served.port}`
    expect(await (await fetch(`${base}/items/7`)).text()).toBe('7')
    const echo = await fetch(`${base}/echo`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await echo.json()).toEqual({ a: 1 })
    const open = fetch(`${base}/slow`).then((response) => response.text())
    await new Promise((done) => setTimeout(done, 50))
    await served.stop()
    expect(await open).toBe('done')
    expect(seen).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1', 'stopped'])
    expect(await fetch(base).catch(() => 'refused')).toBe('refused')
  })

  test('shares no port with another program', async () => {
    const app = () => new Elysia().use(core({ signals: false })).get('/', () => 'x', { public: true })
    const first = await serve(app(), { port: 0, hostname: '127.0.0.1' })
    await expect(serve(app(), { port: first.port, hostname: '127.0.0.1' })).rejects.toThrow(/taken|in use/i)
    await first.stop()
  })

  test('opens no port for an app that cannot be right', async () => {
    const app = new Elysia().use(core({ signals: false })).get('/', () => 'x')
    await expect(serve(app, { port: 0, hostname: '127.0.0.1' })).rejects.toThrow(BootError)
  })
})
