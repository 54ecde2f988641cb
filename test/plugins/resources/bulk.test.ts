import { describe, expect, test } from '#test'
import { type Change, historyTable, resource } from '../../../plugins/resources/index.ts'
import { both } from '../../services.ts'
import { appOf, items } from './app.ts'

interface Issue {
  readonly code: string
  readonly pointer: string
}
const all = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ({ sku: `s${n}`, name: `Pen ${n}`, ...more }))
const mine = { scope: ({ user }: { user: { id: string } | null }) => ({ owner: user?.id ?? '' }) } as const
const places = (body: { errors: Issue[] }) => body.errors.map(({ code, pointer }) => [code, pointer])
const missing = '01890000-0000-7000-8000-000000000000'

for (const hooks of [{}, { beforeCreate: () => {}, beforeUpdate: () => {}, beforeDelete: () => {} }])
  describe(`many rows at once${'beforeCreate' in hooks ? ', with hooks' : ''}`, () => {
    both('are made, changed and deleted in their order', [items], async (db) => {
      const told: Change<unknown>[] = []
      const afterCommit = (change: Change<unknown>) => void told.push(change)
      const { ask } = appOf(db, [resource('items', { table: items, bulk: {}, hooks: { ...hooks, afterCommit } })])
      const sent = all(100).map((item, n) => (n % 3 === 0 ? { ...item, stock: n, mail: `A${n}@X.org` } : item))
      const made = await ask('POST', '/items/bulk', { items: sent })
      expect(made.status).toBe(201)
      expect(made.body.data.map((row: { sku: string }) => row.sku)).toEqual(sent.map(({ sku }) => sku))
      expect(made.body.data[3]).toMatchObject({ stock: 3, mail: 'a3@x.org', version: 1, price: null, shop: 1 })
      expect((await ask('GET', `/items/${made.body.data[7].id}`)).body).toEqual(made.body.data[7])
      expect(told).toHaveLength(100)
      expect(told[99]).toMatchObject({ action: 'create', userId: 'alice', row: { sku: 's99' } })
      const [a, b] = made.body.data
      const changes = [
        { id: b.id, name: 'b', version: 1 },
        { id: a.id.toUpperCase(), price: null, stock: 9 },
      ]
      const changed = await ask('PATCH', '/items/bulk', { items: changes })
      expect([changed.status, changed.body.data.map((row: { id: string }) => row.id)]).toEqual([200, [b.id, a.id]])
      expect(changed.body.data).toMatchObject([
        { name: 'b', version: 2 },
        { stock: 9, name: 'Pen 0' },
      ])
      const gone = await ask('DELETE', '/items/bulk', { items: [a.id, { id: b.id, version: 2 }] })
      expect([gone.status, gone.body]).toEqual([204, undefined])
      expect((await ask('GET', '/items?limit=100')).body.data).toHaveLength(98)
      expect(told.slice(100).map(({ action }) => action)).toEqual(['update', 'update', 'delete', 'delete'])
    })

    both('are all or nothing, and name what is wrong with which item', [items], async (db) => {
      const { ask } = appOf(db, [resource('items', { table: items, bulk: {}, hooks })])
      const wrong = await ask('POST', '/items/bulk', {
        items: [{ sku: 'a' }, { sku: 'b', name: 'x'.repeat(41) }, { sku: 'c', name: 'C', version: 9 }, 'x'],
      })
      expect([wrong.status, places(wrong.body)]).toEqual([
        422,
        [
          ['required', '/items/0/name'],
          ['too-long', '/items/1/name'],
          ['read-only', '/items/2/version'],
          ['wrong-type', '/items/3'],
        ],
      ])
      const taken = await ask('POST', '/items/bulk', { items: [...all(5), { sku: 's2', name: 'again' }] })
      expect([taken.status, taken.body.code, places(taken.body)]).toEqual([
        409,
        'KWIK_DATABASE_TAKEN',
        [['taken', '/items/5/sku']],
      ])
      expect((await ask('GET', '/items')).body.data).toEqual([])
      const [a, b] = (await ask('POST', '/items/bulk', { items: all(2) })).body.data
      const stale = await ask('PATCH', '/items/bulk', {
        items: [
          { id: a.id, stock: 1 },
          { id: b.id, stock: 1, version: 7 },
          { id: missing, stock: 1 },
        ],
      })
      expect([stale.status, places(stale.body)]).toEqual([
        412,
        [
          ['precondition', '/items/1'],
          ['not-found', '/items/2'],
        ],
      ])
      expect((await ask('DELETE', '/items/bulk', { items: [a.id, missing] })).status).toBe(404)
      expect(await db.values('select version, deleted_at from items')).toEqual([
        [1, null],
        [1, null],
      ])
    })

    both('are each by itself where that is asked for', [items], async (db) => {
      const { ask } = appOf(db, [resource('items', { table: items, bulk: {}, hooks })])
      const made = await ask('POST', '/items/bulk?mode=each', {
        items: [{ sku: 'a', name: 'A' }, { sku: 'a', name: 'B' }, { sku: 'c' }, { sku: 'd', name: 'D' }],
      })
      expect([made.status, made.body.data.map((one: { status: number }) => one.status)]).toEqual([
        207,
        [201, 409, 422, 201],
      ])
      expect(made.body.data[0].row).toMatchObject({ sku: 'a', name: 'A' })
      expect(places(made.body.data[1].problem)).toEqual([['taken', '/items/1/sku']])
      expect(places(made.body.data[2].problem)).toEqual([['required', '/items/2/name']])
      const [a, d] = [made.body.data[0].row, made.body.data[3].row]
      const changed = await ask('PATCH', '/items/bulk?mode=each', {
        items: [
          { id: a.id, version: 1, stock: 5 },
          { id: missing, stock: 1 },
          { id: d.id, version: 4, stock: 1 },
          { id: 'x', stock: 1 },
        ],
      })
      expect(changed.body.data.map((one: { status: number }) => one.status)).toEqual([200, 404, 412, 422])
      const gone = await ask('DELETE', '/items/bulk?mode=each', { items: [missing, d.id] })
      expect(gone.body.data).toMatchObject([{ status: 404, problem: { code: 'KWIK_NOT_FOUND' } }, { status: 204 }])
      expect((await ask('GET', '/items')).body.data.map((row: { stock: number }) => row.stock)).toEqual([5])
      expect((await ask('POST', '/items/bulk?mode=some', { items: all(1) })).status).toBe(400)
    })

    both('stay in scope: what is out of it is not there', [items], async (db) => {
      const { ask } = appOf(db, [resource('items', { table: items, bulk: {}, hooks, ...mine })])
      const theirs = (await ask('POST', '/items/bulk', { items: all(2, { owner: 'bob' }) }, 'bob')).body.data
      const foreign = await ask('POST', '/items/bulk', {
        items: [
          { sku: 'x', name: 'x', owner: 'alice' },
          { sku: 'y', name: 'y', owner: 'bob' },
        ],
      })
      expect([foreign.status, places(foreign.body)]).toEqual([403, [['out-of-scope', '/items/1']]])
      for (const mode of ['', '?mode=each']) {
        const patched = await ask('PATCH', `/items/bulk${mode}`, { items: [{ id: theirs[0].id, name: 'x' }] })
        const gone = await ask('DELETE', `/items/bulk${mode}`, { items: [theirs[0].id] })
        for (const one of [patched, gone]) expect(mode ? one.body.data[0].status : one.status).toBe(404)
      }
      const stolen = await ask('PATCH', '/items/bulk', { items: [{ id: theirs[0].id, owner: 'alice' }] }, 'bob')
      expect(stolen.status).toBe(403)
      expect(await db.values('select distinct owner, version from items')).toEqual([['bob', 1]])
    })
  })

