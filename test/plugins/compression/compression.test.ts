import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { type AnyElysia, Elysia, status } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Principal } from '#core/scope'
import { describe, expect, test } from '#test'
import { type CompressionOptions, compression } from '../../../plugins/compression/index.ts'
import { headers } from '../../../plugins/headers/index.ts'
import { logged } from '../logging/lines.ts'

const open = { public: true } as never
const large = 'kwik '.repeat(1000)
const rows = Array.from({ length: 200 }, (_, id) => ({ id, name: `product ${id}` }))
const quiet = { debug() {}, info() {}, warning() {}, error() {} }

const identity = (): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'identity',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }): Principal | null =>
          request.headers.has('x-user') ? { id: 'u', via: 'bearer', user: { id: 'u' }, permissions: new Set() } : null,
      },
    }),
  })

function shop(options: CompressionOptions = {}, more: (app: AnyElysia) => AnyElysia = (app) => app) {
  const base: AnyElysia = new Elysia()
    .use(core({ signals: false, logger: quiet }))
    .use(identity())
    .use(compression(options))
  const app = more(base)
    .get('/text', () => large, open)
    .get('/rows', () => rows, open)
    .get('/small', () => 'x', open)
    .get('/created', () => status(201, rows), open)
    .get(
      '/tagged',
      ({ set }) => {
        set.headers['etag'] = '"v1"'
        return rows
      },
      open,
    )
    .get(
      '/image',
      ({ set }) => {
        set.headers['content-type'] = 'image/png'
        return large
      },
      open,
    )
    .get(
      '/svg',
      ({ set }) => {
        set.headers['content-type'] = 'image/svg+xml'
        return large
      },
      open,
    )
    .get(
      '/done',
      ({ set }) => {
        set.headers['content-encoding'] = 'gzip'
        return large
      },
      open,
    )
    .get(
      '/kept',
      ({ set }) => {
        set.headers['cache-control'] = 'public, no-transform'
        return large
      },
      open,
    )
    .get(
      '/varies',
      ({ set }) => {
        set.headers['vary'] = 'Origin'
        return large
      },
      open,
    )
    .get('/never', () => large, { public: true, compression: false } as never)
    .get('/later', () => large, { public: true, compression: { threshold: '1MB' } } as never)
    .get(
      '/stream',
      () =>
        new Response(
          new ReadableStream({
            start: (to) => {
              to.enqueue(new TextEncoder().encode(large))
              to.close()
            },
          }),
          { headers: { 'content-type': 'text/plain' } },
        ),
      open,
    )
    .get(
      '/events',
      () => new Response(`data: ${large}\n\n`, { headers: { 'content-type': 'text/event-stream' } }),
      open,
    )
    .get('/none', () => status(204, undefined), open)
  return async (path: string, encoding?: string, init: RequestInit = {}) =>
    app.handle(
      new Request(`http://localhost${path}`, {
        ...init,
        headers: { ...(encoding && { 'accept-encoding': encoding }), ...(init.headers as object) },
      }),
    )
}

type Zstd = { zstdDecompress(body: Uint8Array, done: (error: Error | null, body: Buffer) => void): void }
const unpack: Record<string, (body: Uint8Array) => Promise<Buffer>> = {
  gzip: promisify(zlib.gunzip) as never,
  br: promisify(zlib.brotliDecompress) as never,
  zstd: promisify((zlib as unknown as Zstd).zstdDecompress) as never,
}
const bodyOf = async (answer: Response): Promise<string> => {
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const coding = answer.headers.get('content-encoding')
  return coding === null ? new TextDecoder().decode(bytes) : String(await unpack[coding]!(bytes))
}

describe('what a client takes', () => {
  const choices: [string | undefined, string | null][] = [
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip;q=1.0, br;q=0.9', 'gzip'],
    ['br;q=0.5, gzip;q=0.4, *;q=0.1', 'br'],
    ['*', 'zstd'],
    ['*, zstd;q=0', 'br'],
    ['x-gzip', 'gzip'],
    ['GZIP ; Q=0.7', 'gzip'],
    ['gzip;q=0.5, identity', null],
    ['gzip;q=0.5, identity;q=0.5', 'gzip'],
    ['gzip;q=0', null],
    ['identity;q=0, *;q=0', null],
    ['deflate', null],
    ['gzip;q=nonsense', null],
    ['', null],
    [undefined, null],
    [`${'x,'.repeat(2000)}gzip`, null],
  ]
  for (const [header, coding] of choices)
    test(`"${header?.slice(0, 40)}" gets ${coding ?? 'the plain body'}`, async () => {
      const answer = await shop()('/text', header)
      expect(answer.headers.get('content-encoding')).toBe(coding)
      expect(answer.headers.get('vary')).toBe('Accept-Encoding')
      expect(await bodyOf(answer)).toBe(large)
    })
})

