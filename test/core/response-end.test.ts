import { Elysia } from 'elysia'
import { core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { End } from '#core/scope'
import { describe, expect, test } from '#test'
import { canary } from '../canary.ts'

const quiet = { debug() {}, info() {}, warning() {}, error() {} }
/** Keeps what is written to the console. */
function printing() {
  const printed: unknown[] = []
  const { warn, error } = console
  const keep = (...all: unknown[]) => void printed.push(all)
  Object.assign(console, { warn: keep, error: keep })
  return { printed, undo: () => void Object.assign(console, { warn, error }) }
}
const later = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Notes when headers leave and when a response has really ended. */
const watch = (seen: (string | End)[]) =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'watch',
    options: {},
    keys: [],
    setup: () => ({
      respond: (scope) => {
        scope.header('x-seen', 'yes')
        seen.push('headers')
      },
      close: (_scope, end) => void seen.push(end),
    }),
  })

const failing = () => {
  let pieces = 0
  return new ReadableStream({
    pull: (to) => (pieces++ === 0 ? to.enqueue('a') : to.error(new Error(`token=${canary}`))),
  })
}

const makeApp = (seen: (string | End)[]) =>
  new Elysia()
    .use(core({ logger: quiet, timeout: '100ms' }))
    .use(watch(seen))
    .get('/text', () => 'x', { public: true })
    .get('/redirect', ({ redirect }) => redirect('/text'), { public: true })
    .get('/response', () => Response.json({ a: 1 }, { status: 201 }), { public: true })
    .get(
      '/stream',
      async function* () {
        yield 'a'
        await later(20)
        seen.push('last chunk')
        yield 'b'
      },
      { public: true },
    )
    .get(
      '/endless',
      () =>
        new ReadableStream({
          pull: async (to) => {
            await later(5)
            to.enqueue(new Uint8Array([97]))
          },
        }),
      { public: true },
    )
    .get('/breaks', () => new Response(new ReadableStream({ pull: (to) => to.error(new Error('broke')) })), {
      public: true,
    })
    .get('/streams', failing, { public: true })
    .get(
      '/yields',
      async function* () {
        yield 'a'
        throw new Error('broke')
      },
      { public: true },
    )
    .get(
      '/leaves',
      ({ request: { signal } }) =>
        new Response(
          new ReadableStream({
            start(to) {
              to.enqueue(new Uint8Array([97]))
              signal.addEventListener('abort', () => to.error(signal.reason))
            },
          }),
        ),
      { public: true },
    )
    .get(
      '/throws',
      () => {
        throw new Error('x')
      },
      { public: true },
    )
    .get(
      '/slow',
      async () => {
        await later(500)
        return 'late'
      },
      { public: true },
    )

const statuses = (seen: (string | End)[]) => seen.map((one) => (typeof one === 'string' ? one : one.status))

describe('the end of a response', () => {
  for (const [path, status] of [
    ['/text', 200],
    ['/redirect', 302],
    ['/response', 201],
    ['/throws', 500],
    ['/none', 404],
  ] as const)
    test(`${path} ends once, with the status and headers that leave`, async () => {
      const seen: (string | End)[] = []
      const response = await makeApp(seen).handle(new Request(`http://localhost${path}`))
      expect([response.status, response.headers.get('x-seen')]).toEqual([status, 'yes'])
      await response.text()
      expect(statuses(seen)).toEqual(['headers', status])
    })

  test('of a stream is its last byte', async () => {
    const seen: (string | End)[] = []
    const response = await makeApp(seen).handle(new Request('http://localhost/stream'))
    expect(statuses(seen)).toEqual(['headers'])
    expect(await response.text()).toBe('ab')
    expect(statuses(seen)).toEqual(['headers', 'last chunk', 200])
    expect((seen.at(-1) as End).ms).toBeGreaterThan(15)
  })

  test('of a stream that the client leaves says so', async () => {
    const seen: (string | End)[] = []
    const response = await makeApp(seen).handle(new Request('http://localhost/endless'))
    const reader = response.body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(seen.at(-1)).toMatchObject({ status: 200, aborted: true, broken: false })
  })

  for (const path of ['/breaks', '/yields', '/streams'])
    test(`of a stream that breaks says so: ${path}`, async () => {
      const seen: (string | End)[] = []
      const response = await makeApp(seen).handle(new Request(`http://localhost${path}`))
      expect(await response.text().catch(() => 'broken')).toBe('broken')
      expect(seen.at(-1)).toMatchObject({ aborted: false, broken: true })
    })

  test('of a stream that breaks prints nothing beside the log, and is no whole answer where nobody watches', async () => {
    const { printed, undo } = printing()
    try {
      const app = new Elysia().use(core({ logger: quiet, signals: false })).get('/', failing, { public: true })
      const response = await app.handle(new Request('http://localhost/'))
      expect(await response.text().catch(() => 'broken')).toBe('broken')
      expect(printed).toEqual([])
    } finally {
      undo()
    }
  })

  test('of a stream that breaks because the client has left says who left', async () => {
    const seen: (string | End)[] = []
    const leave = new AbortController()
    const response = await makeApp(seen).handle(new Request('http://localhost/leaves', { signal: leave.signal }))
    const reader = response.body!.getReader()
    await reader.read()
    leave.abort()
    expect(await reader.read().catch(() => 'broken')).toBe('broken')
    expect(seen.at(-1)).toMatchObject({ aborted: true, broken: false })
  })

  test('comes once when the deadline passes, and the late answer is dropped', async () => {
    const seen: (string | End)[] = []
    const response = await makeApp(seen).handle(new Request('http://localhost/slow'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    await later(450)
    expect(statuses(seen)).toEqual(['headers', 503])
  })

  test('comes on a real socket too, also when the client goes away', async () => {
    const seen: (string | End)[] = []
    const app = makeApp(seen).listen({ port: 0, hostname: '127.0.0.1' })
    const base = `http://127.0.0.1:${app.server!.port}`
    expect(await (await fetch(`${base}/stream`)).text()).toBe('ab')
    expect(statuses(seen)).toEqual(['headers', 'last chunk', 200])
    const leave = new AbortController()
    const endless = await fetch(`${base}/endless`, { signal: leave.signal })
    await endless.body!.getReader().read()
    leave.abort()
    for (let i = 0; i < 100 && seen.length < 5; i++) await later(10)
    expect(seen.at(-1)).toMatchObject({ aborted: true, broken: false })
    await app.stop(true)
  })
})
