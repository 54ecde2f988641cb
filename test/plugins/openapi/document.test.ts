import { Validator } from '@seriousme/openapi-schema-validator'
import { Elysia, t } from 'elysia'
import { core } from '#core/access'
import { describe, expect, test } from '#test'
import { type OpenApiDocument, openapi } from '../../../plugins/openapi/index.ts'
import { own, permissions } from '../../../plugins/permissions/index.ts'
import { idempotency } from '../../../plugins/resources/index.ts'
import { identity } from '../../fixtures/plugins/identity.ts'
import { rateLimit } from '../../fixtures/plugins/rate-limit.ts'

const platform = () =>
  new Elysia()
    .use(core())
    .use(identity({ authenticate: () => null, permissions: ['shop:read', 'shop:write', 'shop:admin'] }))
    .use(rateLimit({}))
    .use(openapi({ title: 'Shop', version: '2.1.0' }))
const product = t.Object(
  { id: t.Integer(), status: t.Union([t.Literal('draft'), t.Literal('live')]) },
  { title: 'Product' },
)

const tree = t.Recursive(
  (Self) => t.Object({ child: t.Optional(Self), pair: t.Optional(t.Tuple([t.String(), t.Integer()])) }),
  { $id: 'Tree' },
)

const shop = () =>
  platform()
    .model({ Order: t.Object({ at: t.Date(), lines: t.Array(t.Object({ n: t.Integer() })) }) })
    .get('/products', () => ({ data: [] }), {
      permission: 'shop:read',
      query: t.Object({
        'price[gte]': t.Optional(t.Numeric({ minimum: 0 })),
        live: t.Optional(t.BooleanString()),
        ids: t.Optional(t.ArrayQuery(t.Integer())),
      }),
      response: t.Object({ data: t.Array(product) }),
      rateLimit: { points: 5 } as never,
      detail: { summary: 'What is sold', 'x-note': 'kept' } as never,
    })
    .post('/products', () => ({ id: 1, status: 'live' as const }), {
      permission: 'shop:write',
      body: t.Object({ name: t.Nullable(t.String()), sub: t.Object({ a: t.String() }) }),
      response: { 201: product },
    })
    .guard({ permission: 'shop:read' }, (shop) =>
      shop.delete('/products/:id', () => undefined, {
        permission: 'shop:admin',
        params: t.Object({ id: t.Integer() }),
        response: { 204: t.Void() },
      }),
    )
    .post('/orders', () => 'ok', { auth: true, body: 'Order' })
    .post('/pictures', () => 'ok', { auth: ['bearer'], body: t.Object({ file: t.File() }) })
    .get('/tree', () => ({}), {
      public: true,
      response: tree,
    })
    .get('/pages/:slug?', () => 'x', { public: true })
    .get('/files/*', () => 'x', { public: true })
    .get('/secret', () => 'x', { public: true, detail: { hide: true } })
    .ws('/live', { message: () => {}, public: true } as never)

async function documentOf(app: { handle(request: Request): Promise<Response> }): Promise<OpenApiDocument> {
  const response = await app.handle(new Request('http://localhost/openapi/json'))
  expect(response.status).toBe(200)
  return (await response.json()) as OpenApiDocument
}

