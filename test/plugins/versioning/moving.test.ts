import { Validator } from '@seriousme/openapi-schema-validator'
import { type AnyElysia, Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { type ChangeWords, change, type Instruction, versions } from 'kwik/versioning'
import { boot } from '#core/boot'
import { describe, expect, test } from '#test'
import { talkTo, ways } from '../../fixtures/ask.ts'
import { ask, clockAt, Invoice } from './invoices.ts'

const open = { public: true } as const
/** An app of version 2, with what is different from version 1. */
const appWith = (
  say: (c: ChangeWords) => readonly Instruction[],
  older: object = {},
  more: object = {},
  parts: object = {},
) =>
  new Elysia().use(
    kwik({
      versions: versions({
        vendor: 'kwik',
        clock: clockAt('2026-10-01'),
        list: [
          { v: '2', released: '2026-09-01', changes: [change('what moved', say)] },
          { v: '1', released: '2025-05-01', ...older },
        ],
        ...more,
      }),
      openapi: { title: 'Shop' },
      logging: { write() {} },
      signals: false,
      ...parts,
    }),
  )

const faultOf = (make: () => unknown): string => {
  try {
    boot(make() as AnyElysia)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

describe('parameters of a path that moved', () => {
  for (const way of ways)
    test(`are told by their names, whatever their order (${way})`, () => {
      const app = appWith((c) => [
        c.endpoint('GET /b/:y/a/:x').moved('/a/:x/b/:y'),
        c.endpoint('GET /bills/:id').moved('/users/:user/invoices/:number?', { number: 'id' }),
      ])
        .get('/b/:y/a/:x', ({ params }) => params, open)
        .get('/bills/:id', ({ params }) => params, open)
      return talkTo(app as never, way, async (tell) => {
        const at = async (path: string) => {
          const accept = 'application/vnd.kwik.v1+json'
          return (await tell(new Request(`http://localhost${path}`, { headers: { accept } }))).json()
        }
        expect(await at('/a/1/b/2')).toEqual({ x: '1', y: '2' })
        expect(await at('/users/7/invoices/4%2F5')).toEqual({ id: '4/5' })
        expect((await at('/users/7/invoices')).status).toBe(404)
      })
    })
  test('whose names differ have to be named', () => {
    const moving = (now: string, then: string, names?: Record<string, string>) => () =>
      appWith((c) => [c.endpoint(now).moved(then, names)])
    const messages: readonly (readonly [() => unknown, string])[] = [
      [moving('GET /bills/:id', '/invoices/:number'), "Write .moved('/invoices/:number', { number: 'id' })"],
      [moving('GET /bills/:id', '/invoice'), 'the older path needs a parameter for it'],
      [moving('GET /bills/:id', '/invoices/:number', { nr: 'id' }), "write { older: 'newer' }"],
      [moving('GET /bills/:id', '/u/:u/:id', { u: 'id' }), 'two parameters are :id'],
      [moving('GET /bills', 'POST /invoices'), 'a GET has no body'],
    ]
    for (const [make, message] of messages) expect(make).toThrow(message)
  })
})

describe('a path that something moved away from', () => {
  test('is the one route that the version had there, or the app does not start', () => {
    const both = (say: (c: ChangeWords) => readonly Instruction[]) =>
      faultOf(() =>
        appWith(say)
          .get('/bills/:id', () => 'bills', open)
          .get('/notes/:no', () => 'notes', open),
      )
    const fault = both((c) => [c.endpoint('GET /bills/:id').moved('/notes/:id')])
    expect(fault).toContain('version "1" has two routes at "GET /notes/:no"')
    expect(fault).toContain('"GET /bills/:id", moved by "what moved"')
    expect(fault).toContain("say c.endpoint('GET /notes/:no').didntExist() if that came later")
    const two = both((c) => [
      c.endpoint('GET /bills/:id').moved('/x/:id'),
      c.endpoint('GET /notes/:no').moved('/x/:no'),
    ])
    expect(two).toContain('"GET /notes/:no", moved by "what moved", and "GET /bills/:id", moved by "what moved"')
    const later = both((c) => [
      c.endpoint('GET /bills/:id').moved('/notes/:id'),
      c.endpoint('GET /notes/:no').didntExist(),
    ])
    expect(later).toBe('none')
    const swapped = both((c) => [
      c.endpoint('GET /bills/:id').moved('/notes/:id'),
      c.endpoint('GET /notes/:no').moved('/bills/:no'),
    ])
    expect(swapped).toBe('none')
    const twice = both((c) => [
      c.endpoint('GET /bills/:id').moved('/x/:id'),
      c.endpoint('GET /bills/:id').moved('/y/:id'),
    ])
    expect(twice).toContain('"GET /bills/:id" is moved twice on the way to one version')
  })
  test('leaves narrower paths to the routes that the version had there', async () => {
    const app = appWith((c) => [
      c.endpoint('GET /invoices/:id').moved('/bills/:id'),
      c.endpoint('GET /newest').moved('/bills/newest'),
      c.endpoint('GET /bills/fresh').didntExist(),
    ])
      .get('/invoices/:id', ({ params }) => params.id, open)
      .get('/newest', () => 'the newest', open)
      .get('/bills/sum', () => 'the sum', open)
      .get('/bills/fresh', () => 'later', open)
    const told = async (path: string) => (await ask(app as never, `GET ${path}`, '1')).body
    expect([await told('/bills/newest'), await told('/bills/sum'), await told('/bills/fresh')]).toEqual([
      'the newest',
      'the sum',
      'fresh',
    ])
  })
})

for (const way of ways)
  test(`a route whose method was another one is found by that (${way})`, () => {
    const app = appWith((c) => [c.endpoint('PATCH /bills/:id').moved('PUT /bills/:id')]).patch(
      '/bills/:id',
      ({ body }) => body,
      { public: true, body: t.Object({ n: t.Integer() }) },
    )
    return talkTo(app as never, way, async (tell) => {
      const statusOf = async (version: string, method: string) => {
        const headers = { accept: `application/vnd.kwik.v${version}+json`, 'content-type': 'application/json' }
        return (await tell(new Request('http://localhost/bills/4', { method, headers, body: '{"n":1}' }))).status
      }
      expect([await statusOf('1', 'PUT'), await statusOf('1', 'PATCH')]).toEqual([200, 404])
      expect([await statusOf('2', 'PUT'), await statusOf('2', 'PATCH')]).toEqual([405, 200])
    })
  })

test('browsers may ask which methods a path takes in any version, though they do not say in which', async () => {
  const headers = { cors: { origins: ['https://shop.example'] } }
  const app = appWith(
    (c) => [c.endpoint('PATCH /bills/:id').moved('PUT /invoices/:id')],
    {},
    { readers: ['path'] },
    { headers },
  )
    .patch('/bills/:id', () => 'changed', open)
    .get('/bills/:id', () => 'bill', open)
  const asks = { origin: 'https://shop.example', 'access-control-request-method': 'PUT' }
  const told = async (path: string, sent: object, header: string) =>
    (await ask(app as never, `OPTIONS ${path}`, null, undefined, sent)).headers.get(header)
  expect(await told('/invoices/4', asks, 'access-control-allow-methods')).toBe('PUT')
  expect(await told('/v1/invoices/4', asks, 'access-control-allow-methods')).toBe('PUT')
  expect(await told('/v2/bills/4', asks, 'access-control-allow-methods')).toBe('GET, HEAD, PATCH')
  expect(await told('/invoices/4', {}, 'allow')).toBe('OPTIONS, PUT')
  expect(await told('/nowhere', {}, 'allow')).toBe(null)
  const wrong = await ask(app as never, 'DELETE /v2/bills/4')
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, PATCH'])
})

describe('where an answer leads its client on', () => {
  // On Deno Elysia's own redirect takes whole URLs alone.
  const to = (set: { status?: unknown; headers: object }, status: number, location: string): void =>
    void Object.assign(set, { status, headers: { ...set.headers, location } })
  const app = (older: object = {}, more: object = {}) =>
    appWith(
      (c) => [
        c.endpoint('GET /invoices/:id').moved('/bills/:bill', { bill: 'id' }),
        c.endpoint('PUT /invoices/:id').moved('/mine/:user/:id'),
        c.endpoint('GET /fresh').moved('/stale'),
      ],
      older,
      more,
    )
      .get('/invoices/:id', ({ params: { id } }) => ({ id, createdAt: 'x' }), {
        ...open,
        response: Invoice,
        params: t.Object({ id: t.Integer() }),
      })
      .put('/invoices/:id', ({ set }) => to(set, 308, '/invoices/5'), open)
      .post('/invoices', ({ set }) => to(set, 201, '/invoices/4?x=1#y'), open)
      .get('/fresh', ({ set, query }) => to(set, 302, query['to'] ?? '/invoices/5'), open)
      .get('/old', () => 'old', { ...open, deprecated: { since: '2026-01-01', successor: '/fresh' } })
  const told = async (route: string, header: 'location' | 'link', version: string, one = app()) =>
    (await ask(one as never, route, version)).headers.get(header)

  test('is the path that its version knows', async () => {
    expect(await told('POST /invoices', 'location', '1')).toBe('/bills/4?x=1#y')
    expect(await told('POST /invoices', 'location', '2')).toBe('/invoices/4?x=1#y')
    expect(await told('GET /stale', 'location', '1')).toBe('/bills/5')
    for (const to of ['https://other.example/invoices/5', '//other.example/invoices/5', '/invoices/5/lines'])
      expect(await told(`GET /stale?to=${encodeURIComponent(to)}`, 'location', '1')).toBe(to)
    expect(await told('GET /stale?to=http://localhost/invoices/5', 'location', '1')).toBe('http://localhost/bills/5')
    // Whose it was cannot be told: the path of now is better than one that is made up.
    expect(await told('PUT /mine/7/5', 'location', '1')).toBe('/invoices/5')
  })
  test('names what to use instead as its version knows it', async () => {
    expect(await told('GET /old', 'link', '1')).toBe('</stale>; rel="successor-version"')
    expect(await told('GET /old', 'link', '2')).toBe('</fresh>; rel="successor-version"')
  })
  test('keeps the version in the path', async () => {
    const below = app({}, { readers: ['path'] })
    expect(await told('GET /v1/stale', 'location', '*/*', below)).toBe('/v1/bills/5')
    expect(await told('GET /v1/stale?to=/v1/bills/6', 'location', '*/*', below)).toBe('/v1/bills/6')
  })
  test('is the newest path, when the newest version is what it should go to', async () => {
    const newest = '</invoices/4>; rel="successor-version"; type="application/vnd.kwik.v2+json"'
    expect(await told('GET /bills/4', 'link', '1', app({ deprecated: '2026-09-01' }))).toBe(newest)
    expect(await told('GET /bills/4', 'link', '1', app({ retired: '2026-09-01' }))).toBe(newest)
  })
  test('the document has the older path with its own parameters', async () => {
    const { body } = await ask(app() as never, 'GET /openapi/v1/json')
    expect((await new Validator().validate(body)).errors ?? []).toEqual([])
    expect(body.paths['/bills/{bill}'].get.parameters).toMatchObject([{ name: 'bill', in: 'path' }])
    expect(body.paths['/mine/{user}/{id}'].put.parameters.map(({ name }: { name: string }) => name)).toEqual([
      'user',
      'id',
    ])
  })
})

test('a change finds its route whether that ends in a slash or not', async () => {
  const app = appWith((c) => [c.endpoint('GET /gone').existed()]).group('/gone', (group) =>
    group.get('/', () => 'gone', open),
  )
  expect((await ask(app as never, 'GET /gone', '1')).status).toBe(200)
  expect((await ask(app as never, 'GET /gone', '2')).status).toBe(404)
})
