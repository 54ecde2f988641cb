import { Elysia, t } from 'elysia'
import { change, lowering, loweringTo, migrationCounts, versions } from 'kwik/versioning'
import { describe, expect, test } from '#test'
import { ask, createdAt, Invoice, made, platformOf, User } from './invoices.ts'

const invoice = { id: 1, createdAt: '2026-01-01' }
const Page = t.Object({ data: t.Array(Invoice), first: t.Union([Invoice, t.Null()]), owner: t.Optional(User) })

const app = (api = made()) =>
  new Elysia()
    .use(platformOf(api))
    .get('/page', () => ({ data: [invoice, { ...invoice, note: null }], first: null }), {
      public: true,
      response: Page,
    })
    .get('/first', () => ({ data: [], first: invoice, owner: { id: 2, address: 'Rome' } }), {
      public: true,
      response: Page,
    })
    .post('/invoices', ({ body }) => body, { public: true, body: Invoice, response: Invoice })
    .post('/users', ({ body }) => body, { public: true, body: User, response: User })
    .patch('/users', ({ body }) => body, { public: true, body: t.Partial(User), response: t.Partial(User) })
    .get('/has', ({ version }) => ({ has: version.has(createdAt), name: version.name }), { public: true })

describe('answers of older versions', () => {
  test('list envelope, nested and nullable schemas are all down-migrated; null and absent are kept apart', async () => {
    expect((await ask(app(), 'GET /page', '1')).body).toEqual({
      data: [
        { id: 1, creationDate: '2026-01-01' },
        { id: 1, creationDate: '2026-01-01', note: null },
      ],
      first: null,
    })
    expect((await ask(app(), 'GET /first', '1')).body).toEqual({
      data: [],
      first: { id: 1, creationDate: '2026-01-01' },
      owner: { id: 2, addresses: ['Rome'] },
    })
  })
  test('two versions back and forth: one request is turned once', async () => {
    const api = made()
    const users = app(api)
    expect((await ask(users, 'POST /users', '1', { id: 1, addresses: ['Rome', 'Oslo'] })).body).toEqual({
      id: 1,
      addresses: ['Rome'],
    })
    expect(migrationCounts(api)).toEqual({ up: 1, down: 1 })
  })
  test('a part of what is one field now is refused as what its client left out, and nobody has made a mistake', async () => {
    const Person = t.Object(
      { name: t.String(), address: t.Object({ street: t.String(), city: t.String() }) },
      { title: 'Person' },
    )
    const api = versions({
      vendor: 'kwik',
      list: [
        {
          v: '2',
          released: '2026-01-10',
          changes: [change('One address', (c) => [c.schema(Person).nest('address', ['street', 'city'])])],
        },
        { v: '1', released: '2025-05-01' },
      ],
    })
    const people = new Elysia()
      .use(platformOf(api as never))
      .patch('/people', ({ body }) => body, { public: true, body: t.Partial(Person), response: t.Partial(Person) })
    const whole = { street: 'Via Appia', city: 'Rome' }
    expect((await ask(people, 'PATCH /people', '1', whole)).body).toEqual(whole)
    const part = await ask(people, 'PATCH /people', '1', { city: 'Rome' })
    expect([part.status, part.body.code, part.body.errors]).toMatchObject([
      422,
      'KWIK_INVALID',
      [{ code: 'required', pointer: '/street' }],
    ])
  })
  test('a request at the newest version runs no migration code', async () => {
    const api = made()
    const one = app(api)
    await ask(one, 'POST /invoices', '3', invoice)
    await ask(one, 'GET /page', '3')
    await ask(one, 'GET /page', 'application/vnd.kwik.v3+json')
    expect(migrationCounts(api)).toEqual({ up: 0, down: 0 })
    await ask(one, 'GET /page', '1')
    expect(migrationCounts(api)).toEqual({ up: 0, down: 1 })
  })
  test('handlers ask whether the version has a change', async () => {
    expect((await ask(app(), 'GET /has', '1')).body).toEqual({ has: false, name: '1' })
    expect((await ask(app(), 'GET /has', '2')).body).toEqual({ has: true, name: '2' })
  })
  test('what a handler answers with is not written into', async () => {
    const kept = Object.freeze({ id: 1, createdAt: 'x' })
    const frozen = new Elysia()
      .use(platformOf())
      .get('/kept', () => ({ data: [kept], first: kept }), { public: true, response: Page })
    expect((await ask(frozen, 'GET /kept', '1')).body.first).toEqual({ id: 1, creationDate: 'x' })
    expect(kept).toEqual({ id: 1, createdAt: 'x' })
  })
  test('an answer with a status of its own is turned by the schema of that status', async () => {
    const typed = new Elysia().use(platformOf()).get('/typed', ({ status }) => status(202, invoice), {
      public: true,
      response: { 202: Invoice },
    })
    expect(await ask(typed, 'GET /typed', '1')).toMatchObject({ status: 202, body: { creationDate: '2026-01-01' } })
  })
})

