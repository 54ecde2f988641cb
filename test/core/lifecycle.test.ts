import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { stopGracefully } from '#core/lifecycle'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { type End, scopeOf } from '#core/scope'
import { describe, expect, test } from '#test'

const program = (name: string) => fileURLToPath(new URL(`../fixtures/programs/${name}.ts`, import.meta.url))

/** A server in a process of its own, with its port and all that it says. */
async function start(name = 'slow-server') {
  const child = spawn(process.execPath, [program(name)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  child.stderr.on('data', (data) => said.push(String(data)))
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)))
  const port = await new Promise<number>((done, fail) => {
    child.stdout.on('data', (data) => {
      said.push(String(data))
      const found = /port (\d+)/.exec(said.join(''))
      if (found) done(Number(found[1]))
    })
    void ended.then(() => fail(new Error(`it ended: ${said.join('')}`)))
  })
  return { child, port, ended, said }
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((done) => setTimeout(done, 10))
}

describe('SIGTERM', () => {
  test('finishes open requests, takes no new ones, closes what plugins hold, and ends with 0', async () => {
    const { child, port, ended, said } = await start()
    const open = fetch(`http://127.0.0.1:${port}/slow`).then((response) => response.text())
    await until(() => said.join('').includes('began'))
    child.kill('SIGTERM')
    await new Promise((done) => setTimeout(done, 50))
    const late = await fetch(`http://127.0.0.1:${port}/slow`).then(
      () => 'answered',
      () => 'refused',
    )
    expect([await open, late, await ended]).toEqual(['done', 'refused', 0])
    expect(said.join('')).toContain('closed')
  })

  test('of two apps in one process waits for the slower', async () => {
    const { child, port, ended, said } = await start('two-servers')
    const open = fetch(`http://127.0.0.1:${port}/slow`).then((response) => response.text())
    await new Promise((done) => setTimeout(done, 100))
    child.kill('SIGTERM')
    expect([await open, await ended]).toEqual(['done', 0])
    expect(said.join('').match(/closed/g)).toHaveLength(2)
  })

  test('a second one ends at once', async () => {
    const { child, port, ended, said } = await start()
    const open = fetch(`http://127.0.0.1:${port}/slow`).then(
      () => 'answered',
      () => 'cut',
    )
    await until(() => said.join('').includes('began'))
    child.kill('SIGTERM')
    await new Promise((done) => setTimeout(done, 50))
    child.kill('SIGTERM')
    expect([await open, await ended]).toEqual(['cut', 1])
  })
})

describe('stopping gracefully', () => {
  const make = () => {
    let stops = 0
    const plugin = definePlugin<KwikPlugin<{}>, {}>({
      name: 'witness',
      options: {},
      keys: [],
      setup: () => ({ stop: () => void stops++ }),
    })
    const app = new Elysia()
      .use(core())
      .use(plugin)
      .get('/', () => 'x', { public: true })
    return { app: app.listen({ port: 0, hostname: '127.0.0.1' }), stops: () => stops }
  }

  test('twice closes once, and both wait for it', async () => {
    const { app, stops } = make()
    await Promise.all([stopGracefully(app), stopGracefully(app)])
    await stopGracefully(app)
    expect(stops()).toBe(1)
  })

  test('leaves no listener for signals behind, however many apps came and went', async () => {
    const before = process.listenerCount('SIGTERM')
    for (let i = 0; i < 20; i++) await stopGracefully(make().app)
    expect(process.listenerCount('SIGTERM') - before).toBeLessThanOrEqual(1)
  })
})

