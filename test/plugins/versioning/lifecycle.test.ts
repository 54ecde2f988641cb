import { type AnyElysia, Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { definePlugin, type KwikPlugin } from 'kwik/core'
import { change, versions } from 'kwik/versioning'
import { boot } from '#core/boot'
import { describe, expect, test } from '#test'
import { talkTo, ways } from '../../fixtures/ask.ts'
import { authenticatedBy } from './caller.ts'
import { ask, clockAt, Invoice, list, made, platformOf } from './invoices.ts'

const invoice = { id: 1, createdAt: '2026-01-01' }
const app = (api = made()) =>
  new Elysia().use(platformOf(api)).get('/invoices', () => [invoice], { public: true, response: t.Array(Invoice) })

const retiring = (more: object = {}) => [
  list[0]!,
  { ...list[1]!, deprecated: '2026-09-01', sunset: '2027-03-01', docs: '/changelog#v2', ...more },
  list[2]!,
]

describe('a deprecated version', () => {
  test('Deprecation is @<unix>, Sunset is an IMF-fixdate, Link has its rels', async () => {
    const { status, headers } = await ask(app(made({ list: retiring() })), 'GET /invoices', '2')
    expect(status).toBe(200)
    expect(headers.get('deprecation')).toBe(`@${Date.UTC(2026, 8, 1) / 1000}`)
    expect(headers.get('sunset')).toBe('Mon, 01 Mar 2027 00:00:00 GMT')
    expect(headers.get('link')?.split(', ')).toEqual([
      '</changelog#v2>; rel="deprecation"; type="text/html"',
      '</changelog#v2>; rel="sunset"; type="text/html"',
      '</invoices>; rel="successor-version"; type="application/vnd.kwik.v3+json"',
    ])
  })
  test('others say nothing of it', async () => {
    const { headers } = await ask(app(made({ list: retiring() })), 'GET /invoices', '3')
    expect([headers.get('deprecation'), headers.get('sunset'), headers.get('link')]).toEqual([null, null, null])
  })
  test('brownout window -> 410 + Retry-After, outside -> 200', async () => {
    const clock = clockAt('2027-01-15T09:59:59Z')
    const api = made({
      clock,
      list: retiring({ brownouts: ['2027-01-15T10:00Z/PT1H', '2027-02-01T00:00Z/2027-02-02T00:00Z'] }),
    })
    const one = app(api)
    const statusAt = async (moment: string) => {
      clock.set(moment)
      return (await ask(one, 'GET /invoices', '2')).status
    }
    expect(await statusAt('2027-01-15T09:59:59Z')).toBe(200)
    clock.set('2027-01-15T10:15:00Z')
    const off = await ask(one, 'GET /invoices', '2')
    expect([off.status, off.body.code, off.headers.get('retry-after')]).toEqual([410, 'KWIK_VERSION_BROWNOUT', '2700'])
    expect(off.headers.get('link')).toContain('rel="successor-version"')
    expect((await ask(one, 'GET /invoices', '3')).status).toBe(200)
    expect(await statusAt('2027-01-15T11:00:00Z')).toBe(200)
    expect(await statusAt('2027-02-01T12:00:00Z')).toBe(410)
  })
})

describe('a route', () => {
  const withRoutes = (api = made()) =>
    new Elysia()
      .use(platformOf(api))
      .get('/old', () => 'old', { public: true, version: { until: '1' } })
      .get('/new', () => 'new', { public: true, version: { from: '2' } })
      .get('/both', () => 'both', { public: true, version: ['1', '3'] })
      .get('/one', () => 'one', { public: true, version: '2' })
      .get('/leaving', () => 'leaving', {
        public: true,
        deprecated: { since: '2026-09-01', sunset: '2027-03-01', link: '/docs/leaving', successor: '/new' },
      })

  test('exists in the versions that it says', async () => {
    const one = withRoutes()
    const found = async (path: string) =>
      (await Promise.all(['1', '2', '3'].map((v) => ask(one, `GET ${path}`, v)))).map(({ status }) => status)
    expect(await found('/old')).toEqual([200, 404, 404])
    expect(await found('/new')).toEqual([404, 200, 200])
    expect(await found('/both')).toEqual([200, 404, 200])
    expect(await found('/one')).toEqual([404, 200, 404])
    expect((await ask(one, 'GET /old', '2')).body.code).toBe('KWIK_NOT_FOUND')
  })
  test('that is deprecated says so', async () => {
    const { headers } = await ask(withRoutes(), 'GET /leaving')
    expect([headers.get('deprecation'), headers.get('sunset')]).toEqual([
      '@1788220800',
      'Mon, 01 Mar 2027 00:00:00 GMT',
    ])
    expect(headers.get('link')).toContain('</new>; rel="successor-version"')
  })
  test('that is not in a version is not there for anybody: 404 before 401', async () => {
    const guarded = new Elysia()
      .use(kwik({ versions: made(), permissions: ['a:b'], logging: { write() {} }, signals: false }))
      .get('/old', () => 'old', { permission: 'a:b', version: { until: '1' } })
    expect((await ask(guarded, 'GET /old', '2')).status).toBe(404)
    expect((await ask(guarded, 'GET /old', '1')).status).toBe(401)
  })
})

describe('changes of endpoints', () => {
  const api = () =>
    versions({
      vendor: 'kwik',
      clock: clockAt('2026-10-01'),
      list: [
        {
          v: '3',
          released: '2026-09-01',
          changes: [
            change('bills are invoices', (c) => [
              c.endpoint('GET /invoices/:id').moved('/bills/:bill', { bill: 'id' }),
              c.endpoint('POST /invoices').status(200, 201),
              c.endpoint('POST /invoices').header('X-Invoice', 'Invoice-Id'),
              c.endpoint('GET /fresh').didntExist(),
              c.endpoint('GET /bills/old').didntExist(),
            ]),
          ],
        },
        {
          v: '2',
          released: '2026-01-10',
          changes: [
            change('more', (c) => [
              c.endpoint('GET /gone').existed(),
              c.endpoint('GET /invoices/:id').moved('GET /receipts/:id/show'),
              c.schema(Invoice).rename('creationDate', 'createdAt'),
            ]),
          ],
        },
        { v: '1', released: '2025-05-01' },
      ],
    })
  const routes = () =>
    new Elysia()
      .use(platformOf(api() as never))
      .get('/gone', () => 'gone', { public: true })
      .get('/fresh', () => 'fresh', { public: true })
      .get(
        '/invoices/:id',
        ({ params, query }) => ({ id: Number(params.id), createdAt: String(query['x'] ?? 'now') }),
        {
          public: true,
          params: t.Object({ id: t.Numeric() }),
          response: Invoice,
        },
      )
      .get('/bills/old', () => 'another', { public: true })
      .post(
        '/invoices',
        ({ set }) => {
          set.status = 201
          set.headers['invoice-id'] = '7'
          return { id: 7, createdAt: 'now' }
        },
        { public: true, response: { 201: Invoice } },
      )

  test('endpoint removed in v2: 200 at v1, 404 at v2', async () => {
    expect((await ask(routes(), 'GET /gone', '1')).status).toBe(200)
    expect((await ask(routes(), 'GET /gone', '2')).status).toBe(404)
    expect((await ask(routes(), 'GET /gone', '3')).status).toBe(404)
  })
  test('endpoint added in v3: 404 before', async () => {
    expect((await ask(routes(), 'GET /fresh', '2')).status).toBe(404)
    expect((await ask(routes(), 'GET /fresh', '3')).status).toBe(200)
  })
  for (const way of ways)
    test(`a moved endpoint is where each version knows it (${way})`, () =>
      talkTo(routes() as never, way, async (tell) => {
        const at = async (version: string, path: string, method = 'GET') => {
          const headers = { accept: `application/vnd.kwik.v${version}+json` }
          const response = await tell(new Request(`http://localhost${path}`, { method, headers }))
          return [response.status, await response.text()]
        }
        expect(await at('3', '/invoices/4')).toEqual([200, '{"id":4,"createdAt":"now"}'])
        expect(await at('2', '/bills/4?x=then')).toEqual([200, '{"id":4,"createdAt":"then"}'])
        expect(await at('1', '/receipts/4/show')).toEqual([200, '{"id":4,"creationDate":"now"}'])
        expect(await at('2', '/bills/4', 'HEAD')).toEqual([200, ''])
        // Another route of the newest version, which an older one knew for this.
        expect((await at('2', '/bills/old'))[0]).toBe(422)
        expect(await at('3', '/bills/old')).toEqual([200, 'another'])
        for (const [version, path] of [
          ['3', '/bills/4'],
          ['2', '/invoices/4'],
          ['1', '/bills/4'],
          ['2', '/receipts/4/show'],
        ] as const)
          expect((await at(version, path))[0]).toBe(404)
      }))
  test('statuses and headers of answers have older forms', async () => {
    const old = await ask(routes(), 'POST /invoices', '2')
    expect([old.status, old.headers.get('x-invoice'), old.headers.get('invoice-id')]).toEqual([200, '7', null])
    expect((await ask(routes(), 'POST /invoices', '1')).body).toEqual({ id: 7, creationDate: 'now' })
    const now = await ask(routes(), 'POST /invoices', '3')
    expect([now.status, now.headers.get('x-invoice'), now.headers.get('invoice-id')]).toEqual([201, null, '7'])
  })
})

test('keys of caches differ per version', async () => {
  const keys = new Set<string>()
  const watch = definePlugin<KwikPlugin<{}>, object>({
    name: 'watch',
    options: {},
    keys: [],
    setup: () => ({ respond: (scope) => void keys.add(scope.variant) }),
  })
  const watched = new Elysia()
    .use(watch)
    .use(platformOf())
    .get('/invoices', () => [invoice], { public: true, response: t.Array(Invoice) })
  for (const accept of ['1', '2', '3', '*/*']) await ask(watched as never, 'GET /invoices', accept)
  // The default is version 2.
  expect([...keys]).toEqual([';v=1', ';v=2', ';v=3'])
})

describe('a pin', () => {
  const pinned = (version: unknown, more: object = {}) => {
    const api = made({ pin: ({ user }) => user['apiVersion'], ...more })
    return new Elysia()
      .use(platformOf(api))
      .use(authenticatedBy({ id: '1', apiVersion: version } as never))
      .get('/invoices', () => [invoice], { auth: true, response: t.Array(Invoice) })
  }
  test('is the version of a user who names none', async () => {
    const { body, headers } = await ask(pinned('1'), 'GET /invoices', '*/*')
    expect([headers.get('api-version'), body]).toEqual(['1', [{ id: 1, creationDate: '2026-01-01' }]])
    expect((await ask(pinned('1'), 'GET /invoices', 'application/vnd.kwik+json')).headers.get('content-type')).toBe(
      'application/vnd.kwik.v1+json',
    )
  })
  test('makes answers depend on who asks, for caches between, where no version is named', async () => {
    const api = made({ pin: ({ user }) => user['apiVersion'], readers: ['path', { header: 'X-Api-Version' }] })
    const shared = new Elysia()
      .use(kwik({ versions: api, cache: { ttl: '1m' }, logging: false, signals: false }))
      .use(authenticatedBy({ id: '1', apiVersion: '1' } as never))
      .get('/invoices', () => [invoice], { public: true, cache: { shared: true }, response: t.Array(Invoice) })
    const told = async (headers: Record<string, string> = {}, path = '/invoices') => {
      const answer = await shared.handle(new Request(`http://localhost${path}`, { headers }))
      const [control] = answer.headers.get('cache-control')!.split(',')
      return [answer.headers.get('api-version'), control, answer.headers.get('vary')]
    }
    const byCaller = 'Accept, x-api-version, Authorization, Cookie, X-API-Key'
    // Made, and from the cache.
    for (let n = 0; n < 2; n++) expect(await told()).toEqual(['1', 'public', byCaller])
    expect(await told({ 'x-api-version': '3' })).toEqual(['3', 'public', 'Accept, x-api-version'])
    expect(await told({}, '/v2/invoices')).toEqual(['2', 'public', 'Accept, x-api-version'])
    const unpinned = made({ readers: [{ header: 'X-Api-Version' }] })
    expect((await ask(app(unpinned), 'GET /invoices')).headers.get('vary')).toBe('Accept, x-api-version')
  })
  test('loses to an explicit Accept', async () => {
    expect((await ask(pinned('1'), 'GET /invoices', '3')).headers.get('api-version')).toBe('3')
  })
  test('to a version that is not known is none; to one that was retired is refused', async () => {
    expect((await ask(pinned('7'), 'GET /invoices')).headers.get('api-version')).toBe('2')
    expect((await ask(pinned(7), 'GET /invoices')).headers.get('api-version')).toBe('2')
    const retired = { list: [list[0]!, list[1]!, { ...list[2]!, retired: '2026-06-01' }] }
    const gone = await ask(pinned('1', retired), 'GET /invoices')
    expect([gone.status, gone.headers.get('api-version')]).toEqual([410, '1'])
  })
})

describe('what cannot be meant is a boot error', () => {
  const faultOf = (make: () => AnyElysia): string => {
    try {
      boot(make() as never)
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  const withList =
    (changed: object[], more: object = {}) =>
    () =>
      app(made({ list: changed as never, ...more }))
  const [three, two, one] = list as [object, object, object]

  const cases: Readonly<Record<string, readonly [() => AnyElysia, string]>> = {
    'sunset < deprecated': [
      withList([three, { ...two, deprecated: '2026-09-01', sunset: '2026-08-01' }, one]),
      'the sunset 2026-08-01 is before the deprecation 2026-09-01',
    ],
    'a sunset alone': [withList([three, { ...two, sunset: '2026-08-01' }, one]), 'say since when it is deprecated'],
    'unordered releases': [withList([two, three, one]), 'put the newest first'],
    'a version twice': [withList([three, two, { ...one, v: '2' }]), '"2" stands twice'],
    'no version': [withList([]), 'name at least one version'],
    'a default that is not there': [withList([three, two, one], { default: '9' }), 'there is no version "9"'],
    'a day that is none': [withList([{ ...three, released: 'soon' }, two, one]), '"soon" is no day'],
    'a day that its month does not have': [
      withList([{ ...three, released: '2026-02-31' }, two, one]),
      '"2026-02-31" is no day',
    ],
    'retired before its sunset': [
      withList([three, { ...two, deprecated: '2026-09-01', sunset: '2026-10-01', retired: '2026-09-15' }, one]),
      'it is retired on 2026-09-15, before its sunset 2026-10-01',
    ],
    'a window as long as nobody can say': [
      withList([three, { ...two, brownouts: ['2027-01-15T10:00Z/P1W'] }, one]),
      '"P1W" is no length such as',
    ],
    'a window that is none': [
      withList([three, { ...two, brownouts: ['2027-01-15T10:00Z/PT0H'] }, one]),
      'ends before it begins',
    ],
    'changes of the oldest': [
      withList([three, two, { ...one, changes: [change('x', (c) => [c.schema(Invoice).rename('a', 'id')])] }]),
      'there is no version before it',
    ],
    'a change on an unknown field': [
      withList([
        three,
        { ...two, changes: [change('x', (c) => [c.schema(Invoice).rename('creationDate', 'madeAt')])] },
        one,
      ]),
      `Invoice has no field "madeAt" for rename('creationDate', 'madeAt'); it has id, createdAt, note`,
    ],
    'a change on a field that an older change took away': [
      withList([
        { ...three, changes: [change('x', (c) => [c.schema(Invoice).rename('made', 'createdAt')])] },
        { ...two, changes: [change('y', (c) => [c.schema(Invoice).rename('creationDate', 'createdAt')])] },
        one,
      ]),
      'Invoice has no field "createdAt"',
    ],
    'a change of a route that is not there': [
      withList([three, { ...two, changes: [change('x', (c) => [c.endpoint('GET /invoice').existed()])] }, one]),
      'there is no such route, did you mean "GET /invoices"?',
    ],
    'a range of a version that is not there': [
      () =>
        new Elysia().use(platformOf()).get('/x', () => 'x', { public: true, version: { from: '7' as '1' } }) as never,
      'there is no version "7": there are 3, 2, 1',
    ],
    'an empty range': [
      () =>
        new Elysia()
          .use(platformOf())
          .get('/x', () => 'x', { public: true, version: { from: '3', until: '1' } }) as never,
      'the range has no version',
    ],
    'a route whose sunset is before': [
      () =>
        new Elysia()
          .use(platformOf())
          .get('/x', () => 'x', { public: true, deprecated: { since: '2026-09-01', sunset: '2026-01-01' } }) as never,
      'is before the deprecation',
    ],
  }
  for (const [name, [make, message]] of Object.entries(cases))
    test(name, () => {
      expect(faultOf(make)).toContain(message)
    })
})
