import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyElysia } from 'elysia'
import { Elysia } from 'elysia'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { describe, expect, test } from '#test'
import { makePlatform, request } from '../fixtures/platform.ts'

type Platform = ReturnType<typeof makePlatform>

const x = (): string => 'x'
const misspelt = { permision: 'posts:read' } as {}

/** An app that cannot be right answers 500 to everything and says nothing of the reason; `listen` says all of it. */
async function reasonOf(make: (platform: Platform) => AnyElysia): Promise<string> {
  const app = make(makePlatform())
  for (const _ of ['first', 'again']) {
    const answer = await app.handle(request('GET', '/x'))
    expect(answer.status).toBe(500)
    expect(await answer.json()).toEqual({
      type: '/problems/boot',
      title: 'This app is not ready to answer',
      status: 500,
      code: 'KWIK_BOOT',
    })
  }
  try {
    make(makePlatform()).listen({ port: 0, hostname: '127.0.0.1' })
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it listens')
}

describe('an app does not start with', () => {
  test('a route that says nothing of who may call it: named with file and line', async () => {
    const reason = await reasonOf((platform) => new Elysia().use(platform).get('/x', x))
    expect(reason).toMatch(/GET \/x \(.*boot\.test\.ts:\d+\): say/)
  })

  test('such a route in a folder with spaces: its whole path is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kwik my app-'))
    const file = join(folder, 'routes.mjs')
    writeFileSync(file, "export function add(app) {\n  app.get('/x', () => 'x')\n  return app\n}\n")
    const { add } = await import(pathToFileURL(file).href)
    const reason = await reasonOf((platform) => add(new Elysia().use(platform)))
    rmSync(folder, { recursive: true })
    expect(reason).toContain(`GET /x (${file}:2): say`)
  })

  test('a misspelt option: the right word is suggested', async () => {
    const reason = await reasonOf((platform) => new Elysia().use(platform).get('/x', x, { public: true, ...misspelt }))
    expect(reason).toContain('did you mean "permission"')
  })

  test('an option whose part is not there: it is told to switch the part on', async () => {
    const reason = await reasonOf((platform) =>
      new Elysia().use(platform).get('/x', x, { auth: true, ...({ idempotent: true } as {}) }),
    )
    expect(reason).toMatch(/"idempotent": this app has .*; switch on the part of kwik\(\{\.\.\.\}\) that brings it/)
  })

  test('a macro that answers nothing, after which Elysia would skip the permission', async () => {
    const reason = await reasonOf((platform) =>
      new Elysia()
        .use(platform)
        .macro('mine', (() => undefined) as never)
        .get('/x', x, { auth: true, ...({ mine: true, permission: 'posts:read' } as {}) }),
    )
    expect(reason).toMatch(/"mine": this app has auth,.*permission.*A macro of your own must answer an object/)
  })

  test('a route written above .use()', async () => {
    const reason = await reasonOf((platform) =>
      new Elysia().get('/x', x, { detail: {}, ...({ permission: 'posts:read' } as {}) }).use(platform),
    )
    expect(reason).toContain('written before .use()')
  })

  test('an unguarded mount', async () => {
    const reason = await reasonOf((platform) => new Elysia().use(platform).mount('/m', () => new Response('m')))
    expect(reason).toContain('ALL /m')
  })

  test('a cached route for signed-in users that is the same for all of them', async () => {
    const reason = await reasonOf((platform) =>
      new Elysia().use(platform).get('/x', x, { auth: true, cache: { ttl: 1 } }),
    )
    expect(reason).toContain('varyOnUser')
  })

  test('precompile', async () => {
    const reason = await reasonOf((platform) =>
      new Elysia({ precompile: true }).use(platform).get('/y', x, { auth: true }),
    )
    expect(reason).toContain('precompile')
  })

  test('a plain value of which Elysia would skip all hooks', async () => {
    const nothing = (): void => {}
    const reason = await reasonOf((platform) =>
      new Elysia().use(platform).onParse(nothing).onAfterHandle(nothing).get('/x', 'x', { auth: true }),
    )
    expect(reason).toContain('plain value')
  })

  test('every fault at once', async () => {
    const reason = await reasonOf((platform) =>
      new Elysia({ precompile: true })
        .use(platform)
        .get('/x', x)
        .get('/y', x, { public: true, ...misspelt }),
    )
    for (const part of ['precompile', 'GET /x', 'GET /y']) expect(reason).toContain(part)
  })
})

test('`permission: false` says nothing of who may call a route', async () => {
  const app = new Elysia().use(makePlatform()).get('/x', x, { ...({ permission: false } as {}) })
  expect((await app.handle(request('GET', '/x'))).status).toBe(500)
})

test('a platform used inside a group only: refused, not open', async () => {
  const platform = makePlatform()
  const app = new Elysia().group('/g', (inner) => inner.use(platform).get('/x', x, { auth: true })).get('/y', () => 'y')
  expect((await app.handle(request('GET', '/g/x'))).status).toBe(500)
})

test('a route cannot weaken its guard', async () => {
  const app = new Elysia()
    .use(makePlatform())
    .guard({ permission: 'posts:create' }, (inner) => inner.get('/x', x, { permission: 'posts:read' }))
  expect((await app.handle(request('GET', '/x', 'reader'))).status).toBe(403)
  expect((await app.handle(request('GET', '/x', 'admin'))).status).toBe(200)
  const opened = new Elysia().use(makePlatform()).guard({ auth: true }, (inner) => inner.get('/x', x, { public: true }))
  expect((await opened.handle(request('GET', '/x'))).status).toBe(500)
})

test('a route that comes late and undeclared closes the app, again and again', async () => {
  const app = new Elysia().use(makePlatform()).get('/x', x, { public: true })
  expect((await app.handle(request('GET', '/x'))).status).toBe(200)
  app.get('/late/:id', () => 'late')
  for (const path of ['/late/1', '/late/1', '/x', '/late/1'])
    expect((await app.handle(request('GET', path))).status).toBe(500)
})

describe('one plugin', () => {
  const options = (limit: number) =>
    definePlugin<KwikPlugin<{}>, { limit: number }>({ name: 'one', options: { limit }, keys: [], setup: () => ({}) })
  const made = (first: number, second: number) =>
    new Elysia().use(options(first)).use(new Elysia().use(options(second)).get('/x', x))
  test('used twice with different options does not start', () => {
    expect(() => made(1, 2).listen({ port: 0, hostname: '127.0.0.1' })).toThrow(
      'one is used twice with different options',
    )
  })
  test('used twice with equal options starts', async () => {
    expect((await made(1, 1).handle(request('GET', '/x'))).status).toBe(200)
  })
})