describe('an answer', () => {
  const ask = shop()
  test('is packed with its status, type and all its values', async () => {
    const answer = await ask('/created', 'gzip')
    expect([
      answer.status,
      answer.headers.get('content-type')?.split(';')[0],
      answer.headers.get('content-encoding'),
    ]).toEqual([201, 'application/json', 'gzip'])
    expect(JSON.parse(await bodyOf(answer))).toEqual(rows)
    expect((await (await ask('/rows', 'br')).arrayBuffer()).byteLength).toBeLessThan(JSON.stringify(rows).length / 3)
  })

  for (const path of [
    '/small',
    '/image',
    '/done',
    '/kept',
    '/never',
    '/later',
    '/stream',
    '/events',
    '/none',
    '/missing',
  ])
    test(`of ${path} is left as it is`, async () => {
      const plain = await ask(path)
      const answer = await ask(path, 'gzip, br, zstd')
      expect(answer.headers.get('content-encoding')).toBe(plain.headers.get('content-encoding'))
      expect(await answer.text()).toBe(await plain.text())
    })

  test('that is a picture in words is packed', async () => {
    expect((await ask('/svg', 'br')).headers.get('content-encoding')).toBe('br')
  })

  test('says by what it differs, beside what it said', async () => {
    for (const encoding of ['br', undefined])
      expect((await ask('/varies', encoding)).headers.get('vary')).toBe('Origin, Accept-Encoding')
    expect((await ask('/small', 'br')).headers.get('vary')).toBe(null)
  })

  test('has a weak tag, for its bytes are others', async () => {
    expect((await ask('/tagged', 'gzip')).headers.get('etag')).toBe('W/"v1"')
    expect((await ask('/tagged')).headers.get('etag')).toBe('"v1"')
  })

  test('to HEAD has the headers of GET and the length of its body', async () => {
    const body = await (await ask('/rows', 'gzip')).arrayBuffer()
    const head = await ask('/rows', 'gzip', { method: 'HEAD' })
    expect([head.headers.get('content-encoding'), head.headers.get('content-length'), await head.text()]).toEqual([
      'gzip',
      String(body.byteLength),
      '',
    ])
  })

  test('to a signed-in caller is left as it is where the app says so', async () => {
    const careful = shop({ signedIn: false })
    const user = { headers: { 'x-user': 'ada' } }
    expect((await careful('/text', 'gzip', user)).headers.get('content-encoding')).toBe(null)
    expect((await careful('/text', 'gzip')).headers.get('content-encoding')).toBe('gzip')
    expect((await ask('/text', 'gzip', user)).headers.get('content-encoding')).toBe('gzip')
  })

  test('that is a refusal can be packed too', async () => {
    const answer = await shop({ threshold: 10 })('/missing', 'gzip')
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-encoding')]).toEqual([
      404,
      'application/problem+json',
      'gzip',
    ])
    expect(JSON.parse(await bodyOf(answer)).code).toBe('KWIK_NOT_FOUND')
  })

  test('keeps its security headers and those of CORS', async () => {
    const both = shop({}, (app) => app.use(headers({ cors: { origins: ['https://shop.example.com'] } })))
    const answer = await both('/text', 'gzip', { headers: { origin: 'https://shop.example.com' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example.com')
    expect(answer.headers.get('vary')!.toLowerCase().split(/, ?/).sort()).toEqual(['accept-encoding', 'origin'])
    expect(await bodyOf(answer)).toBe(large)
  })

  test('is logged with the bytes that left', async () => {
    const { ask: asked, access } = logged((app) => app.use(compression()).get('/text', () => large, open))
    const answer = await asked('/text', { headers: { 'accept-encoding': 'gzip' } })
    const { byteLength } = await answer.arrayBuffer()
    expect([byteLength < 200, access()[0]!['bytes']]).toEqual([true, byteLength])
  })
})

test('an encoding or a size that is none is refused at boot', () => {
  const app = (options: CompressionOptions): AnyElysia =>
    new Elysia()
      .use(core({ signals: false, logger: quiet }))
      .use(compression(options))
      .get('/x', () => 'x', { public: true })
  expect(() => boot(app({ encodings: ['deflate' as never] }))).toThrow('encodings are zstd, br, gzip, not "deflate"')
  expect(() => boot(app({ threshold: '1 kilo' as never }))).toThrow('is no size')
})
