import { Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { describe, expect, test } from '#test'
import { ask, clockAt, Invoice, list, made, platformOf } from './invoices.ts'

const invoice = { id: 1, createdAt: '2026-01-01' }
const app = (api = made()) =>
  new Elysia()
    .use(platformOf(api))
    .get('/invoices', () => [invoice], { public: true, response: t.Array(Invoice) })
    .post('/invoices', ({ body }) => body, { public: true, body: Invoice, response: Invoice })
    .get('/page', () => '<p>page</p>', { public: true })

describe('the table of media ranges', () => {
  const table: readonly (readonly [header: string | null, version: string | 406])[] = [
    [null, '2'],
    ['', '2'],
    ['*/*', '2'],
    ['application/json', '2'],
    ['application/*', '2'],
    ['application/vnd.kwik.v1+json', '1'],
    ['application/vnd.kwik+json', '2'],
    ['application/vnd.kwik+json;version=3', '3'],
    ['APPLICATION/VND.KWIK.V1+JSON', '1'],
    ['application/vnd.kwik.v9+json', 406],
    ['application/vnd.kwik.v9+json, */*;q=0.1', '2'],
    ['application/vnd.kwik.v1+json;q=0', 406],
    ['application/vnd.kwik.v2+json;q=0, */*', '3'],
    ['application/vnd.kwik.v1+json;q=0.5, application/vnd.kwik.v3+json;q=0.8', '3'],
    ['application/vnd.kwik.v1+json, application/vnd.kwik.v3+json', '3'],
    ['text/html', 406],
    ['text/html,application/xhtml+xml,*/*;q=0.8', '2'],
    ['application/vnd.kwik.v1+json;q=abc', 406],
    ['application/vnd.kwik.v1+json; charset=utf-8', '1'],
    ['text/event-stream', 406],
    ['application/json;q=0.2, application/vnd.kwik.v1+json', '1'],
  ]
  for (const [header, expected] of table)
    test(`Accept ${header === null ? 'absent' : JSON.stringify(header)} is ${expected}`, async () => {
      const { status, headers } = await ask(app(), 'GET /invoices', header)
      expect(status === 200 ? headers.get('api-version') : status).toBe(expected)
    })

  test('ranges in quotes, of other vendors, and of nothing are passed over', async () => {
    const strange = 'application/vnd.other.v1+json, text/x;a="b,c", ;q=1, application/vnd.kwik.v1+json;q=0.001'
    expect((await ask(app(), 'GET /invoices', strange)).headers.get('api-version')).toBe('1')
  })
  test('a route that may answer something else than JSON answers who takes none', async () => {
    const { status, headers } = await ask(app(), 'GET /page', 'text/html')
    expect([status, headers.get('api-version')]).toEqual([200, '2'])
  })
})

describe('what an answer says of its version', () => {
  test('v1 Accept -> v1 names, Content-Type of v1, Vary has Accept and keeps Origin', async () => {
    const { body, headers } = await ask(corsApp(), 'GET /invoices', '1', undefined, { origin: 'https://shop.example' })
    expect(body).toEqual([{ id: 1, creationDate: '2026-01-01' }])
    expect(headers.get('content-type')).toBe('application/vnd.kwik.v1+json')
    expect(headers.get('vary')?.split(', ').sort()).toEqual(['Accept', 'Origin'])
    expect(headers.get('api-version')).toBe('1')
  })
  test('who asked for application/json gets application/json', async () => {
    const { headers } = await ask(app(), 'GET /invoices', 'application/json')
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    expect(headers.get('api-version')).toBe('2')
  })
  test('errors, 404 and 304 carry Vary and version; errors stay problems', async () => {
    const withTag = new Elysia()
      .use(platformOf())
      .get('/known', () => new Response(null, { status: 304 }), { public: true })
    const answers = [
      await ask(app(), 'POST /invoices', '1', {}),
      await ask(app(), 'GET /nowhere', '1'),
      await ask(app(), 'PUT /invoices', '1'),
      await ask(withTag, 'GET /known', '1'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([422, 404, 405, 304])
    for (const { headers } of answers)
      expect([headers.get('vary'), headers.get('api-version')]).toEqual(['Accept', '1'])
    for (const { headers } of answers.slice(0, 3)) expect(headers.get('content-type')).toBe('application/problem+json')
  })
})

describe('versions that are not served', () => {
  const retiring = made({ list: [...list.slice(0, 2), { ...list[2]!, retired: '2026-06-01', docs: '/changelog' }] })

  test('unknown -> 406, and the problem lists the versions', async () => {
    const { status, body, headers } = await ask(app(), 'GET /invoices', '9')
    expect([status, body.code, headers.get('vary')]).toEqual([406, 'KWIK_VERSION_UNKNOWN', 'Accept'])
    expect(body.errors[0].allowed).toEqual(['3', '2', '1'].map((one) => `application/vnd.kwik.v${one}+json`))
  })
  test('retired -> 410 with successor-version; a wildcard never means it', async () => {
    const gone = await ask(app(retiring), 'GET /invoices', '1')
    expect([gone.status, gone.body.code]).toEqual([410, 'KWIK_VERSION_RETIRED'])
    expect(gone.headers.get('link')).toContain(
      '</invoices>; rel="successor-version"; type="application/vnd.kwik.v3+json"',
    )
    const both = 'application/vnd.kwik.v1+json, application/vnd.kwik.v2+json;q=0.1'
    expect((await ask(app(retiring), 'GET /invoices', both)).headers.get('api-version')).toBe('2')
  })
  test('who names no version gets the newest when the default is retired', async () => {
    const api = made({ list: [...list.slice(0, 2), { ...list[2]!, retired: '2026-06-01' }], default: '1' })
    for (const accept of [null, '*/*', 'application/json', 'application/vnd.kwik+json']) {
      const { status, headers } = await ask(app(api), 'GET /invoices', accept)
      expect([accept, status, headers.get('api-version')]).toEqual([accept, 200, '3'])
    }
    expect((await ask(app(api), 'GET /invoices', '1')).status).toBe(410)
  })
  test('a version is retired on its day, not before', async () => {
    const clock = clockAt('2026-05-31')
    const api = made({ clock, list: [...list.slice(0, 2), { ...list[2]!, retired: '2026-06-01' }] })
    const one = app(api)
    expect((await ask(one, 'GET /invoices', '1')).status).toBe(200)
    clock.set('2026-06-01')
    expect((await ask(one, 'GET /invoices', '1')).status).toBe(410)
  })
  test('POST with Content-Type v1 and Accept v2 -> migrated in, v2 out', async () => {
    const type = { 'content-type': 'application/vnd.kwik.v1+json' }
    const { status, body } = await ask(app(), 'POST /invoices', '2', { id: 1, creationDate: 'x' }, type)
    expect([status, body]).toEqual([200, { id: 1, createdAt: 'x' }])
  })
  test('an unknown Content-Type version -> 415, a retired one -> 410', async () => {
    const of = (version: string) => ({ 'content-type': `application/vnd.kwik.v${version}+json` })
    const unknown = await ask(app(), 'POST /invoices', '2', {}, of('9'))
    expect([unknown.status, unknown.body.code]).toEqual([415, 'KWIK_VERSION_BODY_UNKNOWN'])
    expect(unknown.headers.get('accept')).toContain('application/vnd.kwik.v1+json')
    expect((await ask(app(retiring), 'POST /invoices', '2', {}, of('1'))).status).toBe(410)
  })
})

test('refusals say the version that they are about, or that of who names none', async () => {
  const releases = [list[0]!, { ...list[1]!, retired: '2026-06-01' }, { ...list[2]!, brownouts: ['2026-10-01/P1D'] }]
  const one = app(made({ list: releases, default: '3', readers: [{ header: 'x-api-version' }] }))
  const said = async (route: string, accept: string | null, headers: object = {}) => {
    const { status, headers: told } = await ask(one, route, accept, undefined, headers)
    return [status, told.get('api-version')]
  }
  expect(await said('GET /invoices', '9')).toEqual([406, '3'])
  expect(await said('GET /invoices', null, { 'x-api-version': '9' })).toEqual([406, '3'])
  expect(await said('GET /invoices', '2')).toEqual([410, '2'])
  expect(await said('GET /invoices', '1')).toEqual([410, '1'])
  expect(await said('GET /invoices', 'text/html')).toEqual([406, '3'])
  const older = app(made({ default: '2' }))
  // Refused before anybody asked for its version.
  const { status, headers } = await ask(older, 'GET /invoices/%zz', '1')
  expect([status, headers.get('api-version'), headers.get('vary')]).toEqual([400, '1', 'Accept'])
})

describe('other readers', () => {
  const read = made({ readers: ['path', { header: 'X-Api-Version' }] })

  test('a path that begins with /v1, where the app says so', async () => {
    const first = await ask(app(read), 'GET /v1/invoices', '*/*')
    expect(first.body).toEqual([{ id: 1, creationDate: '2026-01-01' }])
    expect(first.headers.get('content-type')).toMatch(/^application\/json/)
    const unknown = await ask(app(read), 'GET /v9/invoices')
    expect([unknown.status, unknown.body.detail]).toEqual([404, 'There is no version 9: ask for /v3, /v2, /v1.'])
    const own = new Elysia().use(platformOf(read)).get('/v9/own', () => 'own', { public: true })
    expect((await ask(own, 'GET /v9/own')).status).toBe(200)
    expect((await ask(app(), 'GET /v1/invoices')).status).toBe(404)
    expect((await ask(app(read), 'HEAD /v1/invoices')).status).toBe(200)
  })
  test('who asked below /v1 is led on below /v1', async () => {
    const moved = new Elysia().use(platformOf(read)).post(
      '/invoices',
      ({ set }) => {
        set.headers['location'] = '/invoices/7'
        return 'made'
      },
      { public: true },
    )
    expect((await ask(moved, 'POST /v1/invoices')).headers.get('location')).toBe('/v1/invoices/7')
  })
  test('a header; the media type goes before it', async () => {
    const one = await ask(app(read), 'GET /invoices', null, undefined, { 'x-api-version': '1' })
    expect([one.headers.get('api-version'), one.headers.get('vary')]).toEqual(['1', 'Accept, x-api-version'])
    expect(
      (await ask(app(read), 'GET /invoices', '3', undefined, { 'x-api-version': '1' })).headers.get('api-version'),
    ).toBe('3')
    expect((await ask(app(read), 'GET /invoices', null, undefined, { 'x-api-version': '9' })).status).toBe(406)
  })
})

const corsApp = () =>
  new Elysia()
    .use(
      kwik({
        versions: made(),
        headers: { cors: { origins: ['https://shop.example'] } },
        logging: { write() {} },
        signals: false,
      }),
    )
    .get('/invoices', () => [invoice], { public: true, response: t.Array(Invoice) })
