import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { openRedis } from '#core/adapters/redis'
import type { Database } from '#core/ports/database'
import { describe, expect, sleep, test } from '#test'
import { database, defineTable } from '../../../../plugins/database/index.ts'
import {
  idempotency,
  idempotencyKeys,
  type KeyStore,
  redisKeys,
  resource,
  type SqlKeysOptions,
  sqlKeys,
} from '../../../../plugins/resources/index.ts'
import { redisServer } from '../../../fixtures/redis-server.ts'
import { both, randomName, redisUrl, withDatabase, withPostgres, withRedis } from '../../../services.ts'
import { appOf } from '../app.ts'
import { type Sent, sending, told } from './app.ts'

const labels = defineTable('labels', (t) => ({ id: t.id(), text: t.string(40).unique() }))
const tables = [labels, idempotencyKeys]
const texts = async (db: Database) => (await db.values('select text from labels order by text')).flat()

const shop = (db: Database, store: KeyStore, hooks: object = {}) =>
  appOf(db, [idempotency({ store }), resource('items', { table: labels, idempotent: true, hooks })]).app
const withSql = (db: Database, hooks: object = {}, options: SqlKeysOptions = {}) =>
  shop(db, sqlKeys(db, options), hooks)

describe('a resource whose writes may be repeated', () => {
  both('answers each write once', tables, async (db) => {
    const send = sending(withSql(db))
    const first = await send('/items', { key: 'k1', body: { text: 'a' } })
    const again = await send('/items', { key: 'k1', body: { text: 'a' } })
    const { id } = (await first.json()) as { id: string }
    expect([first.status, again.status, ((await again.json()) as { id: string }).id]).toEqual([201, 201, id])
    expect(again.headers.get('location')).toBe(`/items/${id}`)
    for (const again of ['first', 'true']) {
      const patched = await told(await send(`/items/${id}`, { method: 'PATCH', key: 'k2', body: { text: 'b' } }))
      expect(patched).toEqual([200, again, { id, text: 'b' }])
    }
    for (const again of ['first', 'true'])
      expect(await told(await send(`/items/${id}`, { method: 'DELETE', key: 'k3' }))).toEqual([204, again, ''])
    expect(await texts(db)).toEqual([])
  })

  both('keeps what the database refused, and runs again what failed', tables, async (db) => {
    let fails = true
    const send = sending(
      withSql(db, {
        beforeCreate: ({ text }: { text: string }) => {
          if (text === 'bad' && fails) throw new Error('no')
        },
      }),
    )
    await send('/items', { body: { text: 'a' } })
    for (const again of ['first', 'true'])
      expect(await told(await send('/items', { key: 'k', body: { text: 'a' } }))).toEqual([
        409,
        again,
        'KWIK_DATABASE_TAKEN',
      ])
    expect((await send('/items', { key: 'bad', body: { text: 'bad' } })).status).toBe(500)
    fails = false
    expect((await send('/items', { key: 'bad', body: { text: 'bad' } })).status).toBe(201)
  })

  both('and everything else that writes, of many rows and by actions', tables, async (db) => {
    const api = resource('notes', {
      table: labels,
      idempotent: true,
      upsert: ['text'],
      bulk: { max: 10 },
      actions: {
        grow: { run: ({ row, service, caller }) => service.update(row.id, { text: `${row.text}!` }, caller) as never },
      },
    })
    const send = sending(appOf(db, [idempotency({ store: sqlKeys(db) }), api]).app)
    const twice = async (path: string, sent: Sent) => {
      const [first, again] = [await send(path, sent), await send(path, sent)]
      expect([path, again.status, again.headers.get('idempotency-replayed')]).toEqual([path, first.status, 'true'])
      const text = await first.text()
      expect(await again.text()).toBe(text)
      return text === '' ? undefined : JSON.parse(text)
    }
    const items = [{ text: 'a' }, { text: 'b' }]
    const { data } = await twice('/notes/bulk', { key: 'k1', body: { items } })
    await twice('/notes/bulk?mode=each', { key: 'k2', body: { items: [{ text: 'c' }, { text: 'a' }] } })
    await twice('/notes?by=text', { key: 'k3', method: 'PUT', body: { text: 'd' } })
    await twice(`/notes/${data[0].id}/grow`, { key: 'k4' })
    await twice('/notes/bulk', { key: 'k5', method: 'DELETE', body: { items: [data[1].id] } })
    expect(await texts(db)).toEqual(['a!', 'c', 'd'])
  })

  both('does the work once for 20 requests at once', tables, async (db) => {
    const send = sending(withSql(db))
    const all = await Promise.all(Array.from({ length: 20 }, () => send('/items', { key: 'k', body: { text: 'a' } })))
    const statuses = all.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(0)
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([])
    expect(await texts(db)).toEqual(['a'])
  })

  // SQLite has one writer: there a repeat waits until the first has ended.
  withPostgres.test('undoes the work of a request that was taken over', () =>
    withDatabase('PostgreSQL', tables, async (db) => {
      let now = Date.now()
      let runs = 0
      const { promise, resolve } = Promise.withResolvers<void>()
      const hooks = { beforeCreate: () => (runs++ === 0 ? promise : undefined) }
      const send = sending(withSql(db, hooks, { lease: '10s', clock: { now: () => now } }))
      const first = send('/items', { key: 'k', body: { text: 'a' } })
      while (runs === 0) await sleep(5)
      now += 11_000
      const second = await send('/items', { key: 'k', body: { text: 'a' } })
      resolve()
      expect([second.status, (await first).status]).toEqual([201, 409])
      expect((await told(await send('/items', { key: 'k', body: { text: 'a' } })))[1]).toBe('true')
      expect(await texts(db)).toEqual(['a'])
    }),
  )

  test('does not start without a transaction around the work', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const app = new Elysia()
        .use(core({ database: db, signals: false, logger: { debug() {}, info() {}, warning() {}, error() {} } }))
        .use(database(db, { closeOnStop: false }))
        .use(idempotency({ store: sqlKeys(db) }))
        .post('/pay', () => 'paid', { public: true, idempotent: true })
      expect(await told(await sending(app)('/pay', { key: 'k' }))).toEqual([500, 'first', 'KWIK_BOOT'])
    }))
})

