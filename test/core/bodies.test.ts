import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import type { Problem } from '#core/problem'
import { afterAll, describe, expect, test } from '#test'
import { listening } from '../fixtures/ask.ts'

const open = { public: true } as const
const json = { 'content-type': 'application/json' }
const logger = { debug() {}, info() {}, warning() {}, error() {} }
const platform = () => new Elysia().use(core({ signals: false, logger }))
const echo = ({ body }: { body: unknown }) => ({ body })
const of = (body: unknown) => platform().post('/', echo as never, { ...open, body: body as never })

const served = new Map<AnyElysia, ReturnType<typeof listening>>()
const stop = async (one: ReturnType<typeof listening>) => void (await (await one).stop())
afterAll(async () => void (await Promise.all([...served.values()].map(stop))))

/** Sends a body to `POST /`: what the handler got, or where it was refused. */
async function send(app: AnyElysia, body: unknown, headers: Record<string, string> = json) {
  const server = served.get(app) ?? listening(app)
  served.set(app, server)
  const { port } = await server
  const raw = typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams
  const sent = body === undefined ? null : raw ? body : JSON.stringify(body)
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: sent })
  const answer = (await response.json()) as Problem & { body?: unknown }
  return response.ok ? (answer.body ?? null) : (answer.errors?.map((issue) => issue.pointer) ?? answer.code)
}

// Elysia writes into the schemas it is given: each route has its own.
const a = () => t.Object({ a: t.String() })
const b = () => t.Object({ b: t.Number() })
/** A schema, a body that fits, and one that has a field too many: there. */
const shapes: Readonly<Record<string, readonly [schema: unknown, fits: unknown, not: unknown, at: string]>> = {
  'an object in an intersect': [
    t.Intersect([t.Object({ in: a() }), b()]),
    { in: { a: 'x' }, b: 1 },
    { in: { a: 'x', z: 1 }, b: 1 },
    '/in/z',
  ],
  'an intersect': [t.Intersect([a(), b()]), { a: 'x', b: 1 }, { a: 'x', b: 1, z: 1 }, '/z'],
  'a record': [t.Record(t.String(), a()), { k: { a: 'x' } }, { k: { a: 'x', z: 1 } }, '/k/z'],
  'a tuple': [t.Tuple([a(), t.Number()]), [{ a: 'x' }, 1], [{ a: 'x', z: 1 }, 1], '/0/z'],
  'an array': [t.Array(a()), [{ a: 'x' }], [{ a: 'x', z: 1 }], '/0/z'],
  'further properties': [
    t.Object({}, { additionalProperties: a() }),
    { k: { a: 'x' } },
    { k: { a: 'x', z: 1 } },
    '/k/z',
  ],
  'a module': [
    t.Module({ node: t.Object({ n: t.Number(), next: t.Optional(t.Ref('node')) }) }).Import('node'),
    { n: 1, next: { n: 2 } },
    { n: 1, next: { n: 2, z: 1 } },
    '/next/z',
  ],
  'a recursive type': [
    t.Recursive((node) => t.Object({ n: t.Number(), next: t.Optional(node) })),
    { n: 1, next: { n: 2 } },
    { n: 1, next: { n: 2, z: 1 } },
    '/next/z',
  ],
}