describe('the bulk routes', () => {
  both('take no more items than they say, and no field of the server in any of them', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, bulk: { max: 3 } })])
    const many = await ask('POST', '/items/bulk', { items: all(4) })
    expect([many.status, many.body.errors]).toEqual([
      422,
      [{ code: 'too-many', detail: 'must have from 1 to 3 items', pointer: '/items' }],
    ])
    expect((await ask('DELETE', '/items/bulk', { items: [] })).status).toBe(422)
    expect((await ask('POST', '/items/bulk', { items: all(1), more: 1 })).status).toBe(422)
    expect((await ask('POST', '/items/bulk', { items: all(3) }, 'reader')).status).toBe(403)
    expect((await ask('POST', '/items/bulk', { items: all(3) }, 'seller')).status).toBe(201)
  })

  both('are not there unless they are asked for', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items })])
    expect((await ask('POST', '/items/bulk', { items: all(1) })).status).toBe(405)
  })

  both('ask for the permission that the option of the single operation says', [items], async (db) => {
    const options = { delete: { permission: 'items:purge' } }
    const { ask } = appOf(db, [resource('items', { table: items, bulk: {}, options })])
    const { body } = await ask('POST', '/items', all(1)[0])
    expect((await ask('DELETE', '/items/bulk', { items: [body.id] }, 'seller')).status).toBe(403)
  })

  test('know how many items they may take', () => {
    expect(() => resource('items', { table: items, bulk: { max: 0 } })).toThrow('max is a whole number from 1, not 0')
    expect(() => resource('items', { table: items, only: ['bulkCreate'] })).toThrow('needs the option bulk')
  })

  both('require versions where the resource does', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, bulk: {}, version: 'required' })])
    const [a] = (await ask('POST', '/items/bulk', { items: all(1) })).body.data
    const without = await ask('PATCH', '/items/bulk', { items: [{ id: a.id, stock: 1 }] })
    expect(without.status).toBe(422)
    expect(places(without.body)).toContainEqual(['required', '/items/0/version'])
    expect((await ask('DELETE', '/items/bulk', { items: [a.id] })).status).toBe(422)
    expect((await ask('DELETE', '/items/bulk', { items: [{ id: a.id, version: 1 }] })).status).toBe(204)
  })
})

