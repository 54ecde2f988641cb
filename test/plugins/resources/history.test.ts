import { orderedUuids } from '#core/internal/uuid'
import type { Database } from '#core/ports/database'
import { describe, expect, sleep, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { historyTable, resource } from '../../../plugins/resources/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { type Ask, appOf, products, shops } from './app.ts'

const table = historyTable()
const tables = [shops, products, table] as never
const pen = { name: 'Pen', sku: 'p1', price: '1.50', tags: ['a'] }
const shop = (options: object = {}) => resource('products', { table: products, history: true, ...options })
const historyOf = async (ask: Ask, id: string, query = '', as = 'alice') =>
  (await ask('GET', `/products/${id}/history${query}`, undefined, as)).body
const actionsOf = async (ask: Ask, id: string) =>
  (await historyOf(ask, id)).data.map((entry: { action: string }) => entry.action)
const entries = async (db: Database) => Number((await db.values('select count(*) from kwik_history'))[0]![0])

describe('the history of a row', () => {
  both('tells each write, the newest first: who, when, from what to what', tables, async (db) => {
    let now = Date.parse('2026-03-01T10:00:00Z')
    const { ask } = appOf(db, [shop()], { now: () => now })
    const { id } = (await ask('POST', '/products', pen, 'alice')).body
    now += 60_000
    await ask('PATCH', `/products/${id}`, { price: '2.00', name: 'Pen' }, 'bob')
    await ask('PUT', `/products/${id}`, { name: 'Pencil', sku: 'p1' }, 'bob')
    await ask('DELETE', `/products/${id}`)
    const { data, page } = await historyOf(ask, id)
    expect(data.map(({ action }: { action: string }) => action)).toEqual(['delete', 'replace', 'update', 'create'])
    expect(data[2]).toEqual({
      id: data[2].id,
      action: 'update',
      at: '2026-03-01T10:01:00.000Z',
      actorId: 'bob',
      impersonatorId: null,
      requestId: null,
      version: 2,
      changes: { price: { from: '1.50', to: '2.00' } },
    })
    expect(data[1].changes).toEqual({
      name: { from: 'Pen', to: 'Pencil' },
      price: { from: '2.00', to: null },
      tags: { from: ['a'], to: null },
    })
    expect(data[3]).toMatchObject({ actorId: 'alice', version: 1, at: '2026-03-01T10:00:00.000Z' })
    expect(data[3].changes).toMatchObject({ name: { from: null, to: 'Pen' }, stock: { from: null, to: 0 } })
    expect(data[0].changes).toMatchObject({ name: { from: 'Pencil', to: null } })
    for (const field of ['id', 'version', 'createdAt', 'updatedBy']) expect(field in data[3].changes).toBe(false)
    expect(page.hasMore).toBe(false)
  })

  both(
    'names who really did it, and the request, also of what a handler has done by the service',
    tables,
    async (db) => {
      const made = shop()
      const { app, ask } = appOf(db, [made])
      let id = ''
      const sell = () => made.service.update(id, { stock: 9 }, { db, user: { id: 'masked' } })
      app.post('/sell', sell, { public: true } as never)
      id = (await ask('POST', '/products', pen)).body.id
      const headers = { authorization: 'masked', 'x-request-id': 'r-1', 'content-type': 'application/json' }
      const body = JSON.stringify({ stock: 8 })
      await app.handle(new Request(`http://localhost/products/${id}`, { method: 'PATCH', headers, body }))
      await app.handle(new Request('http://localhost/sell', { method: 'POST', headers }))
      const who = { actorId: 'masked', impersonatorId: 'admin', requestId: 'r-1' }
      expect((await historyOf(ask, id, '?action=update')).data).toMatchObject([who, who])
    },
  )

  both('has no entry for a write that changed nothing, or that was undone', tables, async (db) => {
    const hooks = {
      beforeUpdate: ({ name }: { name?: string }) => {
        if (name === 'bad') throw new Error('no')
      },
    }
    const { ask } = appOf(db, [shop({ hooks })])
    const { id } = (await ask('POST', '/products', pen)).body
    expect((await ask('PATCH', `/products/${id}`, { price: '1.5', tags: ['a'] })).status).toBe(200)
    expect((await ask('PATCH', `/products/${id}`, { name: 'bad' })).status).toBe(500)
    expect((await ask('POST', '/products', pen)).status).toBe(409)
    expect((await ask('PATCH', '/products/01890000-0000-7000-8000-000000000000', { name: 'x' })).status).toBe(404)
    expect([await actionsOf(ask, id), await entries(db)]).toEqual([['create'], 1])
  })

  both('comes in pages, and can be filtered', tables, async (db) => {
    const { ask } = appOf(db, [shop()], { now: () => Date.parse('2026-03-01T10:00:00Z') })
    const { id } = (await ask('POST', '/products', pen)).body
    const other = (await ask('POST', '/products', { ...pen, sku: 'p2' })).body
    for (let stock = 1; stock <= 5; stock++)
      await ask('PATCH', `/products/${id}`, { stock }, stock % 2 ? 'bob' : 'alice')
    const first = await historyOf(ask, id, '?limit=4')
    const rest = await historyOf(ask, id, `?limit=4&after=${first.page.next}`)
    const stocks = [...first.data, ...rest.data].map(({ changes }) => changes.stock.to)
    expect([stocks, rest.page.hasMore]).toEqual([[5, 4, 3, 2, 1, 0], false])
    expect((await historyOf(ask, id, '?actorId=bob')).data).toHaveLength(3)
    expect((await historyOf(ask, id, '?action=create')).data).toHaveLength(1)
    expect((await historyOf(ask, id, '?at[gte]=2026-03-02T00:00:00Z')).data).toEqual([])
    expect(await actionsOf(ask, other.id)).toEqual(['create'])
    const refused = await ask('GET', `/products/${id}/history?recordId=${other.id}`)
    expect([refused.status, refused.body.code]).toEqual([400, 'KWIK_QUERY_INVALID'])
  })

  both('names the fields that nobody may see, and not what is in them', tables, async (db) => {
    const { ask } = appOf(db, [shop({ history: { redact: ['mail'] }, list: { fields: { hidden: ['link'] } } })])
    const { id } = (await ask('POST', '/products', { ...pen, mail: 'a@example.com', link: 'https://a.example' })).body
    await db.execute(`update products set secret = 'hush'`)
    await ask('DELETE', `/products/${id}`)
    const [gone, made] = (await historyOf(ask, id)).data
    const redacted = { from: '[redacted]', to: '[redacted]' }
    expect([made.changes.mail, made.changes.link, made.changes.secret]).toEqual([redacted, redacted, undefined])
    expect(gone.changes.secret).toEqual(redacted)
    const kept = JSON.stringify(await db.values('select changes from kwik_history'))
    for (const secret of ['hush', 'a@example.com', 'a.example']) expect(kept).not.toContain(secret)
  })

  both('is for those who may see it, each with the fields they may know', tables, async (db) => {
    const fields = { permissions: { price: 'products:cost' } }
    const { ask } = appOf(db, [shop({ list: { fields } })])
    const { id } = (await ask('POST', '/products', pen)).body
    const path = `/products/${id}/history`
    const status = async (as: string) => (await ask('GET', path, undefined, as)).status
    expect([await status(''), await status('writer'), await status('auditor')]).toEqual([401, 403, 200])
    expect('price' in (await historyOf(ask, id, '', 'auditor')).data[0].changes).toBe(false)
    expect('price' in (await historyOf(ask, id)).data[0].changes).toBe(true)
  })

  both('of a row that is not there, or out of scope, is 404', tables, async (db) => {
    const scoped = shop({ scope: ({ user }: { user: { id: string } }) => ({ name: user.id }) })
    const { ask } = appOf(db, [scoped])
    const { id } = (await ask('POST', '/products', { sku: 'p1', name: 'alice' })).body
    const status = async (path: string, as = 'alice') => (await ask('GET', path, undefined, as)).status
    expect(await status(`/products/${id}/history`)).toBe(200)
    expect(await status(`/products/${id}/history`, 'bob')).toBe(404)
    expect(await status('/products/01890000-0000-7000-8000-000000000000/history')).toBe(404)
    expect(await status('/products/nope/history')).toBe(422)
  })

  both('is kept in the transaction of the write, in a table of its own where one is named', [], async (db) => {
    const own = historyTable('label_history')
    const labels = defineTable('labels', (t) => ({ id: t.id(), text: t.string(40) }))
    const { createTables } = await import('../../../plugins/database/index.ts')
    await createTables(db, [labels, own])
    const made = resource('labels', { table: labels, permissions: false, history: { table: own } })
    const caller = { db, user: { id: 'robot' } }
    const row = await made.service.create({ text: 'a' }, caller)
    await db
      .tx(async () => {
        await made.service.update(row.id, { text: 'b' }, caller)
        throw new Error('undone')
      })
      .catch(() => {})
    await made.service.update(row.id, { text: 'c' }, caller)
    const { data } = await made.service.history(row.id, caller, { limit: 1 })
    expect(data).toMatchObject([{ action: 'update', actorId: 'robot', changes: { text: { from: 'a', to: 'c' } } }])
    await db.execute('drop table label_history')
    await expect(made.service.update(row.id, { text: 'd' }, caller)).rejects.toThrow()
    expect((await made.service.get(row.id, caller)).text).toBe('c')
  })

  both('goes when its time is over', tables, async (db) => {
    let now = Date.parse('2026-03-01T10:00:00Z')
    const { ask } = appOf(db, [shop({ history: { keep: '30d' } })], { now: () => now })
    const { id } = (await ask('POST', '/products', pen)).body
    now += 31 * 86_400_000
    await ask('PATCH', `/products/${id}`, { stock: 1 })
    for (let i = 0; i < 100 && (await entries(db)) > 1; i++) await sleep(10)
    expect(await actionsOf(ask, id)).toEqual(['update'])
  })

  withPostgres.test('misses no step of writes that come at once', () =>
    withDatabase('PostgreSQL', tables, async (db) => {
      const { ask } = appOf(db, [shop()])
      const { id } = (await ask('POST', '/products', pen)).body
      await Promise.all(Array.from({ length: 10 }, (_, at) => ask('PATCH', `/products/${id}`, { stock: at + 1 })))
      const { data } = await historyOf(ask, id, '?limit=50')
      const byVersion = data.sort((a: { version: number }, b: { version: number }) => a.version - b.version)
      const steps = byVersion.map(({ changes }: { changes: { stock: unknown } }) => changes.stock)
      expect(steps).toHaveLength(11)
      for (let at = 1; at < steps.length; at++) expect(steps[at].from).toBe(steps[at - 1].to)
    }),
  )
})

describe('the history of everything that a resource can do', () => {
  const notes = defineTable('notes', (t) => ({
    id: t.id(),
    text: t.string(40).unique(),
    size: t.int().default(0),
    ...t.version(),
    ...t.softDelete(),
  }))
  const made = (more: object = {}) =>
    resource('notes', {
      table: notes,
      history: true,
      upsert: ['text'],
      bulk: { max: 10 },
      actions: {
        grow: {
          run: async ({ row, service, caller, db }) => {
            await service.update(row.id, { size: row.size + 1 }, caller)
            await db.execute(`update notes set size = size + 10 where id = '${row.id}'`)
          },
        },
        fill: {
          on: 'collection',
          run: async ({ service, caller }) => void (await service.create({ text: 'full' }, caller)),
        },
        look: { run: () => {} },
        fail: {
          run: async ({ row, service, caller }) => {
            await service.update(row.id, { size: 99 }, caller)
            throw new Error('no')
          },
        },
      },
      ...more,
    })
  const open = (db: Database) => appOf(db, [made()])
  const told = async (ask: Ask, id: string) =>
    (await ask('GET', `/notes/${id}/history`)).body.data.map(
      ({ action, version, changes }: { action: string; version: number; changes: object }) => [
        action,
        version,
        changes,
      ],
    )

  both('tells of bulk writes row by row', [notes, table], async (db) => {
    const { ask } = open(db)
    const items = [{ text: 'a' }, { text: 'b' }]
    const { data } = (await ask('POST', '/notes/bulk', { items })).body
    const [one, two] = data.map(({ id }: { id: string }) => id)
    await ask('PATCH', '/notes/bulk', {
      items: [
        { id: one, size: 1 },
        { id: two, size: 0 },
      ],
    })
    expect((await ask('POST', '/notes/bulk', { items: [{ text: 'c' }, { text: 'a' }] })).status).toBe(409)
    await ask('POST', '/notes/bulk?mode=each', { items: [{ text: 'd' }, { text: 'a' }] })
    await ask('DELETE', '/notes/bulk', { items: [one] })
    expect((await told(ask, one)).map(([action]: string[]) => action)).toEqual(['delete', 'update', 'create'])
    expect((await told(ask, two)).map(([action]: string[]) => action)).toEqual(['create'])
    expect(await entries(db)).toBe(5)
  })

  both('tells of upserts, deletes, restores and purges', [notes, table], async (db) => {
    const { ask } = open(db)
    const { id } = (await ask('PUT', '/notes?by=text', { text: 'a', size: 1 })).body
    await ask('PUT', '/notes?by=text', { text: 'a', size: 2 })
    await ask('DELETE', `/notes/${id}`)
    await ask('POST', `/notes/${id}/restore`)
    await ask('DELETE', `/notes/${id}`)
    expect((await ask('DELETE', `/notes/${id}/purge`)).status).toBe(204)
    const all = await told(ask, id)
    expect(all.map(([action]: string[]) => action)).toEqual([
      'purge',
      'delete',
      'restore',
      'delete',
      'replace',
      'create',
    ])
    expect(all[4][2]).toEqual({ size: { from: 1, to: 2 } })
    expect(all[3][2].deletedAt).toMatchObject({ from: null })
    expect(all[2][2].deletedAt).toMatchObject({ to: null })
  })

  both('tells of actions under their names, each change once', [notes, table], async (db) => {
    const { ask } = open(db)
    const { id } = (await ask('POST', '/notes', { text: 'a' })).body
    expect((await ask('POST', `/notes/${id}/grow`)).body.size).toBe(11)
    await ask('POST', `/notes/${id}/look`)
    expect((await ask('POST', `/notes/${id}/fail`)).status).toBe(500)
    await ask('POST', '/notes/fill')
    expect(await told(ask, id)).toEqual([
      ['grow', 2, { size: { from: 1, to: 11 } }],
      ['grow', 2, { size: { from: 0, to: 1 } }],
      ['create', 1, { text: { from: null, to: 'a' }, size: { from: null, to: 0 } }],
    ])
    const page = await ask('GET', '/notes?fields=id,text')
    const full = page.body.data.find(({ text }: { text: string }) => text === 'full')
    expect((await told(ask, full.id)).map(([action]: string[]) => action)).toEqual(['fill'])
  })

  both('of a deleted row is for those who could see it', [notes, table], async (db) => {
    const scope = ({ user }: { user: { id: string } }) => ({ text: user.id })
    const { ask } = appOf(db, [made({ scope })])
    const { id } = (await ask('POST', '/notes', { text: 'alice' })).body
    await ask('DELETE', `/notes/${id}`)
    const status = async (as: string) => (await ask('GET', `/notes/${id}/history`, undefined, as)).status
    expect([await status('alice'), await status('bob')]).toEqual([200, 404])
    await ask('DELETE', `/notes/${id}/purge`)
    expect(await status('alice')).toBe(404)
  })
})

test('a history of fields that are not there is refused', () => {
  expect(() => shop({ history: { redact: ['sekret'] } })).toThrow('no field "sekret", did you mean "secret"?')
})

test('a resource without history asks the database for nothing more', () =>
  withDatabase('SQLite in memory', tables, async (db) => {
    const { ask } = appOf(db, [resource('products', { table: products })])
    const { id } = (await ask('POST', '/products', pen)).body
    expect((await ask('GET', `/products/${id}/history`)).status).toBe(404)
    const asked: string[] = []
    const watched = new Proxy(db, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name)
        if (name !== 'values') return typeof value === 'function' ? value.bind(of) : value
        return (text: string, parameters: unknown[]) => {
          asked.push(text)
          return db.values(text, parameters)
        }
      },
    })
    await appOf(watched, [resource('products', { table: products })]).ask('PATCH', `/products/${id}`, { stock: 2 })
    expect(asked.map((text) => text.split(' ')[0])).toEqual(['update'])
  }))

test('ids made in one millisecond sort as they were made, and never go back', () => {
  const next = orderedUuids()
  const ids = [...Array.from({ length: 5000 }, () => next(1_000)), next(500), next(2_000)]
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})