describe('a field that is unknown is refused', () => {
  for (const [name, [schema, fits, not, at]] of Object.entries(shapes))
    test(`in ${name}`, async () => {
      const app = of(schema)
      expect(await send(app, fits)).toEqual(fits as object)
      expect(await send(app, not)).toEqual([at])
    })

  const models = () => platform().model({ a: a(), pair: t.Object({ one: t.Ref('a') }) })
  test('in a model, by its name, by a reference, and inside of it', async () => {
    for (const [body, fits, not, at] of [
      ['a', { a: 'x' }, { a: 'x', z: 1 }, '/z'],
      [t.Ref('a'), { a: 'x' }, { a: 'x', z: 1 }, '/z'],
      [t.Object({ in: t.Ref('a') }), { in: { a: 'x' } }, { in: { a: 'x', z: 1 } }, '/in/z'],
      ['pair', { one: { a: 'x' } }, { one: { a: 'x', z: 1 } }, '/one/z'],
    ] as const) {
      const app = models().post('/', echo as never, { ...open, body: body as never })
      expect(await send(app, fits)).toEqual(fits as object)
      expect(await send(app, not)).toEqual([at])
    }
  })

  test('beside those of a guard and of a macro that stand alone', async () => {
    const guarded = platform().guard({ schema: 'standalone', body: b() })
    const macro = platform().macro('paged', { body: b() })
    for (const app of [
      guarded.post('/', echo as never, { ...open, body: a() }),
      macro.post('/', echo as never, { ...open, paged: true, body: a() } as never),
    ]) {
      expect(await send(app, { a: 'x', b: 1 })).toEqual({ a: 'x', b: 1 })
      expect(await send(app, { a: 'x' })).toEqual(['/b'])
      expect(await send(app, { a: 'x', b: 1, z: 1 })).toEqual(['/z'])
    }
  })

  test('in a form', async () => {
    const app = of(t.Object({ a: t.String(), n: t.Optional(t.Numeric()) }))
    const form = new FormData()
    form.set('a', 'x')
    expect(await send(app, form, {})).toEqual({ a: 'x' })
    form.set('z', 'x')
    expect(await send(app, form, {})).toEqual(['/z'])
    expect(await send(app, new URLSearchParams('a=x&n=1'), {})).toEqual({ a: 'x', n: 1 })
    expect(await send(app, new URLSearchParams('a=x&z=1'), {})).toEqual(['/z'])
  })

  test('but not where the schema takes any', async () => {
    expect(await send(of(t.Object({}, { additionalProperties: true })), { z: 1 })).toEqual({ z: 1 })
    expect(await send(of(t.Unknown()), { z: 1 })).toEqual({ z: 1 })
  })
})

describe('__proto__', () => {
  const sent = (text: string) => text.replaceAll('P', '"__proto__":{"a":"x"}')

  test('is no name in a record: what it holds would be inherited', async () => {
    const record = () => t.Record(t.String(), a())
    expect(await send(of(record()), sent('{P}'))).toEqual(['/__proto__'])
    expect(await send(of(t.Object({ r: record() })), sent('{"r":{P}}'))).toEqual(['/r/__proto__'])
    expect(await send(of(t.Union([record(), t.Null()])), sent('{P}'))).not.toHaveProperty('a')
    const others = { proto: { a: 'x' }, __proto: { a: 'x' }, constructor: { a: 'x' } }
    expect(await send(of(record()), others)).toEqual(others)
    const named = () => of(t.Record(t.String({ pattern: '^x-' }), a()))
    expect(await send(named(), { 'x-1': { a: 'x' } })).toEqual({ 'x-1': { a: 'x' } })
    expect(await send(named(), { y: { a: 'x' } })).toEqual(['/y'])
  })

  test('nor in the JSON that a field of a form has', async () => {
    const app = of(t.Object({ r: t.Record(t.String(), t.Any()), f: t.Optional(t.File()) }))
    const form = new FormData()
    form.set('r', sent('{P,"b":1}'))
    expect(await send(app, form, {})).toEqual(['/r/__proto__'])
    form.set('r', '{"b":1}')
    expect(await send(app, form, {})).toEqual({ r: { b: 1 } })
  })
})