describe('a process that dies', () => {
  const program = new URL('../../../fixtures/programs/idempotent-app.ts', import.meta.url).pathname
  const args = 'Bun' in globalThis ? [program] : ['run', '-A', '--no-check', '--node-modules-dir=manual', program]
  const started = async (...words: string[]) => {
    const child = spawn(process.execPath, [...args, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    const url = `http://127.0.0.1:${String((await once(child.stdout, 'data'))[0]).trim()}/labels`
    const post = (): Promise<number> =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: '{"text":"a"}',
      }).then(
        ({ status }) => status,
        () => 0,
      )
    return { child, post }
  }
  const dying = async (db: Database, url: string) => {
    const inside = await started(url, '-', 'inside')
    expect(await inside.post()).toBe(0)
    expect(await texts(db)).toEqual([])
    const after = await started(url, '-', 'after')
    await sleep(300)
    expect(await after.post()).toBe(0)
    expect(await texts(db)).toEqual(['a'])
    const last = await started(url, '-', 'never')
    try {
      await sleep(300)
      expect([await last.post(), await last.post()]).toEqual([409, 409])
      expect(await texts(db)).toEqual(['a'])
    } finally {
      last.child.kill()
    }
  }
  test('does its work once, whenever it dies (SQLite file)', () => withDatabase('SQLite file', tables, dying), 30_000)
  withPostgres.test('does its work once, whenever it dies (PostgreSQL)', () =>
    withDatabase('PostgreSQL', tables, dying),
  )

  const two = async (db: Database, url: string, redis: string) => {
    const prefix = `${randomName()}:`
    const both = await Promise.all([started(url, redis, 'never', prefix), started(url, redis, 'never', prefix)])
    try {
      const statuses = await Promise.all(Array.from({ length: 20 }, (_, at) => both[at % 2]!.post()))
      expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([])
      expect(statuses).toContain(201)
      expect(await both[1]!.post()).toBe(201)
      expect(await texts(db)).toEqual(['a'])
    } finally {
      for (const { child } of both) child.kill()
    }
  }
  test(
    'and two that live do it once for 20 requests (keys in SQLite)',
    () => withDatabase('SQLite file', tables, (db, url) => two(db, url, '-')),
    30_000,
  )
  withPostgres.test('and two that live do it once for 20 requests (keys in PostgreSQL)', () =>
    withDatabase('PostgreSQL', tables, (db, url) => two(db, url, '-')),
  )
  withRedis.test('and two that live do it once for 20 requests (keys in Redis)', () =>
    withDatabase('SQLite file', tables, (db, url) => two(db, url, redisUrl)),
  )
})

withRedis.describe('a Redis that fails', () => {
  test('lets nothing with a key run, and gives the key back when it returns', async () => {
    const server = await redisServer()
    await server.start()
    const redis = openRedis({ url: server.url, deadline: '250ms' })
    try {
      for (let i = 0; i < 100 && !(await redis.ping()); i++) await sleep(20)
      await withDatabase('SQLite in memory', tables, async (db) => {
        const send = sending(shop(db, redisKeys(redis)))
        expect((await send('/items', { key: 'k1', body: { text: 'a' } })).status).toBe(201)
        server.pause()
        const refused = await send('/items', { key: 'k2', body: { text: 'b' } })
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
        expect((await send('/items', { key: 'k1', body: { text: 'a' } })).status).toBe(503)
        expect((await send('/items', { body: { text: 'c' } })).status).toBe(201)
        server.resume()
        for (let i = 0; i < 100 && !(await redis.ping()); i++) await sleep(20)
        let status = 0
        for (let i = 0; i < 100 && status !== 201; i++) {
          status = (await send('/items', { key: 'k2', body: { text: 'b' } })).status
          if (status !== 201) await sleep(50)
        }
        expect(await told(await send('/items', { key: 'k2', body: { text: 'b' } }))).toMatchObject([
          201,
          'true',
          { text: 'b' },
        ])
        expect(await texts(db)).toEqual(['a', 'b', 'c'])
      })
    } finally {
      await redis.close()
      await server.kill()
    }
  })
})
