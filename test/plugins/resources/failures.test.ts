import { Type } from '@sinclair/typebox'
import type { Database } from '#core/ports/database'
import { describe, expect, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { type Change, resource } from '../../../plugins/resources/index.ts'
import { both, withDatabase } from '../../services.ts'
import { appOf } from './app.ts'

const parents = defineTable('things', (t) => ({ id: t.id() }))
const table = defineTable('items', (t) => ({
  id: t.id(),
  sku: t.string(40).unique(),
  thing: t.ref(() => parents).nullable(),
  ...t.version(),
  ...t.softDelete(),
}))
const tables = [parents, table]
const nowhere = '01890000-0000-7000-8000-000000000000'

interface Watched {
  /** Called in the transaction of each write. */
  readonly during?: () => void
}
/** A resource whose every operation can be watched, and what was told of its writes. */
function watched({ during = () => {} }: Watched = {}) {
  const told: Change<unknown>[] = []
  const api = resource('items', {
    table,
    bulk: {},
    upsert: ['sku'],
    actions: {
      archive: {
        body: Type.Object({ thing: Type.Optional(Type.String()) }),
        run: async ({ row, body, service, caller }) => {
          await service.update(row.id, { sku: `${row.sku}!`, ...body }, caller)
          during()
        },
      },
    },
    hooks: {
      beforeCreate: during,
      beforeUpdate: during,
      beforeDelete: during,
      afterCommit: (change) => void told.push(change),
    },
  })
  return { api, told }
}

/** Every way to write, with a row that is there and the values of a new one. */
const writesOf = (id: string, values: object) =>
  [
    ['POST', '/items', { sku: 'new', ...values }],
    ['PATCH', `/items/${id}`, { sku: 'new', ...values }],
    ['PUT', `/items/${id}`, { sku: 'new', ...values }],
    ['PUT', '/items?by=sku', { sku: 'new', ...values }],
    ['PUT', '/items?by=sku', { sku: 'old', ...values }],
    ['POST', '/items/bulk', { items: [{ sku: 'one' }, { sku: 'new', ...values }] }],
    [
      'PATCH',
      '/items/bulk',
      {
        items: [
          { id, sku: 'one' },
          { id, sku: 'new', ...values },
        ],
      },
    ],
    ['POST', '/items/bulk?mode=each', { items: [{ sku: 'one' }, { sku: 'new', ...values }] }],
    ['POST', `/items/${id}/archive`, values],
  ] as const
const rows = (db: Database) => db.values('select sku, version, deleted_at, thing from items order by sku')

describe('a write that fails', () => {
  /** Makes the reference one that is looked at when the transaction is committed. */
  const defer = async (db: Database): Promise<void> => {
    if (db.dialect === 'postgresql')
      return void (await db.execute('alter table items alter constraint items_thing_fk deferrable initially deferred'))
    const [[text]] = (await db.values(`select sql from sqlite_master where name = 'items'`)) as [[string]]
    const indexes = await db.values(
      `select sql from sqlite_master where tbl_name = 'items' and type = 'index' and sql is not null`,
    )
    await db.execute('drop table items')
    await db.execute(text.replace(/(REFERENCES [^\n]*no action)/i, '$1 deferrable initially deferred'))
    for (const [index] of indexes) await db.execute(String(index))
  }

  both('when it is committed is 409 or 422, never 200, and is not told', tables, async (db) => {
    await defer(db)
    const { api, told } = watched()
    const { ask } = appOf(db, [api])
    const { body } = await ask('POST', '/items', { sku: 'old' })
    told.length = 0
    for (const [method, path, sent] of writesOf(body.id, { thing: nowhere })) {
      const { status } = await ask(method, path, sent)
      expect([method, path, [409, 422].includes(status)]).toEqual([method, path, true])
    }
    expect(told).toEqual([])
    expect(await rows(db)).toEqual([['old', 1, null, null]])
  })

  both('after it has written leaves nothing behind', tables, async (db) => {
    let fails = false
    const { api, told } = watched({
      during: () => {
        if (fails) throw new Error('no')
      },
    })
    const { ask } = appOf(db, [api])
    const { body } = await ask('POST', '/items', { sku: 'old' })
    told.length = 0
    fails = true
    const deletes = [
      ['DELETE', `/items/${body.id}`, undefined],
      ['DELETE', '/items/bulk', { items: [body.id] }],
    ] as const
    for (const [method, path, sent] of [...writesOf(body.id, {}), ...deletes])
      expect([method, path, (await ask(method, path, sent)).status]).toEqual([method, path, 500])
    expect(told).toEqual([])
    expect(await rows(db)).toEqual([['old', 1, null, null]])
  })

  both('because its client has left leaves nothing behind', tables, async (db) => {
    let leave = new AbortController()
    let leaves = false
    const { api, told } = watched({
      during: () => {
        if (leaves) leave.abort()
      },
    })
    const { app, ask } = appOf(db, [api])
    const { body } = await ask('POST', '/items', { sku: 'old' })
    told.length = 0
    leaves = true
    for (const [method, path, sent] of writesOf(body.id, {})) {
      leave = new AbortController()
      const headers = { authorization: 'alice', 'content-type': 'application/json' }
      const init = { method, headers, body: JSON.stringify(sent), signal: leave.signal }
      await app.handle(new Request(`http://localhost${path}`, init)).catch(() => {})
      expect([method, path, await rows(db)]).toEqual([method, path, [['old', 1, null, null]]])
    }
    expect(told).toEqual([])
  })

  both('because a row is still referred to says so, of the item', [...tables], async (db) => {
    const { ask } = appOf(db, [resource('things', { table: parents, bulk: {} }), watched().api])
    const { body: thing } = await ask('POST', '/things', {})
    await ask('POST', '/items', { sku: 'a', thing: thing.id })
    const { body: free } = await ask('POST', '/things', {})
    const refused = await ask('DELETE', '/things/bulk', { items: [free.id, thing.id] })
    expect([refused.status, refused.body.errors?.[0].pointer]).toEqual([409, '/items/1'])
    const each = await ask('DELETE', '/things/bulk?mode=each', { items: [free.id, thing.id] })
    expect(each.body.data.map((one: { status: number }) => one.status)).toEqual([204, 409])
    const wrong = await ask('POST', '/items/bulk', { items: [{ sku: 'b' }, { sku: 'c', thing: nowhere }] })
    expect([wrong.status, wrong.body.errors]).toMatchObject([422, [{ code: 'not-found', pointer: '/items/1/thing' }]])
  })
})

describe('an id that is none', () => {
  both('is 422 wherever it stands, and never 500', tables, async (db) => {
    const { ask } = appOf(db, [watched().api])
    for (const id of ['nope', '9223372036854775808', '%00', '-1'])
      for (const [method, path] of [
        ['GET', `/items/${id}`],
        ['POST', `/items/${id}/restore`],
        ['DELETE', `/items/${id}/purge`],
        ['POST', `/items/${id}/archive`],
      ] as const) {
        const { status, body } = await ask(method, path, path.endsWith('archive') ? {} : undefined)
        expect([path, status, body.errors[0].parameter]).toEqual([path, 422, 'id'])
      }
    const bulk = await ask('DELETE', '/items/bulk', { items: ['nope', nowhere, 2 ** 63] })
    expect([bulk.status, bulk.body.errors.map((one: { pointer: string }) => one.pointer)]).toEqual([
      422,
      ['/items/0', '/items/2'],
    ])
    for (const [method, path] of [
      ['POST', `/items/${nowhere}/restore`],
      ['POST', `/items/${nowhere}/archive`],
    ] as const)
      expect((await ask(method, path, path.endsWith('archive') ? {} : undefined)).status).toBe(404)
  })
})

for (const key of ['int', 'bigint'] as const) {
  const numbered = defineTable('items', (t) => ({ id: t[key]().primaryKey(), sku: t.string(40) }))
  describe(`a number that is no key of type ${key}`, () => {
    both('is 422 in paths and bodies and 400 in lists, and never 500', [numbered], async (db) => {
      const list = { filter: { id: true } } as const
      const { ask } = appOf(db, [resource('items', { table: numbered, bulk: {}, list })])
      const most = key === 'int' ? '2147483647' : '9223372036854775807'
      for (const id of [
        '9223372036854775808',
        '-9223372036854775809',
        '1e3',
        '0x10',
        '1.5',
        ' 1',
        'nope',
        '9'.repeat(400),
      ]) {
        for (const method of ['GET', 'DELETE']) {
          const { status, body } = await ask(method, `/items/${encodeURIComponent(id)}`)
          expect([id, method, status, body.errors[0].parameter]).toEqual([id, method, 422, 'id'])
        }
        expect([id, (await ask('GET', `/items?id=${encodeURIComponent(id)}`)).status]).toEqual([id, 400])
        const bulk = await ask('DELETE', '/items/bulk', { items: [id] })
        expect([id, bulk.status, bulk.body.errors[0].pointer]).toEqual([id, 422, '/items/0'])
        expect((await ask('POST', '/items', { id, sku: 'a' })).status).toBe(422)
      }
      expect((await ask('GET', `/items/${most}`)).status).toBe(404)
      expect((await ask('GET', `/items?id=${most}`)).body.data).toEqual([])
    })
  })
}

test('the hooks see who acts, and for whom', () =>
  withDatabase('SQLite in memory', tables, async (db) => {
    const seen: unknown[] = []
    const api = resource('items', {
      table,
      hooks: { beforeCreate: (_, { principal, user }) => void seen.push(user?.id, principal?.actor?.id) },
    })
    const { ask } = appOf(db, [api])
    await ask('POST', '/items', { sku: 'a' }, 'masked')
    expect(seen).toEqual(['masked', 'admin'])
  }))