describe('the names of a form', () => {
  const listed = (name: string) => {
    const form = new FormData()
    form.set(name, 'x')
    return form
  }

  const numbered = [
    ['l[1000]', '/l'],
    ['l[99999999]', '/l'],
    ['l[4294967294]', '/l'],
    ['n[9999999].a', '/n'],
    ['n[0].a[9999999]', '/n/0/a'],
  ] as const

  for (const [strict, make] of [
    ['an app', of],
    [
      'an app that drops unknown fields',
      (body: unknown) =>
        new Elysia()
          .use(core({ signals: false, logger, strict: false }))
          .post('/', echo as never, { ...open, body: body as never }),
    ],
  ] as const)
    test(`make no list of millions and no depth without end, in ${strict}`, async () => {
      const app = make(t.Object({ l: t.Optional(t.Array(t.String())), n: t.Optional(t.Any()) }))
      expect(await send(app, listed('l[0]'), {})).toEqual({ l: ['x'] })
      for (const [name, pointer] of numbered)
        expect([name, await send(app, listed(name), {})]).toEqual([name, [pointer]])
      expect(await send(app, listed(`n${'.a'.repeat(64)}`), {})).toEqual(['/n'])
    })

  test('are looked at on a route without a schema too', async () => {
    const app = platform().post('/', echo, open)
    expect(await send(app, listed('n[0].a[999]'), {})).toHaveProperty('n')
    for (const [name, pointer] of numbered) expect([name, await send(app, listed(name), {})]).toEqual([name, [pointer]])
  })
})

describe('a limit of bodies that is none', () => {
  test('is refused at boot, on a route and for all', () => {
    const limits = [-1, Number.NaN, '5MB'] as number[]
    for (const bodyLimit of limits) {
      expect(() => boot(platform().post('/', () => 'x', { ...open, bodyLimit }))).toThrow(`POST / `)
      expect(() => boot(platform().post('/', () => 'x', { ...open, bodyLimit }))).toThrow(`bodyLimit: ${bodyLimit}`)
      expect(() => boot(new Elysia().use(core({ signals: false, bodyLimit })))).toThrow(`core: bodyLimit: ${bodyLimit}`)
    }
  })
})

describe('a body', () => {
  test('that leaves out what has a default gets it', async () => {
    const app = of(t.Object({ n: t.Number({ default: 10 }), s: t.Optional(t.String({ default: 'd' })) }))
    expect(await send(app, {})).toEqual({ n: 10, s: 'd' })
    expect(await send(app, { n: 1 })).toEqual({ n: 1, s: 'd' })
    expect(await send(app, { z: 1 })).toEqual(['/z'])
  })

  test('that may be left out may be empty', async () => {
    const app = of(t.Optional(a()))
    for (const body of [undefined, '', 'null']) expect(await send(app, body)).toBe(null)
    expect(await send(app, { a: 'x' })).toEqual({ a: 'x' })
    expect(await send(app, {})).toEqual(['/a'])
  })

  test('may be null where it is said', async () => {
    const app = of(t.Nullable(a()))
    expect(await send(app, 'null')).toBe(null)
    expect(await send(app, { a: 'x', z: 1 })).toEqual(['/z'])
    expect(await send(of(a()), 'null')).toEqual([''])
  })

  test('of a route that says it is JSON has the limits of JSON, whatever it calls itself', async () => {
    const app = platform().post('/', echo as never, { ...open, parse: 'json', body: a(), bodyLimit: 1000 })
    expect(await send(app, { a: 'x' }, { 'content-type': 'text/plain' })).toEqual({ a: 'x' })
    expect(await send(app, `${'['.repeat(100)}${']'.repeat(100)}`)).toBe('KWIK_BODY_TOO_DEEP')
    const big = new Blob([JSON.stringify({ a: 'x'.repeat(2000) })]).stream()
    const chunked = new Request('http://localhost/', { method: 'POST', headers: json, body: big })
    expect((await app.handle(chunked)).status).toBe(413)
  })

  test('in chunks that is no JSON has no length to go by, whoever reads it', async () => {
    const app = platform().post('/', echo as never, { ...open, parse: 'text', bodyLimit: 1000 })
    const body = new Blob(['x'.repeat(2000)]).stream()
    const headers = { 'content-type': 'text/plain' }
    expect((await app.handle(new Request('http://localhost/', { method: 'POST', headers, body }))).status).toBe(411)
    expect(await send(app, 'hello', headers)).toBe('hello')
  })
})