describe('a field that is gone', () => {
  const Item = t.Object({ id: t.Integer(), amount: t.Integer(), note: t.String() }, { title: 'Item' })
  const item = { id: 1, amount: 2, note: 'n' }
  const items = (inParts: boolean) => {
    const changes = [
      change('Items have no double', (c) => [
        c.schema(Item).removeField('double', {
          was: t.Integer(),
          default: ({ amount }) => (amount ?? 0) * 2,
          inParts,
        }),
        c.schema(Item).rename('text', 'note'),
      ]),
    ]
    const list = [
      { v: '2', released: '2026-01-10', changes },
      { v: '1', released: '2025-05-01' },
    ]
    return new Elysia()
      .use(platformOf(versions({ vendor: 'kwik', list }) as never))
      .get('/whole', () => item, { public: true, response: Item })
      .get('/picked', () => ({ id: 1, note: 'n' }), { public: true, response: t.Pick(Item, ['id', 'note']) })
      .get('/rest', () => ({ amount: 4, note: 'n' }), { public: true, response: t.Omit(Item, ['id']) })
      .post('/items', ({ body }) => ({ ...body, id: 1 }), {
        public: true,
        body: t.Omit(Item, ['id']),
        response: Item,
      })
  }
  const read = async (app: ReturnType<typeof items>, path: string) => (await ask(app, `GET ${path}`, '1')).body

  test('is shown though the same version renamed a field beside it', async () => {
    expect(await read(items(false), '/whole')).toEqual({ id: 1, amount: 2, text: 'n', double: 4 })
  })
  test('is not shown in parts of the object, unless the change says that they had it', async () => {
    expect(await read(items(false), '/picked')).toEqual({ id: 1, text: 'n' })
    expect(await read(items(false), '/rest')).toEqual({ amount: 4, text: 'n' })
    expect(await read(items(true), '/rest')).toEqual({ amount: 4, text: 'n', double: 8 })
  })
  test('may be sent in parts of the object, and need not be', async () => {
    for (const sent of [
      { amount: 1, text: 'x', double: 9 },
      { amount: 1, text: 'x' },
    ])
      expect((await ask(items(false), 'POST /items', '1', sent)).body).toEqual({
        id: 1,
        amount: 1,
        text: 'x',
        double: 2,
      })
  })
})

describe('bodies of older versions', () => {
  test('an invalid v1 body -> the error names v1 fields', async () => {
    const { status, body } = await ask(app(), 'POST /invoices', '1', { id: 'x', createdAt: 'y' })
    expect([status, body.code]).toEqual([422, 'KWIK_INVALID'])
    expect(body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])).toEqual([
      ['/creationDate', 'required'],
      ['/createdAt', 'unknown-field'],
      ['/id', 'wrong-type'],
    ])
  })
  test('what a handler finds wrong is told in v1 names', async () => {
    const { defineProblems } = await import('kwik')
    const refuse = defineProblems({ KWIK_TEST_TAKEN: { status: 409, title: 'Taken' } })
    const taken = new Elysia().use(platformOf()).post(
      '/invoices',
      () => {
        throw refuse('KWIK_TEST_TAKEN', { errors: [{ code: 'taken', detail: 'is taken', pointer: '/createdAt' }] })
      },
      { public: true, body: t.Object({ invoice: Invoice, createdAt: t.String() }) },
    )
    const body = { invoice: { id: 1, creationDate: 'x' }, createdAt: 'y' }
    expect((await ask(taken, 'POST /invoices', '1', body)).body.errors[0].pointer).toBe('/createdAt')
    const nested = new Elysia().use(platformOf()).post(
      '/invoices',
      () => {
        throw refuse('KWIK_TEST_TAKEN', { errors: [{ code: 'taken', detail: 'is taken', pointer: '/0/createdAt' }] })
      },
      { public: true, body: t.Array(Invoice) },
    )
    expect((await ask(nested, 'POST /invoices', '1', [{ id: 1, creationDate: 'x' }])).body.errors[0].pointer).toBe(
      '/0/creationDate',
    )
  })
  test('a broken up migration -> 500 migration-bug, never 422, and it is in the log', async () => {
    const broken = change('broken', (c) => [
      c.schema(Invoice).field('creationDate').existedAs(t.String()),
      c.schema(Invoice).field('createdAt').didntExist(),
      c.up(Invoice, ({ id }: { id: number }) => ({ id, createdAt: 7 })),
      c.down(Invoice, (one) => one),
    ])
    const throwing = change('throwing', (c) => [
      c.up(Invoice, () => {
        throw new Error('secret of ours')
      }),
      c.down(Invoice, (one) => one),
    ])
    for (const one of [broken, throwing]) {
      const lines: string[] = []
      const api = versions({
        vendor: 'kwik',
        list: [
          { v: '2', released: '2026-01-10', changes: [one] },
          { v: '1', released: '2025-05-01' },
        ],
      })
      const platform = platformOf(api as never, (line) => void lines.push(line))
      const routes = new Elysia().use(platform).post('/invoices', ({ body }) => body, { public: true, body: Invoice })
      const sent = one === broken ? { id: 1, creationDate: 'x' } : { id: 1, createdAt: 'x' }
      const { status, body } = await ask(routes, 'POST /invoices', '1', sent)
      expect([status, body.code, body.type]).toEqual([500, 'KWIK_VERSION_MIGRATION', '/problems/version-migration'])
      expect(JSON.stringify(body)).not.toContain('secret')
      expect(lines.join('')).toContain('migration bug on POST /invoices')
      expect((await ask(routes, 'POST /invoices', '2', { id: 1, createdAt: 'x' })).status).toBe(200)
    }
  })
  test('the part of a body that is not there is not made up', async () => {
    expect((await ask(app(), 'PATCH /users', '2', { id: 3 })).body).toEqual({ id: 3 })
    expect((await ask(app(), 'PATCH /users', '2', { addresses: ['Rome'] })).body).toEqual({ addresses: ['Rome'] })
  })
  test('a change of nothing but what is gone is refused in its words, and is no bug', async () => {
    const api = versions({
      vendor: 'kwik',
      list: [
        {
          v: '2',
          released: '2026-01-10',
          changes: [change('x', (c) => [c.schema(User).removeField('colour', { was: t.String(), default: 'grey' })])],
        },
        { v: '1', released: '2025-05-01' },
      ],
    })
    const routes = new Elysia()
      .use(platformOf(api as never))
      .patch('/users', ({ body }) => body, { public: true, body: t.Partial(User, { minProperties: 1 }) })
    const { status, body } = await ask(routes, 'PATCH /users', '1', { colour: 'red' })
    expect([status, body.errors]).toEqual([
      422,
      [{ code: 'read-only', detail: 'colour cannot be written any more', pointer: '/colour' }],
    ])
    expect((await ask(routes, 'PATCH /users', '1', { colour: 'red', id: 2 })).body).toEqual({ id: 2 })
  })
  test('a body that is no JSON, or too deep, is refused as at any version', async () => {
    const deep = `${'['.repeat(70)}${']'.repeat(70)}`
    for (const text of ['{', deep]) {
      const response = await app().handle(
        new Request('http://localhost/invoices', {
          method: 'POST',
          headers: { accept: 'application/vnd.kwik.v1+json', 'content-type': 'application/json' },
          body: text,
        }),
      )
      expect(response.status).toBe(400)
    }
  })
})

