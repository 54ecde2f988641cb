import { Validator } from '@seriousme/openapi-schema-validator'
import { Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { defineTable, openDatabase } from 'kwik/database'
import { apiDocument } from 'kwik/openapi'
import { resource } from 'kwik/resources'
import { type Change, change, versions } from 'kwik/versioning'
import { describe, expect, test } from '#test'
import { ask, clockAt, Invoice, User } from './invoices.ts'

const things = defineTable('things', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(40),
  state: t.enum('open', 'done').default('open'),
}))
const first = change('x', (c) => [
  c.schema(Invoice).rename('creationDate', 'createdAt'),
  c.schema(things).rename('label', 'title'),
  c.schema(things).mapEnum('state', { new: 'open' }),
  c.endpoint('GET /gone').existed(),
  c.endpoint('GET /invoices/:id').moved('/bills/:id'),
  c.endpoint('POST /invoices').status(200, 201),
])

const app = (...more: readonly Change[]) => {
  const api = versions({
    vendor: 'kwik',
    clock: clockAt('2026-10-01'),
    list: [
      { v: '3', released: '2026-09-01', changes: more },
      { v: '2', released: '2026-01-10', changes: [first], deprecated: '2026-09-01' },
      { v: '1', released: '2025-05-01' },
    ],
  })
  const database = openDatabase({ url: 'sqlite::memory:' })
  return new Elysia()
    .use(kwik({ database, versions: api, openapi: { title: 'Shop' }, logging: { write() {} }, signals: false }))
    .use(
      resource('things', {
        table: things,
        permissions: false,
        list: { filter: { title: ['contains'], state: true }, sort: { keys: ['title'] } },
      }),
    )
    .get('/gone', () => 'gone', { public: true })
    .get('/invoices/:id', () => ({ id: 1, createdAt: 'x' }), { public: true, response: Invoice })
    .post('/invoices', ({ body }) => body, { public: true, body: Invoice, response: { 201: Invoice } })
    .get('/users', () => [], { public: true, response: t.Array(User), deprecated: { since: '2026-09-01' } })
}
const served = async (version: string) => (await ask(app() as never, `GET /openapi/v${version}/json`)).body

describe('one document for each version', () => {
  test('is valid OpenAPI, and says its version', async () => {
    for (const version of ['1', '2', '3']) {
      const document = await served(version)
      expect(document.info).toEqual({ title: 'Shop', version })
      expect((await new Validator().validate(document)).errors ?? []).toEqual([])
    }
    expect((await ask(app() as never, 'GET /openapi/v9/json')).status).toBe(404)
    expect((await ask(app() as never, 'GET /openapi/v1')).status).toBe(200)
    const newest = (await ask(app() as never, 'GET /openapi/json')).body
    expect(Object.keys(newest.paths)).toEqual(Object.keys((await served('3')).paths))
  })
  test('endpoint removed in v2 is in OpenAPI v1 only; a moved one is where the version has it', async () => {
    const [one, two] = [await served('1'), await served('2')]
    expect([Object.keys(one.paths).includes('/gone'), Object.keys(two.paths).includes('/gone')]).toEqual([true, false])
    expect([Object.keys(one.paths).includes('/bills/{id}'), Object.keys(two.paths).includes('/bills/{id}')]).toEqual([
      true,
      false,
    ])
    expect(Object.keys(one.paths)).not.toContain('/invoices/{id}')
    expect(Object.keys(one.paths['/invoices'].post.responses)).toContain('200')
    expect(Object.keys(two.paths['/invoices'].post.responses)).toContain('201')
  })
  test('names, values and queries are those of the version', async () => {
    const [one, two] = [await served('1'), await served('2')]
    const type = (version: string) => `application/vnd.kwik.v${version}+json`
    expect(Object.keys(one.components.schemas.Invoice.properties)).toEqual(['id', 'creationDate', 'note'])
    expect(Object.keys(two.components.schemas.Invoice.properties)).toEqual(['id', 'createdAt', 'note'])
    expect(one.components.schemas.Thing.properties).toMatchObject({ label: {}, state: { enum: ['new', 'done'] } })
    expect(one.components.schemas.ThingCreate.required).toEqual(['id', 'label'])
    expect(Object.keys(one.paths['/invoices'].post.responses[200].content)).toEqual([type('1')])
    expect(Object.keys(one.paths['/invoices'].post.requestBody.content)).toEqual(['application/json', type('1')])
    const query = (document: typeof one) =>
      document.paths['/things'].get.parameters.map(({ name }: { name: string }) => name)
    expect(query(one)).toContain('label[contains]')
    expect(query(two)).toContain('title[contains]')
    const sort = one.paths['/things'].get.parameters.find(({ name }: { name: string }) => name === 'sort')
    expect(sort.schema.items.enum).toEqual(['label', '-label'])
    const state = one.paths['/things'].get.parameters.find(({ name }: { name: string }) => name === 'state')
    expect(state.schema.enum).toEqual(['new', 'done'])
  })
  test('operations of a deprecated version, and deprecated routes, say so', async () => {
    const [two, three] = [await served('2'), await served('3')]
    expect(two.paths['/things'].get.deprecated).toBe(true)
    expect([three.paths['/things'].get.deprecated, three.paths['/users'].get.deprecated]).toEqual([undefined, true])
  })
  test('a version stays what it is when a newer one is declared', () => {
    const later = change('Users have a street', (c) => [c.schema(User).rename('address', 'street')])
    expect(() => apiDocument(app(later) as never)).toThrow('User has no field "street"')
    const document = (version: string, ...more: readonly Change[]) =>
      JSON.stringify(apiDocument(app(...more) as never, version))
    const older = change('Invoices had a colour', (c) => [
      c.schema(Invoice).removeField('colour', { was: t.String(), default: 'grey' }),
    ])
    expect(document('3', older)).toBe(document('3'))
    expect(document('2', older)).not.toBe(document('2'))
  })
})
