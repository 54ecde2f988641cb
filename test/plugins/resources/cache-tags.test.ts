import { Type } from '@sinclair/typebox'
import { keepCopies } from '#core/tags'
import { describe, expect } from '#test'
import { type Database, defineTable } from '../../../plugins/database/index.ts'
import { historyTable, resource } from '../../../plugins/resources/index.ts'
import { both, inFolder } from '../../services.ts'
import { appOf, items } from './app.ts'
import { tables as fileTables, png, shopIn } from './files/app.ts'

const user = { id: 'robot' }

/** What has ended since it was asked last, without the table's own tag, which always ends. */
function ends(db: Database, table = 'items') {
  const told: string[] = []
  const held: string[] = []
  keepCopies(db, {
    hold: async (tags) => void held.push(...tags),
    end: async (tags) => {
      expect(db.inTransaction).toBe(false)
      told.push(...tags)
    },
  })
  return (): string[] => {
    const tags = told.splice(0)
    // All of it was said before the commit.
    expect(held.splice(0).toSorted()).toEqual(tags.toSorted())
    if (tags.length > 0) expect(tags).toContain(table)
    return tags
      .filter((tag) => tag !== table)
      .map((tag) => tag.replace(`${table}:`, ''))
      .toSorted()
  }
}

describe('what a write ends', () => {
  for (const hooks of [{}, { beforeCreate: () => {}, beforeUpdate: () => {}, beforeDelete: () => {} }])
    for (const history of [false, true])
      both(
        `is its row and its table: ${'beforeCreate' in hooks ? 'with' : 'without'} hooks, ${history ? 'with' : 'without'} history`,
        [items, historyTable()] as never,
        async (db) => {
          const ended = ends(db)
          const api = resource('items', {
            table: items,
            bulk: {},
            upsert: ['sku'],
            ...(history && { history: { options: { permission: 'items:read' } } }),
            hooks,
            actions: {
              archive: { run: () => {} },
              count: { on: 'collection', answer: Type.Object({}), run: () => ({}) },
            },
          })
          const { ask } = appOf(db, [api])
          const { body } = await ask('POST', '/items', { sku: 'a', name: 'Pen' })
          const { id } = body
          const path = `/items/${id}`
          expect(ended()).toEqual([id])
          for (const [method, at, sent, headers] of [
            ['PATCH', path, { name: 'Pencil' }],
            ['PATCH', path, { extra: { a: 1 } }, { 'content-type': 'application/merge-patch+json' }],
            ['PUT', path, { sku: 'a', name: 'Pen' }],
            ['PATCH', path.toUpperCase().replace('/ITEMS', '/items'), { name: 'Upper' }],
            ['PUT', '/items?by=sku', { sku: 'a', name: 'Upserted' }],
            ['PUT', '/items?by=sku', { sku: 'a', name: 'Upserted' }, { 'if-match': '*' }],
            ['POST', `${path}/archive`, undefined],
            ['DELETE', path, undefined],
            ['POST', `${path}/restore`, undefined],
            ['PATCH', '/items/bulk', { items: [{ id, name: 'Many' }] }],
            ['PATCH', '/items/bulk?mode=each', { items: [{ id, name: 'Each' }, { id: 'wrong' }] }],
            ['DELETE', '/items/bulk', { items: [id] }],
            ['DELETE', `${path}/purge`, undefined],
          ] as const) {
            expect((await ask(method, at, sent, 'alice', headers)).status).toBeLessThan(300)
            expect([method, at, ended()]).toEqual([method, at, [id]])
          }
          const many = await ask('POST', '/items/bulk', {
            items: [1, 2, 3].map((n) => ({ sku: `s${n}`, name: 'Pen' })),
          })
          expect(ended()).toEqual(many.body.data.map((row: { id: string }) => row.id).toSorted())
          const upserted = await ask('PUT', '/items?by=sku', { sku: 'new', name: 'New' })
          expect([upserted.status, ended()]).toEqual([201, [upserted.body.id]])
          await ask('POST', '/items/count')
          expect(ended()).toEqual(['*'])
        },
      )

  both('is the same by the service of a job, with its transaction', [items], async (db) => {
    const ended = ends(db)
    const { service } = resource('items', { table: items, upsert: ['sku'], bulk: {} })
    const caller = { db, user }
    const ids: string[] = []
    await db.tx(async () => {
      const { id } = await service.create({ sku: 'a', name: 'Pen' }, caller)
      await service.update(id, { name: 'Pencil' }, caller)
      const made = await service.createIfNotExist({ sku: 'b', name: 'B' }, { by: ['sku'] }, caller)
      ids.push(id, made.row.id)
      await db
        .tx(async () => {
          await service.create({ sku: 'c', name: 'C' }, caller)
          throw new Error('no')
        })
        .catch(() => {})
      expect(ended()).toEqual([])
    })
    expect(ended()).toEqual(ids.toSorted())
    await service.createIfNotExist({ sku: 'b', name: 'Other' }, { by: ['sku'] }, caller)
    expect(ended()).toEqual([])
  })

  both('is nothing where nothing was written', [items], async (db) => {
    const ended = ends(db)
    const { ask } = appOf(db, [resource('items', { table: items, bulk: {}, upsert: ['sku'] })])
    const { body } = await ask('POST', '/items', { sku: 'a', name: 'Pen' })
    ended()
    const path = `/items/${body.id}`
    const missing = '/items/01890000-0000-7000-8000-000000000000'
    for (const [method, at, sent, headers, status] of [
      ['GET', path, undefined, {}, 200],
      ['GET', '/items', undefined, {}, 200],
      ['PATCH', path, { name: 'x'.repeat(41) }, {}, 422],
      ['PATCH', path, { name: 'x' }, { 'if-match': '"9"' }, 412],
      ['PATCH', missing, { name: 'x' }, {}, 404],
      ['DELETE', missing, undefined, {}, 404],
      ['POST', '/items', { sku: 'a', name: 'Pen' }, {}, 409],
      ['PUT', '/items?by=sku', { sku: 'a', name: 'x' }, { 'if-none-match': '*' }, 412],
      [
        'POST',
        '/items/bulk',
        {
          items: [
            { sku: 'b', name: 'B' },
            { sku: 'a', name: 'A' },
          ],
        },
        {},
        409,
      ],
    ] as const) {
      expect((await ask(method, at, sent, 'alice', headers)).status).toBe(status)
      expect([method, at, ended()]).toEqual([method, at, []])
    }
  })

  both('is the row of a file', fileTables, (db) =>
    inFolder(async (folder) => {
      const ended = ends(db, 'products')
      const { ask, send } = shopIn(folder, db)
      const { body } = await ask('POST', '/products', { name: 'Pen' })
      ended()
      for (const [method, sent] of [
        ['PUT', { body: png(), type: 'image/png' }],
        ['DELETE', {}],
      ] as const) {
        expect((await send(method, `/products/${body.id}/photo`, sent)).status).toBeLessThan(300)
        expect([method, ended()]).toEqual([method, [body.id]])
      }
    }),
  )

  const shelves = defineTable('shelves', (t) => ({ id: t.int().primaryKey() }))
  const boxes = defineTable('boxes', (t) => ({
    id: t.int().primaryKey(),
    shelfId: t.ref(() => shelves, { key: 'int', onDelete: 'cascade' }),
  }))
  const things = defineTable('things', (t) => ({
    id: t.int().primaryKey(),
    boxId: t.ref(() => boxes, { key: 'int', onDelete: 'set null' }).nullable(),
  }))
  const others = defineTable('others', (t) => ({
    id: t.int().primaryKey(),
    shelfId: t.ref(() => shelves, { key: 'int' }).nullable(),
  }))

  both('is what the database takes along with a row', [shelves, boxes, things, others], async (db) => {
    const ended = ends(db, 'shelves')
    const { service } = resource('shelves', { table: shelves })
    await service.create({ id: 1 }, { db })
    expect(ended()).toEqual(['1'])
    await service.delete('1', { db })
    expect(ended()).toEqual(['1', 'boxes', 'boxes:*', 'things', 'things:*'])
  })

  const numbers = defineTable('numbers', (t) => ({ id: t.bigint().primaryKey(), text: t.string() }))
  both('is one row, however its key is written', [numbers], async (db) => {
    const ended = ends(db, 'numbers')
    const { service } = resource('numbers', { table: numbers })
    await service.create({ id: '9007199254740993', text: 'a' }, { db })
    await service.update('9007199254740993', { text: 'b' }, { db })
    expect(ended()).toEqual(['9007199254740993', '9007199254740993'])
  })
})
