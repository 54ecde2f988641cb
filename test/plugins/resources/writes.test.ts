import { describe, expect, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { type Change, resource } from '../../../plugins/resources/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { appOf, products, tables } from './app.ts'

const labels = defineTable('labels', (t) => ({ id: t.id(), text: t.string(40) }))
const valid = { name: 'Pen', sku: 'p1' }

describe('a write', () => {
  both('is stamped with the time of the app and the caller', tables, async (db) => {
    let now = Date.parse('2026-03-01T10:00:00Z')
    const { ask } = appOf(db, [resource('products', { table: products })], { now: () => now })
    const { body } = await ask('POST', '/products', valid, 'alice')
    const [made, changed] = ['2026-03-01T10:00:00.000Z', '2026-03-01T10:01:00.000Z']
    expect(body).toMatchObject({ createdAt: made, updatedAt: made, createdBy: 'alice', updatedBy: 'alice' })
    now += 60_000
    const after = { createdAt: made, updatedAt: changed, createdBy: 'alice', updatedBy: 'bob' }
    expect((await ask('PATCH', `/products/${body.id}`, { name: 'x' }, 'bob')).body).toMatchObject(after)
    expect((await ask('GET', `/products/${body.id}`)).body).toMatchObject(after)
  })

  both('leaves nothing behind when a hook throws, and is told only after its commit', tables, async (db) => {
    const told: Change<unknown>[] = []
    const open: boolean[] = []
    const shop = resource('products', {
      table: products,
      hooks: {
        beforeCreate: async (values) => {
          await db.values('select 1')
          if (values.name === 'bad') throw new Error('no')
          return { ...values, name: values.name.trim() }
        },
        beforeUpdate: (values) => {
          if (values.name === 'bad') throw new Error('no')
        },
        beforeDelete: () => {
          throw new Error('no')
        },
        afterCommit: (change) => {
          open.push(db.inTransaction)
          told.push(change)
        },
      },
    })
    const { ask } = appOf(db, [shop])
    expect((await ask('POST', '/products', { name: 'bad', sku: 'x' })).status).toBe(500)
    const { body } = await ask('POST', '/products', { name: '  Pen ', sku: 'p1' })
    expect(body.name).toBe('Pen')
    expect((await ask('PATCH', `/products/${body.id}`, { name: 'bad' })).status).toBe(500)
    expect((await ask('DELETE', `/products/${body.id}`)).status).toBe(500)
    expect((await ask('POST', '/products', valid)).status).toBe(409)
    expect((await ask('GET', '/products')).body.data).toEqual([body])
    expect(told).toMatchObject([{ action: 'create', id: body.id, userId: 'alice', row: { name: 'Pen' } }])
    expect(open).toEqual([false])
  })

  withPostgres.test('that fails when it is committed is no 200, and is not told', () =>
    withDatabase('PostgreSQL', tables, async (db) => {
      await db.execute('alter table products alter constraint products_shop_id_fk deferrable initially deferred')
      const told: unknown[] = []
      const hooks = { beforeCreate: () => {}, afterCommit: (change: unknown) => void told.push(change) }
      const { ask } = appOf(db, [resource('products', { table: products, hooks })])
      const shopId = '01890000-0000-7000-8000-000000000000'
      const { status } = await ask('POST', '/products', { ...valid, shopId })
      expect([409, 422]).toContain(status)
      expect(told).toEqual([])
      expect((await ask('GET', '/products')).body.data).toEqual([])
    }),
  )

  both('whose caller was told that it took too long is not stored', tables, async (db) => {
    const hooks = { beforeCreate: () => new Promise<void>((go) => setTimeout(go, 200)) }
    const shop = resource('products', { table: products, hooks, options: { create: { timeout: '50ms' } } })
    const { ask } = appOf(db, [shop])
    expect((await ask('POST', '/products', valid)).status).toBe(503)
    await new Promise((go) => setTimeout(go, 300))
    await db.tx(() => {})
    expect((await ask('GET', '/products')).body.data).toEqual([])
  })

  both('of nothing answers the row as it is', [labels], async (db) => {
    const { ask } = appOf(db, [
      resource('things', { table: labels, fields: { text: { write: 'create' } }, hooks: { beforeUpdate: () => ({}) } }),
      resource('items', { table: labels, scope: () => ({ text: 'a' }), hooks: { beforeUpdate: () => ({}) } }),
    ])
    const { body: row } = await ask('POST', '/things', { text: 'a' })
    const { body: other } = await ask('POST', '/things', { text: 'b' })
    expect(await ask('PUT', `/things/${row.id}`, {})).toMatchObject({ status: 200, body: row })
    expect(await ask('PATCH', `/items/${row.id}`, { text: 'c' })).toMatchObject({ status: 200, body: row })
    expect((await ask('PATCH', `/items/${other.id}`, { text: 'c' })).status).toBe(404)
    expect((await ask('PUT', '/things/01890000-0000-7000-8000-000000000000', {})).status).toBe(404)
  })

  test('whose caller has left is not stored', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const leave = new AbortController()
      const hooks = { beforeCreate: () => leave.abort() }
      const { app, ask } = appOf(db, [resource('products', { table: products, hooks })])
      const headers = { authorization: 'alice', 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(valid), signal: leave.signal }
      await app.handle(new Request('http://localhost/products', init)).catch(() => {})
      expect((await ask('GET', '/products')).body.data).toEqual([])
    }))
})

const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.text(), ...t.softDelete() }))
describe('a table that keeps what was deleted', () => {
  both('hides such rows everywhere', [notes], async (db) => {
    const list = { filter: { text: true }, count: ['exact'] } as const
    const { ask } = appOf(db, [resource('notes', { table: notes, list })])
    const { body } = await ask('POST', '/notes', { text: 'a' })
    expect(Object.keys(body)).toEqual(['id', 'text'])
    expect((await ask('DELETE', `/notes/${body.id}`)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) expect((await ask(method, `/notes/${body.id}`)).status).toBe(404)
    expect((await ask('PATCH', `/notes/${body.id}`, { text: 'b' })).status).toBe(404)
    const page = (await ask('GET', '/notes?count=exact&text=a')).body
    expect([page.data, page.page.count]).toEqual([[], { value: 0, exact: true }])
    expect(await db.values('select text from notes where deleted_at is not null')).toEqual([['a']])
  })
})
