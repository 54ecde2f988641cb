import { Type } from '@sinclair/typebox'
import { describe, expect, test } from '#test'
import { type Change, resource } from '../../../plugins/resources/index.ts'
import { both } from '../../services.ts'
import { appOf, items } from './app.ts'

const row = { sku: 'a', name: 'Pen' }
const mine = { scope: ({ user }: { user: { id: string } | null }) => ({ owner: user?.id ?? '' }) } as const
const told: Change<unknown>[] = []
const api = (more: object = {}) =>
  resource('items', {
    table: items,
    ...more,
    hooks: { afterCommit: (change) => void told.push(change) },
    actions: {
      archive: {
        body: Type.Object({ reason: Type.String({ maxLength: 10 }) }),
        run: async ({ row, body, service, caller, user }) => {
          await service.update(row.id, { name: `${row.name}: ${body.reason} (${user?.id})` }, caller)
          if (body.reason === 'bad') throw new Error('no')
        },
      },
      count: {
        on: 'collection',
        answer: Type.Object({ count: Type.Integer() }),
        run: async ({ service, caller }) => ({ count: (await service.list({}, caller)).data.length }),
      },
      purge0: { on: 'collection', permission: 'items:purge', run: () => {} },
      ping: { on: 'collection', options: { public: true, detail: { summary: 'Say hello' } }, run: () => {} },
    },
  })

describe('an action', () => {
  both('on a row gets it, changes it in its transaction, and answers what became of it', [items], async (db) => {
    const { ask } = appOf(db, [api()])
    const { body } = await ask('POST', '/items', row)
    const path = `/items/${body.id}/archive`
    told.length = 0
    const done = await ask('POST', path, { reason: 'old' })
    expect([done.status, done.body.name, done.headers.get('etag')]).toEqual([200, 'Pen: old (alice)', '"2"'])
    expect(told).toMatchObject([{ action: 'update', userId: 'alice' }])
    expect((await ask('POST', path, { reason: 'bad' })).status).toBe(500)
    expect(told).toHaveLength(1)
    expect((await ask('GET', `/items/${body.id}`)).body).toEqual(done.body)
    const wrong = [{}, { reason: 'x', id: 'y' }, { reason: 'x'.repeat(11) }, undefined]
    for (const sent of wrong) expect((await ask('POST', path, sent)).status).toBe(422)
    expect((await ask('POST', path, { reason: 'old' }, 'seller')).body.detail).toBe('needs items:archive')
    expect((await ask('POST', path, { reason: 'old' }, '')).status).toBe(401)
    expect((await ask('POST', path, { reason: 'x' }, 'alice', { 'if-match': '"1"' })).status).toBe(412)
    expect((await ask('POST', path, { reason: 'x' }, 'alice', { 'if-match': '"2"' })).status).toBe(200)
    await ask('DELETE', `/items/${body.id}`)
    expect((await ask('POST', path, { reason: 'x' })).status).toBe(404)
    expect((await ask('POST', '/items/nope/archive', { reason: 'x' })).status).toBe(422)
  })

  both('on the collection answers what its schema says, or nothing', [items], async (db) => {
    const { ask } = appOf(db, [api()])
    await ask('POST', '/items', row)
    expect((await ask('POST', '/items/count')).body).toEqual({ count: 1 })
    expect((await ask('POST', '/items/purge0')).status).toBe(204)
    expect((await ask('POST', '/items/purge0', undefined, 'seller')).status).toBe(403)
    expect((await ask('POST', '/items/ping', undefined, '')).status).toBe(204)
    expect((await ask('GET', '/openapi/json')).body.paths['/items/ping'].post.summary).toBe('Say hello')
  })

  both('stays in scope', [items], async (db) => {
    const { ask } = appOf(db, [api(mine)])
    const { body } = await ask('POST', '/items', { ...row, owner: 'bob' }, 'bob')
    expect((await ask('POST', `/items/${body.id}/archive`, { reason: 'x' })).status).toBe(404)
    expect((await ask('POST', '/items/count')).body).toEqual({ count: 0 })
  })

  both('is done one after the other on one row', [items], async (db) => {
    const { ask } = appOf(db, [api()])
    const { body } = await ask('POST', '/items', { sku: 'a', name: '' })
    await Promise.all(['1', '2', '3'].map((reason) => ask('POST', `/items/${body.id}/archive`, { reason })))
    const { name } = (await ask('GET', `/items/${body.id}`)).body
    expect(name.match(/\d/g).sort()).toEqual(['1', '2', '3'])
  })

  both('is done by the service too', [items], async (db) => {
    const { service } = api() as ReturnType<typeof api>
    const { id } = await service.create(row, { db })
    const done = await service.actions.archive(id, { reason: 'old' }, { db, user: { id: 'robot' } })
    expect(done.name).toBe('Pen: old (robot)')
    expect(await service.actions.count(undefined, { db })).toEqual({ count: 1 })
    await expect(service.actions.archive(id, { reason: 1 } as never, { db })).rejects.toThrow('does not fit its schema')
  })

  test('has a name that nothing else has', () => {
    const named = (name: string) => () =>
      resource('items', { table: items, actions: { [name]: { run: () => {} } } } as never)
    for (const name of ['restore', 'purge', 'bulk', 'deleted', 'history', 'create'])
      expect(named(name)).toThrow(`resource "items": actions: "${name}" is an operation: give it another name`)
    expect(named('markPaid')).toThrow('write lower case words with a dash between, such as mark-paid')
  })
})
