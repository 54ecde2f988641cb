// Checked by the compiler, never run: what versions say to handlers, routes and changes.
import { Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { defineTable } from 'kwik/database'
import { change, type RequestVersion, versions } from 'kwik/versioning'
import { same } from './routes.ts'

const Invoice = t.Object({ id: t.Integer(), createdAt: t.String() }, { title: 'Invoice' })
const things = defineTable('things', (t) => ({ id: t.id(), title: t.string(40) }))
const renamed = change('x', (c) => [
  c.schema(Invoice).rename('creationDate', 'createdAt'),
  c.schema(things).removeField('colour', { was: t.String(), default: ({ title }) => title.toUpperCase() }),
  // @ts-expect-error a row of the table has no such field
  c.schema(things).removeField('size', { was: t.Integer(), default: ({ size }) => size }),
  c.endpoint('GET /invoices').moved('/bills'),
  // @ts-expect-error no number
  c.endpoint('GET /invoices').status('200', 201),
])
const api = versions({
  vendor: 'shop',
  list: [
    { v: '2', released: '2026-01-10', changes: [renamed] },
    { v: '1', released: '2025-05-01' },
  ],
})
// @ts-expect-error a version that is not in the list
versions({ vendor: 'shop', default: '3', list: [{ v: '1', released: '2025-05-01' }] })

const app = new Elysia()
  .use(kwik({ versions: api }))
  .get('/a', ({ version }) => same<typeof version, RequestVersion<'1' | '2'>>(true), {
    public: true,
    version: { from: '2' },
  })
  .get('/b', ({ version }) => version.name, { public: true, version: ['1', '2'], deprecated: { since: '2026-01-01' } })
  .get('/c', ({ version }) => version.has(renamed), { public: true, version: '1' })
  // @ts-expect-error a version that is not in the list
  .get('/d', () => 'x', { public: true, version: { until: '3' } })
  // @ts-expect-error since when?
  .get('/e', () => 'x', { public: true, deprecated: { sunset: '2026-01-01' } })
same<typeof app extends { '~Routes': { b: { get: { response: { 200: infer R } } } } } ? R : never, '1' | '2'>(true)

// @ts-expect-error no such option without its part
new Elysia().use(kwik({})).get('/a', () => 'x', { version: '1' })
