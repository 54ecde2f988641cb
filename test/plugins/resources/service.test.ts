import { describe, expect } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { both } from '../../services.ts'
import { appOf, products, tables } from './app.ts'

const user = { id: 'robot' }
const list = { filter: { price: true }, sort: { keys: ['price'], default: 'price' } } as const

describe('the service of a resource', () => {
  both('does what its routes do, for a caller that is named', tables, async (db) => {
    const shop = resource('products', { table: products, list })
    const { service } = shop
    const made = await service.create({ name: 'Pen', sku: 'p1', price: '1.50', views: '12' }, { db, user })
    expect(made).toMatchObject({ name: 'Pen', price: '1.50', createdBy: 'robot' })
    expect(await service.get(made.id, { db, user })).toEqual(made)
    expect(await service.update(made.id, { price: null }, { db, user })).toMatchObject({ price: null, views: '12' })
    expect(await service.replace(made.id, { name: 'Pencil', sku: 'p1' }, { db, user })).toMatchObject({ views: null })
    const { ask } = appOf(db, [shop])
    expect((await ask('GET', `/products/${made.id}`)).body.name).toBe('Pencil')
    await service.delete(made.id, { db, user })
    expect(await service.find(made.id, { db, user })).toBeUndefined()
  })

  both('refuses what the routes refuse', tables, async (db) => {
    const { service } = resource('products', { table: products, list })
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error) => error.code,
      )
    expect(await code(service.create({ name: 'Pen' } as never, { db, user }))).toBe('KWIK_INVALID')
    expect(await code(service.create({ name: 'Pen', sku: 'p', id: 'x' } as never, { db, user }))).toBe('KWIK_INVALID')
    expect(await code(service.get('nope', { db, user }))).toBe('KWIK_INVALID')
    expect(await code(service.get('01890000-0000-7000-8000-000000000000', { db, user }))).toBe('KWIK_NOT_FOUND')
    expect(await code(service.list({ nope: 1 } as never, { db, user }))).toBe('KWIK_QUERY_INVALID')
  })

  both('lists pages', tables, async (db) => {
    const { service } = resource('products', { table: products, list })
    for (const price of ['3.00', '1.00', '2.00']) await service.create({ name: 'Pen', sku: price, price }, { db, user })
    const first = await service.list({ 'price[lte]': '3', limit: 2 }, { db, user })
    expect(first.data.map((row) => row.price)).toEqual(['1.00', '2.00'])
    const { data } = await service.list({ 'price[lte]': '3', limit: 2, after: first.page.next! }, { db, user })
    expect(data.map((row) => row.price)).toEqual(['3.00'])
  })

  both('joins the transaction of its caller', tables, async (db) => {
    const told: string[] = []
    const hooks = { afterCommit: ({ id }: { id: string }) => void told.push(id) }
    const { service } = resource('products', { table: products, hooks })
    const lost = db.tx(async () => {
      await service.create({ name: 'Pen', sku: 'p1' }, { db, user })
      throw new Error('changed my mind')
    })
    await lost.catch(() => {})
    expect(await db.values('select sku from products')).toEqual([])
    expect(told).toEqual([])
  })
})