describe('queries that Elysia reads', () => {
  const Search = t.Object({ createdAt: t.Optional(t.String()), max: t.Optional(t.Number()) }, { title: 'Search' })
  const api = versions({
    vendor: 'kwik',
    list: [
      {
        v: '2',
        released: '2026-01-10',
        changes: [
          change('x', (c) => [
            c.schema(Search).rename('creationDate', 'createdAt'),
            c.schema(Search).rename('limit', 'max'),
          ]),
        ],
      },
      { v: '1', released: '2025-05-01' },
    ],
  })
  const routes = new Elysia()
    .use(platformOf(api as never))
    .get('/search', ({ query }) => query, { public: true, query: Search })

  test('have older names, and mistakes in them too', async () => {
    expect((await ask(routes, 'GET /search?creationDate=x&limit=3', '1')).body).toEqual({ createdAt: 'x', max: 3 })
    const { status, body } = await ask(routes, 'GET /search?limit=many', '1')
    expect([status, body.errors[0].parameter]).toEqual([400, 'limit'])
  })
})

describe('streams', () => {
  test('what is sent without a request is turned for who receives it', () => {
    const api = made()
    expect(loweringTo(api, '1', Invoice)(invoice)).toEqual({ id: 1, creationDate: '2026-01-01' })
    expect(loweringTo(api, '2', Invoice)(invoice)).toEqual(invoice)
    expect(() => loweringTo(api, '9', Invoice)).toThrow('there is no version "9"')
  })

  test('SSE stream events migrated one by one, no buffering', async () => {
    const api = made()
    let next: ((invoice: object) => void) | undefined
    let sent = 0
    const routes = new Elysia().use(platformOf(api)).get(
      '/live',
      ({ request }) => {
        const inVersion = lowering(request, Invoice)
        const encoder = new TextEncoder()
        return new Response(
          new ReadableStream(
            {
              async pull(to) {
                const invoice = await new Promise<object>((settle) => {
                  next = settle
                })
                sent++
                to.enqueue(encoder.encode(`data: ${JSON.stringify(inVersion(invoice as never))}\n\n`))
              },
            },
            { highWaterMark: 0 },
          ),
          { headers: { 'content-type': 'text/event-stream' } },
        )
      },
      { public: true },
    )
    const response = await routes.handle(
      new Request('http://localhost/live', { headers: { accept: 'application/vnd.kwik.v1+json, text/event-stream' } }),
    )
    expect(response.headers.get('api-version')).toBe('1')
    const reader = response.body!.getReader()
    for (const id of [1, 2, 3]) {
      const read = reader.read()
      while (next === undefined) await Promise.resolve()
      const give = next
      next = undefined
      give({ id, createdAt: 'now' })
      // Each has arrived before the next one was made.
      expect(new TextDecoder().decode((await read).value)).toBe(`data: {"id":${id},"creationDate":"now"}\n\n`)
      expect([sent, migrationCounts(api).down]).toEqual([id, id])
    }
    await reader.cancel()
  })
})