describe('a graceful stop', () => {
  test('cuts what is still open after its time, and closes every plugin although one fails', async () => {
    const seen: string[] = []
    const plugin = (name: string, stop: () => void) =>
      definePlugin<KwikPlugin<{}>, {}>({ name, options: {}, keys: [], setup: () => ({ stop }) })
    const app = new Elysia()
      .use(
        core({
          signals: false,
          logger: { debug() {}, info() {}, warning() {}, error: (text) => void seen.push(text) },
        }),
      )
      .use(
        plugin('fails', () => {
          throw new Error('no')
        }),
      )
      .use(plugin('closes', () => void seen.push('closed')))
      .get('/never', () => new Promise<string>(() => seen.push('began')), { public: true, timeout: false })
      .listen({ port: 0, hostname: '127.0.0.1' })
    const open = fetch(`http://127.0.0.1:${app.server!.port}/never`).then(
      () => 'answered',
      () => 'cut',
    )
    await until(() => seen.includes('began'))
    await stopGracefully(app, 50)
    expect(await open).toBe('cut')
    expect(seen.slice(1).sort()).toEqual(['a plugin did not stop well', 'closed'])
  })
})

describe('what never ends by itself', () => {
  test('is told to leave when the app stops: plugins first, then event streams; other streams are finished', async () => {
    const seen: string[] = []
    const plugin = definePlugin<KwikPlugin<{}>, {}>({
      name: 'worker',
      options: {},
      keys: [],
      setup: () => ({ drain: () => void seen.push('no new work'), stop: () => void seen.push('closed') }),
    })
    const bytes = (text: string) => new TextEncoder().encode(text)
    const app = new Elysia()
      .use(core({ signals: false, drain: '3s' }))
      .use(plugin)
      .use(
        definePlugin<KwikPlugin<{}>, {}>({ name: 'watch', options: {}, keys: [], setup: () => ({ close: () => {} }) }),
      )
      .get(
        '/events',
        ({ request }) => {
          const { signal } = scopeOf(request)
          const body = new ReadableStream({
            start(to) {
              to.enqueue(bytes('data: hello\n\n'))
              signal.addEventListener('abort', () => {
                seen.push('told')
                to.enqueue(bytes('event: bye\n\n'))
                to.close()
              })
            },
          })
          return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
        },
        { public: true },
      )
      .get(
        '/download',
        ({ request }) =>
          new Response(
            new ReadableStream({
              async start(to) {
                scopeOf(request).signal.addEventListener('abort', () => seen.push('cut'))
                for (let n = 0; n < 5; n++) {
                  to.enqueue(bytes('part '))
                  await new Promise((done) => setTimeout(done, 40))
                }
                to.close()
              },
            }),
          ),
        { public: true },
      )
      .listen({ port: 0, hostname: '127.0.0.1' })
    const at = `http://127.0.0.1:${app.server!.port}`
    const [events, download] = await Promise.all([fetch(`${at}/events`), fetch(`${at}/download`)])
    const texts = Promise.all([events.text(), download.text()])
    await new Promise((done) => setTimeout(done, 50))
    const before = performance.now()
    await stopGracefully(app)
    expect(await texts).toEqual(['data: hello\n\nevent: bye\n\n', 'part part part part part '])
    expect(seen).toEqual(['no new work', 'told', 'closed'])
    expect(performance.now() - before).toBeLessThan(2500)
  })

  test('ends as it should when it throws what it was told', async () => {
    const [ends, errors]: [End[], string[]] = [[], []]
    const logger = { debug() {}, info() {}, warning() {}, error: (text: string) => void errors.push(text) }
    const watch = definePlugin<KwikPlugin<{}>, {}>({
      name: 'watch',
      options: {},
      keys: [],
      setup: () => ({ close: (_, end) => void ends.push(end) }),
    })
    const app = new Elysia()
      .use(core({ signals: false, drain: '3s', logger }))
      .use(watch)
      .get(
        '/events',
        async function* ({ request, set }) {
          set.headers['content-type'] = 'text/event-stream'
          const { signal } = scopeOf(request)
          yield 'data: hello\n\n'
          await new Promise((_, leave) => signal.addEventListener('abort', () => leave(signal.reason)))
        },
        { public: true },
      )
      .listen({ port: 0, hostname: '127.0.0.1' })
    const events = await fetch(`http://127.0.0.1:${app.server!.port}/events`)
    const text = events.text()
    await new Promise((done) => setTimeout(done, 50))
    await stopGracefully(app)
    expect(await text).toContain('data: hello')
    expect(ends).toMatchObject([{ status: 200, aborted: false, broken: false }])
    expect(errors).toEqual([])
  })
})
