import { setTimeout as sleep } from 'node:timers/promises'
import { status } from 'elysia'
import { refuse } from '#core/errors'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { describe, expect, test } from '#test'
import { canary, mark } from '../../canary.ts'
import { logged } from './lines.ts'

async function* brokenOff(): AsyncGenerator<string> {
  yield 'a'
  throw new Error('the disk is full')
}

const closedShop = (): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'closed',
    options: {},
    keys: [],
    setup: () => ({ admit: () => refuse('KWIK_UNAVAILABLE') }),
  })

const shop = () =>
  logged((app) =>
    app
      .get('/products/:id', ({ params }) => ({ id: params.id }), { public: true } as never)
      .get('/mine', () => 'yours', { auth: true } as never)
      .get(
        '/broken',
        () => {
          throw new Error('disk is full')
        },
        { public: true } as never,
      )
      .get(
        '/taken',
        () => {
          throw refuse('KWIK_NOT_FOUND')
        },
        { public: true } as never,
      )
      .get('/conflict', () => status(409, 'no'), { public: true } as never)
      .get('/moved', () => Response.redirect('http://localhost/mine'), { public: true } as never)
      .get(
        '/stream',
        async function* () {
          yield 'a'
          await sleep(20)
          yield 'b'
        },
        { public: true } as never,
      ),
  )