const kept = historyTable()
describe('the history of many rows', () => {
  both('has an entry for each write of each of them', [items, kept], async (db) => {
    const history = { options: { permission: 'items:restore' } }
    const shop = resource('items', { table: items, bulk: {}, upsert: ['sku'], history })
    const { ask } = appOf(db, [shop])
    const caller = { db, user: { id: 'robot' } }
    const [one] = await shop.service.bulk.create(all(1100), caller)
    await ask('PUT', '/items?by=sku', { sku: 's0', name: 'x' })
    await ask('PATCH', '/items/bulk', { items: [{ id: one!.id, stock: 4 }] })
    await ask('DELETE', '/items/bulk', { items: [one!.id] })
    await ask('POST', `/items/${one!.id}/restore`)
    await ask('POST', '/items/bulk', {
      items: [
        { sku: 's1', name: 'taken' },
        { sku: 'new', name: 'x' },
      ],
    })
    const { data } = (await ask('GET', `/items/${one!.id}/history`)).body
    expect(data.map(({ action }: { action: string }) => action)).toEqual([
      'restore',
      'delete',
      'update',
      'replace',
      'create',
    ])
    expect(data[3].changes).toEqual({ name: { from: 'Pen 0', to: 'x' } })
    expect(Number((await db.values('select count(*) from kwik_history'))[0]![0])).toBe(1104)
  })
})

describe('the bulk service', () => {
  both('does the same, for as many as there are', [items], async (db) => {
    const { service } = resource('items', { table: items })
    const made = await service.bulk.create(all(700), { db })
    expect(made.map((row) => row.sku)).toEqual(all(700).map(({ sku }) => sku))
    const [one] = await service.bulk.update([{ id: made[5]!.id, stock: 5, version: 1 }], { db })
    expect(one).toMatchObject({ stock: 5, version: 2 })
    const outcomes = await service.bulk.delete([made[0]!.id, missing], { db }, { mode: 'each' })
    expect(outcomes.map(({ status }) => status)).toEqual([204, 404])
    await service.bulk.delete([made[1]!.id], { db })
    const far = [...all(1100).map((one) => ({ ...one, sku: `f${one.sku}` })), { sku: 'last', name: 'x', owner: 'bob' }]
    const scoped = resource('items', { table: items, ...mine })
    const alice = { db, user: { id: 'alice' } }
    const refused = await scoped.service.bulk.create(far, alice).catch((error) => error.problem.errors)
    expect(refused).toMatchObject([{ code: 'out-of-scope', pointer: '/items/1100' }])
    expect((await service.list({}, { db })).data[0]!.sku).toBe('s2')
  })
})
