import { describe, expect } from '#test'
import { type Change, resource } from '../../../plugins/resources/index.ts'
import { both } from '../../services.ts'
import { appOf, items } from './app.ts'

const row = { sku: 'a', name: 'Pen' }
const mine = { scope: ({ user }: { user: { id: string } | null }) => ({ owner: user?.id ?? '' }) } as const
const list = { filter: { name: true }, count: ['exact'] } as const

describe('a deleted row', () => {
  both('is listed, restored and removed for ever by those who may', [items], async (db) => {
    const told: Change<unknown>[] = []
    const hooks = { afterCommit: (change: Change<unknown>) => void told.push(change) }
    const { ask } = appOf(db, [resource('items', { table: items, list, hooks })])
    const { body } = await ask('POST', '/items', row)
    const path = `/items/${body.id}`
    for (const [method, below] of [
      ['POST', 'restore'],
      ['DELETE', 'purge'],
    ] as const)
      expect((await ask(method, `${path}/${below}`)).body.detail).toBe('There is no such deleted item.')
    await ask('DELETE', path)
    for (const below of ['', '?name=Pen']) {
      const { data } = (await ask('GET', `/items/deleted${below}`)).body
      expect(data).toMatchObject([{ id: body.id, version: 2 }])
      expect(data[0].deletedAt).toMatch(/Z$/)
    }
    expect((await ask('GET', '/items/deleted?name=x&count=exact')).body).toMatchObject({
      data: [],
      page: { count: { value: 0 } },
    })
    expect((await ask('GET', '/items?count=exact')).body.page.count.value).toBe(0)
    const calls = [
      ['GET', '/items/deleted'],
      ['POST', `${path}/restore`],
      ['DELETE', `${path}/purge`],
    ] as const
    for (const [method, at] of calls) expect((await ask(method, at, undefined, 'seller')).status).toBe(403)
    expect((await ask('POST', `${path}/restore`, undefined, 'alice', { 'if-match': '"1"' })).status).toBe(412)
    const restored = await ask('POST', `${path}/restore`, undefined, 'alice', { 'if-match': '"2"' })
    expect([restored.status, restored.headers.get('etag')]).toEqual([200, '"3"'])
    expect(restored.body).toEqual({ ...body, version: 3 })
    expect((await ask('GET', path)).body).toEqual(restored.body)
    await ask('DELETE', path)
    expect((await ask('DELETE', `${path}/purge`)).status).toBe(204)
    expect((await ask('DELETE', `${path}/purge`)).status).toBe(404)
    expect(await db.values('select 1 from items')).toEqual([])
    expect(told.map(({ action }) => action)).toEqual(['create', 'delete', 'restore', 'delete', 'purge'])
  })

  both('gives its unique values away, and cannot come back while another row has them', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items })])
    const old = (await ask('POST', '/items', row)).body
    await ask('DELETE', `/items/${old.id}`)
    const now = await ask('POST', '/items', row)
    expect(now.status).toBe(201)
    const refused = await ask('POST', `/items/${old.id}/restore`)
    expect([refused.status, refused.body.errors]).toEqual([
      409,
      [{ code: 'taken', detail: 'sku is already taken', pointer: '/sku' }],
    ])
    await ask('DELETE', `/items/${now.body.id}`)
    expect((await ask('POST', `/items/${old.id}/restore`)).status).toBe(200)
  })

  both('of somebody else is not there', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, ...mine })])
    const { body } = await ask('POST', '/items', { ...row, owner: 'bob' }, 'bob')
    await ask('DELETE', `/items/${body.id}`, undefined, 'bob')
    expect((await ask('GET', '/items/deleted')).body.data).toEqual([])
    expect((await ask('POST', `/items/${body.id}/restore`)).status).toBe(404)
    expect((await ask('DELETE', `/items/${body.id}/purge`)).status).toBe(404)
    expect((await ask('GET', '/items/deleted', undefined, 'bob')).body.data).toHaveLength(1)
    expect((await ask('POST', `/items/${body.id}/restore`, undefined, 'bob')).status).toBe(200)
  })

  both('comes back through the service', [items], async (db) => {
    const { service } = resource('items', { table: items, only: ['list'] })
    const { id } = await service.create(row, { db })
    await service.delete(id, { db })
    expect((await service.deleted({}, { db })).data).toMatchObject([{ id }])
    expect(await service.restore(id, { db }, { version: 2 })).toMatchObject({ version: 3 })
    await service.delete(id, { db })
    await service.purge(id, { db })
    expect(await service.find(id, { db })).toBeUndefined()
  })

  both('is served by its operations only where they are', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, only: ['get', 'create', 'delete', 'restore'] })])
    const { body } = await ask('POST', '/items', row)
    await ask('DELETE', `/items/${body.id}`)
    expect((await ask('DELETE', `/items/${body.id}/purge`)).status).toBe(404)
    expect((await ask('POST', `/items/${body.id}/restore`)).status).toBe(200)
  })
})