describe('the access line', () => {
  test('says what happened, by the pattern of the route and never by its path', async () => {
    const { ask, access } = shop()
    await ask(`/products/path-${canary}?token=${canary}`, { headers: { 'x-user': 'alice as root' } })
    const [line] = access()
    expect(line).toMatchObject({
      level: 'info',
      method: 'GET',
      route: '/products/:id',
      status: 200,
      userId: 'alice',
      impersonatorId: 'root',
    })
    expect(Date.parse(String(line!['time']))).toBeGreaterThan(0)
    expect(typeof line!['duration']).toBe('number')
    expect(JSON.stringify(line)).not.toContain(mark)
  })

  const ends: [string, RequestInit, number, string | undefined, string | null][] = [
    ['/mine', {}, 401, 'KWIK_UNAUTHENTICATED', '/mine'],
    ['/none', {}, 404, 'KWIK_NOT_FOUND', null],
    ['/products/1', { method: 'PUT' }, 405, 'KWIK_METHOD_NOT_ALLOWED', null],
    ['/taken', {}, 404, 'KWIK_NOT_FOUND', '/taken'],
    ['/broken', {}, 500, 'KWIK_INTERNAL', '/broken'],
    ['/conflict', {}, 409, undefined, '/conflict'],
    ['/moved', {}, 302, undefined, '/moved'],
    ['/%ff', {}, 400, 'KWIK_URL_MALFORMED', null],
    [`/${'x'.repeat(9000)}`, {}, 414, 'KWIK_URL_TOO_LONG', null],
    ['/products/1', { method: 'HEAD' }, 200, undefined, '/products/:id'],
    ['/products/1', { method: 'OPTIONS' }, 204, undefined, null],
  ]
  for (const [path, init, expected, code, route] of ends)
    test(`of ${init.method ?? 'GET'} ${path.slice(0, 20)} has the status and code the client saw, once`, async () => {
      const { ask, access } = shop()
      const answer = await ask(path, init)
      expect(answer.status).toBe(expected)
      expect(access().length).toBe(1)
      const [line] = access()
      expect([line!['status'], line!['code'], line!['route'], line!['method']]).toEqual([
        expected,
        code,
        route,
        init.method ?? 'GET',
      ])
      expect(line!['requestId']).toBe(answer.headers.get('x-request-id'))
      expect(line!['level']).toBe(expected >= 500 ? 'error' : 'info')
    })

  test('of a request refused before routing has its code and id', async () => {
    const { ask, access } = logged((app) => app.use(closedShop()).get('/ok', () => 'ok', { public: true } as never))
    const answer = await ask('/ok', { headers: { 'x-request-id': 'r1' } })
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([503, 'r1'])
    expect(access()).toMatchObject([{ status: 503, code: 'KWIK_UNAVAILABLE', requestId: 'r1', level: 'error' }])
  })

  test('of a stream is written when its last byte is out', async () => {
    const { ask, access } = shop()
    const answer = await ask('/stream')
    expect(access()).toEqual([])
    await answer.text()
    expect(access().length).toBe(1)
  })

  test('of a stream that the client leaves says aborted', async () => {
    const { ask, access } = shop()
    const reader = (await ask('/stream')).body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(access()[0]).toMatchObject({ status: 200, level: 'info', aborted: true })
    expect(access()[0]).not.toHaveProperty('broken')
  })

  test('of an answer that broke off is written whatever the sample and the level', async () => {
    for (const options of [{ sample: [{ rate: 0 }] }, { level: 'error' }] as const) {
      const { ask, access } = logged(
        (app) => app.get('/', brokenOff, { public: true } as never).get('/whole', () => 'x', { public: true } as never),
        options,
      )
      for (const path of ['/', '/whole']) await (await ask(path)).text().catch(() => {})
      expect(access()).toMatchObject([{ route: '/', broken: true }])
    }
  })

  test('of an answer that broke off says so on a terminal', async () => {
    const { ask, texts } = logged((app) => app.get('/', brokenOff, { public: true } as never), { format: 'pretty' })
    await (await ask('/')).text().catch(() => {})
    expect(texts.at(-1)).toContain(' broken ')
  })

  for (const [kind, make] of Object.entries({
    'text by text': async function* (): AsyncGenerator<string> {
      yield 'a'
      await sleep(5)
      throw new Error(`password=${canary} postgres://app:${canary}@db/app`)
    },
    'as it can': function* (): Generator<string> {
      yield 'a'
      throw new Error(`token=${canary}`)
    },
  }))
    test(`of a handler that yields ${kind} and fails says broken, and the error stands before it without secrets`, async () => {
      const printed: unknown[] = []
      const { warn, error } = console
      Object.assign(console, {
        warn: (...all: unknown[]) => printed.push(all),
        error: (...all: unknown[]) => printed.push(all),
      })
      try {
        const { ask, access, texts } = logged((app) => app.get('/', make, { public: true } as never))
        expect(await (await ask('/')).text().catch(() => 'broken off')).toBe('broken off')
        expect(access()).toMatchObject([{ status: 200, level: 'error', broken: true, bytes: 1 }])
        expect(access()[0]).not.toHaveProperty('aborted')
        expect(texts.filter((line) => line.includes('The answer broke off'))).toHaveLength(1)
        expect(texts.join('')).not.toContain(mark)
        expect(printed).toEqual([])
      } finally {
        Object.assign(console, { warn, error })
      }
    })

  test('of a handler that fails before it yields is that of any error', async () => {
    const { ask, access } = logged((app) =>
      app.get(
        '/',
        async function* () {
          if (ask !== undefined) throw new Error(`token=${canary}`)
          yield 'a'
        },
        { public: true } as never,
      ),
    )
    const answer = await ask('/')
    expect([answer.status, (await answer.json()).code]).toEqual([500, 'KWIK_INTERNAL'])
    expect(access()).toMatchObject([{ status: 500, code: 'KWIK_INTERNAL' }])
  })

  test('of a client that has left before the answer was made says aborted, and no bytes', async () => {
    const leave = new AbortController()
    const { app, access } = logged((one) =>
      one.get('/', async () => (await sleep(20)) ?? 'late', { public: true } as never),
    )
    const answer = app.handle(new Request('http://localhost/', { signal: leave.signal }))
    leave.abort()
    await answer
    expect(access()).toMatchObject([{ status: 200, aborted: true, bytes: 0 }])
  })

  test('is not written below the level, but errors are', async () => {
    const { app, texts } = logged(
      (one) =>
        one
          .get('/ok', () => 'ok', { public: true } as never)
          .get(
            '/bad',
            () => {
              throw new Error('x')
            },
            { public: true } as never,
          ),
      { level: 'error' },
    )
    await app.handle(new Request('http://localhost/ok'))
    expect(texts).toEqual([])
    await app.handle(new Request('http://localhost/bad'))
    expect(texts.length).toBe(2)
  })

  test('can be left out', async () => {
    const { ask, lines } = logged((app) => app.get('/ok', () => 'ok', { public: true } as never), { access: false })
    await ask('/ok')
    expect(lines()).toEqual([])
  })

  test('is pretty for a person', async () => {
    const { ask, texts } = logged((app) => app.get('/ok/:id', () => 'ok', { public: true } as never), {
      format: 'pretty',
    })
    await ask('/ok/7', { headers: { 'x-user': 'bob' } })
    expect(texts[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {4}200 GET \/ok\/7 \d+\.\d ms bob /)
  })
})

describe('the request id', () => {
  test('of the client is taken when its form is safe, and echoed', async () => {
    const { ask, access } = shop()
    for (const id of ['a', 'abc-DEF_1.2', 'x'.repeat(128)]) {
      const answer = await ask('/products/1', { headers: { 'x-request-id': id } })
      expect(answer.headers.get('x-request-id')).toBe(id)
      expect(access().at(-1)!['requestId']).toBe(id)
    }
  })

  test('is made when there is none, or one that is too long or has other characters', async () => {
    const { ask } = shop()
    const seen = new Set<string>()
    for (const id of [undefined, '', 'x'.repeat(129), 'x'.repeat(10_240), 'a b', 'a"b', 'a,b', 'ä', '{"level":"x"}']) {
      const answer = await ask('/products/1', id === undefined ? {} : { headers: { 'x-request-id': id } })
      const made = answer.headers.get('x-request-id')!
      expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      seen.add(made)
    }
    expect(seen.size).toBe(9)
  })

  test('made sorts by time', async () => {
    let now = 1_700_000_000_000
    const { ask } = logged((app) => app.get('/ok', () => 'ok', { public: true } as never), {
      clock: { now: () => now },
    })
    const first = (await ask('/ok')).headers.get('x-request-id')!
    now += 5
    const second = (await ask('/ok')).headers.get('x-request-id')!
    expect(first < second).toBe(true)
    expect(Number.parseInt(first.replaceAll('-', '').slice(0, 12), 16)).toBe(1_700_000_000_000)
  })
})