describe('the document', () => {
  test('is valid OpenAPI 3.1, says an outside validator', async () => {
    const document = await documentOf(shop())
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true })
    expect(document.openapi).toBe('3.1.1')
    expect(document.info).toEqual({ title: 'Shop', version: '2.1.0' })
  })

  test('holds no word of TypeBox, Elysia or Kwik, and no number that may be text', async () => {
    const text = JSON.stringify(await documentOf(shop()))
    for (const word of [
      'elysiaMeta',
      '$id',
      'numeric',
      'ObjectString',
      'BooleanString',
      '"Date"',
      'x-kwik-said',
      '"void"',
    ])
      expect(text).not.toContain(word)
    expect(text).not.toMatch(/"anyOf":\[\{[^}]*"type":"string"[^}]*\},\{[^}]*"type":"(integer|number|boolean)"/)
  })

  test('has neither web sockets, nor hidden routes, nor its own', async () => {
    const { paths } = await documentOf(shop())
    expect(Object.keys(paths).sort()).toEqual([
      '/files/{wildcard}',
      '/orders',
      '/pages',
      '/pages/{slug}',
      '/pictures',
      '/products',
      '/products/{id}',
      '/tree',
    ])
  })

  test('keeps the brackets of parameters, with the type they have on the wire', async () => {
    const { paths } = await documentOf(shop())
    expect(paths['/products']!['get']!.parameters).toEqual([
      { name: 'price[gte]', in: 'query', required: false, schema: { type: 'number', minimum: 0 } },
      { name: 'live', in: 'query', required: false, schema: { type: 'boolean' } },
      { name: 'ids', in: 'query', required: false, schema: { type: 'array', items: { type: 'integer' } } },
    ])
  })

  test('says who may call, the guard and the route together', async () => {
    const { paths, components } = await documentOf(shop())
    expect(paths['/tree']!['get']!.security).toEqual([])
    expect(paths['/orders']!['post']!.security).toEqual([{ bearer: [] }])
    const remove = paths['/products/{id}']!['delete']!
    expect(remove.security).toEqual([{ bearer: ['shop:read', 'shop:admin'] }])
    expect(remove['x-kwik-permissions']).toEqual({ all: ['shop:read', 'shop:admin'] })
    expect(components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } })
  })

  test('lists permissions of which any is enough, and those that are all needed', async () => {
    const declared = ['shop:read', 'shop:write'] as const
    const app = new Elysia()
      .use(core())
      .use(permissions({ declared }))
      .use(openapi())
      .get('/any', () => 'x', { permission: { any: declared } })
      .get('/all', () => 'x', { permission: { all: declared } })
    const { paths } = await documentOf(app)
    expect(paths['/any']!['get']!['x-kwik-permissions']).toEqual({ any: ['shop:read', 'shop:write'] })
    expect(paths['/all']!['get']!['x-kwik-permissions']).toEqual({ all: ['shop:read', 'shop:write'] })
  })

  test('says of each guarded route how to sign in, what it takes, and with what it refuses; of a public one that it needs nothing', async () => {
    const app = new Elysia()
      .use(core())
      .use(permissions({ declared: ['posts:read', 'posts:update', 'posts:update:own', 'posts:admin'] }))
      .use(openapi())
      .get('/open', () => 'x', { public: true })
      .get('/in', () => 'x', { auth: true })
      .get('/key', () => 'x', { auth: ['apiKey', 'cookie'], permission: 'posts:read' })
      .patch('/mine', () => 'x', { permission: own('posts:update', () => 'ann') })
      .patch('/deep', () => 'x', {
        permission: { all: ['posts:read', { any: ['posts:admin', own('posts:update', () => 'ann')] }] },
      })
    const document = await documentOf(app)
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true })
    const told = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.values(item).map((one) => [path, one.security, one['x-kwik-permissions'], Object.keys(one.responses)]),
    )
    expect(told).toEqual([
      ['/open', [], undefined, ['200', 'default']],
      ['/in', [{ bearer: [] }], undefined, ['200', '401', 'default']],
      [
        '/key',
        [{ apiKey: ['posts:read'] }, { cookie: ['posts:read'] }],
        { all: ['posts:read'] },
        ['200', '401', '403', 'default'],
      ],
      [
        '/mine',
        [{ bearer: ['posts:update'] }, { bearer: ['posts:update:own'] }],
        { own: 'posts:update' },
        ['200', '401', '403', '404', 'default'],
      ],
      [
        '/deep',
        ['posts:admin', 'posts:update', 'posts:update:own'].map((name) => ({ bearer: ['posts:read', name] })),
        { all: ['posts:read', { any: ['posts:admin', { own: 'posts:update' }] }] },
        ['200', '401', '403', '404', 'default'],
      ],
    ])
    expect(Object.keys(document.components.securitySchemes)).toEqual(['apiKey', 'bearer', 'cookie'])
  })

  test('names the problems that a route can answer with, and only those', async () => {
    const { paths, components } = await documentOf(shop())
    const statuses = (path: string, method: string) => Object.keys(paths[path]![method]!.responses).sort()
    expect(statuses('/products', 'get')).toEqual(['200', '400', '401', '403', '429', 'default'])
    expect(statuses('/products', 'post')).toEqual(['201', '400', '401', '403', '422', 'default'])
    expect(statuses('/products/{id}', 'delete')).toEqual(['204', '401', '403', '404', '422', 'default'])
    expect(statuses('/tree', 'get')).toEqual(['200', 'default'])
    expect(paths['/products']!['get']!.responses['403']).toEqual({ $ref: '#/components/responses/Forbidden' })
    expect(components.responses['Forbidden']!['content']).toEqual({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    })
  })

  test('takes JSON alone, and forms where there are files', async () => {
    const { paths } = await documentOf(shop())
    const types = (path: string) => Object.keys(paths[path]!['post']!.requestBody!.content)
    expect(types('/products')).toEqual(['application/json'])
    expect(types('/pictures')).toEqual(['multipart/form-data'])
  })

  test('shows bodies as closed as they are, and named schemas once', async () => {
    const { paths, components } = await documentOf(shop())
    expect(paths['/products']!['post']!.requestBody!.content['application/json']!.schema).toEqual({
      type: 'object',
      additionalProperties: false,
      required: ['name', 'sub'],
      properties: {
        name: { type: ['string', 'null'] },
        sub: { type: 'object', additionalProperties: false, required: ['a'], properties: { a: { type: 'string' } } },
      },
    })
    expect(paths['/products']!['post']!.responses['201']).toEqual({
      description: 'Created',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Product' } } },
    })
    expect(components.schemas['Product']).toEqual({
      title: 'Product',
      type: 'object',
      required: ['id', 'status'],
      properties: { id: { type: 'integer' }, status: { type: 'string', enum: ['draft', 'live'] } },
    })
    expect(components.schemas['Order']!['properties']).toMatchObject({ at: { type: 'string', format: 'date-time' } })
  })

  test('has an id for each operation that is a name in any language, and is the same in two builds', async () => {
    const first = await documentOf(shop())
    const second = await documentOf(shop())
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
    const ids = Object.values(first.paths).flatMap((item) => Object.values(item).map((one) => one.operationId))
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/)
    expect(ids).toContain('deleteProductsById')
  })

  test('keeps what people wrote about a route, and groups routes by their first segment', async () => {
    const { paths, tags } = await documentOf(shop())
    expect(paths['/products']!['get']).toMatchObject({ summary: 'What is sold', 'x-note': 'kept', tags: ['products'] })
    expect(tags.map((tag) => tag.name)).toContain('products')
  })
})

test('a route whose requests may be repeated says so', async () => {
  const app = platform()
    .use(idempotency())
    .post('/orders', () => 'ok', { public: true, idempotent: { required: true } })
    .post('/notes', () => 'ok', { public: true, idempotent: true })
  const { paths } = (await (await app.handle(new Request('http://localhost/openapi/json'))).json()) as OpenApiDocument
  const { parameters, responses } = paths['/orders']!['post']!
  expect(parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required: true }])
  expect(Object.keys(responses)).toEqual(['200', '400', '409', '422', 'default'])
  expect(paths['/notes']!['post']!.parameters).toMatchObject([{ required: false }])
})
