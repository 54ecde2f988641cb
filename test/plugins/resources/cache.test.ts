import { openRedis } from '#core/adapters/redis'
import { redisAnnouncements } from '#core/adapters/redis-announcements'
import { describe, expect, test } from '#test'
import { type Database, defineTable, openDatabase } from '../../../plugins/database/index.ts'
import { type ResourceCache, resource } from '../../../plugins/resources/index.ts'
import { one, ownRows, shape } from '../../../plugins/shaping/index.ts'
import { both, randomName, redisUrl, withDatabase, withPostgres, withRedis } from '../../services.ts'
import { items } from './app.ts'
import { cachedApp, came, type People, person } from './cache-app.ts'

/** On Deno Elysia's adapter of Bun does not listen. */
const onBun = test.skipIf(!('Bun' in globalThis))
const user = { id: 'robot' }
const kept = { ttl: '5m' } as const
const list = { filter: { name: true }, sort: { keys: ['sku'], default: 'sku' }, count: ['exact'] } as const
const api = (more: object = {}) => resource('items', { table: items, list, cache: kept, ...more })
const names = (answer: { body: { data: { name: string }[] } }) => answer.body.data.map(({ name }) => name)

describe('answers of list and get', () => {
  both('are kept, each with its query, as the handler has made them', [items], async (db) => {
    const { ask, reads } = cachedApp(db, [api()])
    const made = await ask('POST', '/items', { sku: 'a', name: 'Pen' })
    const path = `/items/${made.body.id}`
    for (const at of [path, '/items', '/items?name=Pen&count=exact', '/items?name=nobody']) {
      const first = await ask('GET', at)
      reads()
      const hit = await ask('GET', at)
      expect([at, came(hit), hit.body, reads()]).toEqual([at, 'hit', first.body, 0])
      for (const header of ['content-type', 'etag', 'link'])
        expect([at, hit.headers.get(header)]).toEqual([at, first.headers.get(header)])
    }
    expect((await ask('GET', '/items?name=nobody')).body.data).toEqual([])
    // The ETag is the version still: writes ask for it.
    expect((await ask('GET', path)).headers.get('etag')).toBe('"1"')
    expect((await ask('GET', path, undefined, 'alice', { 'if-none-match': '"1"' })).status).toBe(304)
    expect((await ask('PATCH', path, { name: 'B' }, 'alice', { 'if-match': '"1"' })).status).toBe(200)
    expect((await ask('PATCH', path, { name: 'C' }, 'alice', { 'if-match': '"1"' })).status).toBe(412)
    expect((await ask('GET', path)).headers.get('etag')).toBe('"2"')
  })

  both('are new after each write, by whatever route', [items], async (db) => {
    const actions = { archive: { run: ({ service, row, caller }: never) => rename(service, row, caller) } }
    const { ask } = cachedApp(db, [api({ bulk: {}, upsert: ['sku'], actions })])
    const { id } = (await ask('POST', '/items', { sku: 'a', name: 'Pen' })).body
    await ask('POST', '/items', { sku: 'other', name: 'Other' })
    const path = `/items/${id}`
    const other = (await ask('GET', '/items?name=Other')).body.data[0].id
    const look = async () => {
      const [all, single] = [await ask('GET', '/items'), await ask('GET', path)]
      return [names(all)[0], single.body.name ?? single.status]
    }
    expect(await look()).toEqual(['Pen', 'Pen'])
    await ask('GET', `/items/${other}`)
    for (const [method, at, sent, now, alone] of [
      ['PATCH', path, { name: 'B' }, 'B', 'B'],
      ['PUT', path, { sku: 'a', name: 'C' }, 'C', 'C'],
      ['PUT', '/items?by=sku', { sku: 'a', name: 'D' }, 'D', 'D'],
      ['PATCH', '/items/bulk', { items: [{ id, name: 'E' }] }, 'E', 'E'],
      ['PATCH', '/items/bulk?mode=each', { items: [{ id, name: 'F' }, {}] }, 'F', 'F'],
      ['POST', `${path}/archive`, undefined, 'archived', 'archived'],
      ['POST', '/items/bulk', { items: [{ sku: '0', name: 'First' }] }, 'First', 'archived'],
      ['DELETE', '/items/bulk', { items: [id] }, 'First', 404],
      ['POST', `${path}/restore`, undefined, 'First', 'archived'],
      ['DELETE', path, undefined, 'First', 404],
      ['DELETE', `${path}/purge`, undefined, 'First', 404],
    ] as const) {
      expect((await ask(method, at, sent)).status).toBeLessThan(300)
      expect([method, at, await look()]).toEqual([method, at, [now, alone]])
    }
    // Nobody has touched it.
    expect(came(await ask('GET', `/items/${other}`))).toBe('hit')
  })

  both('are ended by the service of a job, and by another resource of the table', [items], async (db) => {
    const shop = api()
    const back = resource('shops', { table: items })
    const { ask } = cachedApp(db, [shop, back])
    const { id } = await shop.service.create({ sku: 'a', name: 'Pen' }, { db, user })
    const look = async () => [names(await ask('GET', '/items')), (await ask('GET', `/items/${id}`)).body.name]
    expect(await look()).toEqual([['Pen'], 'Pen'])
    await shop.service.update(id, { name: 'B' }, { db, user })
    expect(await look()).toEqual([['B'], 'B'])
    await back.service.update(id, { name: 'C' }, { db, user })
    expect(await look()).toEqual([['C'], 'C'])
    await ask('PATCH', `/shops/${id}`, { name: 'D' })
    expect(await look()).toEqual([['D'], 'D'])
  })

  both('are old until the commit, and stay what they were after a rollback', [items], async (db) => {
    const shop = api()
    const { ask } = cachedApp(db, [shop])
    const { id } = await shop.service.create({ sku: 'a', name: 'Pen' }, { db, user })
    const path = `/items/${id}`
    await ask('GET', path)
    const written = Promise.withResolvers<void>()
    const seen = Promise.withResolvers<void>()
    const write = (name: string) => async (): Promise<void> => {
      await shop.service.update(id, { name }, { db, user })
      expect((await shop.service.get(id, { db, user })).name).toBe(name)
      written.resolve()
      await seen.promise
      if (name === 'never') throw new Error('no')
    }
    const writer = db.tx(write('B'))
    await written.promise
    expect((await ask('GET', path)).body.name).toBe('Pen')
    seen.resolve()
    await writer
    expect((await ask('GET', path)).body.name).toBe('B')
    await db.tx(write('never')).catch(() => {})
    const after = await ask('GET', path)
    expect([came(after), after.body.name]).toEqual(['hit', 'B'])
  })

  const numbers = defineTable('items', (t) => ({ id: t.int().primaryKey(), name: t.string() }))
  both('say that a row is missing until it is made, and no longer', [numbers], async (db) => {
    const { ask } = cachedApp(db, [resource('items', { table: numbers, cache: { ttl: '5m', negative: '1m' } })])
    for (const from of ['fwd=miss', 'hit']) {
      const answer = await ask('GET', '/items/5')
      expect([answer.status, came(answer).split(';')[0]]).toEqual([404, from])
    }
    expect((await ask('POST', '/items', { id: 5, name: 'Five' })).status).toBe(201)
    for (const at of ['/items/5', '/items/05', '/items/005']) expect((await ask('GET', at)).body.name).toBe('Five')
    await ask('PATCH', '/items/5', { name: 'V' })
    for (const at of ['/items/5', '/items/05', '/items/005']) expect((await ask('GET', at)).body.name).toBe('V')
  })
})

onBun('links lead to the name that a proxy says, whoever asked before under another', () =>
  withDatabase('SQLite in memory', [items], async (db) => {
    const { app } = cachedApp(db, [api({ permissions: false })], { trustedProxies: ['127.0.0.1'] })
    const serving = app.listen({ port: 0, hostname: '127.0.0.1' })
    const links = async (host: string) => {
      const headers = { 'x-forwarded-host': host, 'x-forwarded-proto': 'https' }
      const answer = await fetch(`http://127.0.0.1:${serving.server!.port}/items`, { headers })
      await answer.text()
      return [came(answer), answer.headers.get('link')?.split('/items')[0]]
    }
    for (const from of ['fwd=miss', 'hit'])
      for (const host of ['a.example', 'b.example']) {
        const [where, link] = await links(host)
        expect([where?.split(';')[0], link]).toEqual([from, `<https://${host}`])
      }
    await app.stop(true)
  }),
)

const rename = (service: unknown, row: unknown, caller: unknown): Promise<void> => {
  const { update } = service as { update(id: string, values: object, caller: unknown): Promise<void> }
  return update((row as { id: string }).id, { name: 'archived' }, caller).then(() => {})
}

const shops = defineTable('shops', (t) => ({ id: t.int().primaryKey(), name: t.string() }))
const boxes = defineTable('boxes', (t) => ({
  id: t.int().primaryKey(),
  name: t.string(),
  shopId: t.ref(() => shops, { key: 'int', onDelete: 'cascade' }),
}))

describe('lists that lead to other tables', () => {
  const shopList = shape(shops, { filter: { name: true } })
  const boxList = shape(boxes, { filter: { name: true }, relations: { shop: one(shopList, 'shopId') } })
  both('end with what is written there, and with what the database takes along', [shops, boxes], async (db) => {
    const { ask } = cachedApp(db, [
      resource('shops', { table: shops, list: shopList }),
      resource('boxes', { table: boxes, list: boxList, cache: kept }),
    ])
    await ask('POST', '/shops', { id: 1, name: 'Shop' })
    await ask('POST', '/boxes', { id: 1, name: 'Box', shopId: 1 })
    const look = async () => {
      const [box] = (await ask('GET', '/boxes?expand=shop')).body.data
      const found = (await ask('GET', '/boxes?shop.name=Shop')).body.data.length
      return [box?.shop.name, found, (await ask('GET', '/boxes/1')).status]
    }
    expect(await look()).toEqual(['Shop', 1, 200])
    await ask('PATCH', '/shops/1', { name: 'New' })
    expect(await look()).toEqual(['New', 0, 200])
    await ask('DELETE', '/shops/1')
    expect(await look()).toEqual([undefined, 0, 404])
  })
})

const posts = defineTable('posts', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(),
  cost: t.int().default(7),
  ownerId: t.string(40).nullable(),
  tenantId: t.string(40).nullable(),
}))
const fill = async (db: Database): Promise<void> => {
  await db.drizzle.insert(posts.for(db)).values([
    { id: 1, title: 'of ann', ownerId: 'ann', tenantId: 'a' },
    { id: 2, title: 'of bob', ownerId: 'bob', tenantId: 'b' },
  ])
}
const titles = (answer: { body: { data: { title: string }[] } }) => answer.body.data.map(({ title }) => title)

describe('what depends on who asks is kept apart', () => {
  both('rows that belong to somebody, also after a permission is taken away', [posts], async (db) => {
    await fill(db)
    const people: People = {
      ann: person('ann', 'posts:read:own'),
      bob: person('bob', 'posts:read:own'),
      boss: person('boss', 'posts:read'),
    }
    const { ask } = cachedApp(db, [resource('posts', { table: posts, owner: 'ownerId', cache: kept })], { people })
    for (const from of ['fwd', 'hit']) {
      for (const [who, all, status] of [
        ['ann', ['of ann'], 200],
        ['bob', ['of bob'], 404],
        ['boss', ['of ann', 'of bob'], 200],
      ] as const) {
        const answer = await ask('GET', '/posts', undefined, who)
        expect([who, titles(answer), came(answer).startsWith(from)]).toEqual([who, [...all], true])
        expect((await ask('GET', '/posts/1', undefined, who)).status).toBe(status)
      }
    }
    people['boss'] = person('boss', 'posts:read:own')
    expect(titles(await ask('GET', '/posts', undefined, 'boss'))).toEqual([])
    people['ann'] = person('ann')
    for (const at of ['/posts', '/posts/1']) expect((await ask('GET', at, undefined, 'ann')).status).toBe(403)
  })

  both('fields that need a permission, also on a public resource', [posts], async (db) => {
    await fill(db)
    const people: People = { ann: person('ann', 'posts:cost', 'posts:read'), bob: person('bob', 'posts:read') }
    for (const permissions of ['posts', false] as const) {
      const { ask } = cachedApp(
        db,
        [resource('posts', { table: posts, permissions, fields: { cost: { read: 'posts:cost' } }, cache: kept })],
        { people },
      )
      for (let i = 0; i < 2; i++)
        for (const [who, cost] of [
          ['ann', 7],
          ['bob', undefined],
        ] as const) {
          expect([who, (await ask('GET', '/posts', undefined, who)).body.data[0].cost]).toEqual([who, cost])
          expect([who, (await ask('GET', '/posts/1', undefined, who)).body.cost]).toEqual([who, cost])
        }
      if (permissions === false) expect((await ask('GET', '/posts/1', undefined, '')).body.cost).toBeUndefined()
    }
  })

  both('rows of tenants', [posts], async (db) => {
    await fill(db)
    const people: People = { ann: person('ann', '*') }
    const options = { table: posts, tenant: 'tenantId', cache: kept } as const
    const { ask } = cachedApp(db, [resource('posts', options)], { people, tenant: true })
    for (const from of ['fwd', 'hit'])
      for (const [tenant, all] of [
        ['a', ['of ann']],
        ['b', ['of bob']],
      ] as const) {
        const answer = await ask('GET', '/posts', undefined, 'ann', { 'x-tenant': tenant })
        expect([tenant, titles(answer), came(answer).startsWith(from)]).toEqual([tenant, [...all], true])
      }
  })

  both('rows that a list behind a relation keeps from others', [shops, boxes], async (db) => {
    const boxList = shape(boxes, { relations: { shop: one(() => shopList, 'shopId') } })
    const shopList = shape(shops, { scope: ({ user }) => (user?.id === 'ann' ? undefined : false) })
    const api = resource('boxes', { table: boxes, list: boxList, cache: kept })
    const people: People = { ann: person('ann', '*'), bob: person('bob', '*') }
    const { ask } = cachedApp(db, [api], { people })
    await db.execute("insert into shops values (1, 'Shop')")
    await db.execute("insert into boxes values (1, 'Box', 1)")
    for (let i = 0; i < 2; i++)
      for (const [who, name] of [
        ['ann', 'Shop'],
        ['bob', undefined],
      ] as const)
        expect((await ask('GET', '/boxes?expand=shop', undefined, who)).body.data[0].shop?.name).toBe(name)
  })

  both('the same for all on a public resource, and for each set of permissions elsewhere', [posts], async (db) => {
    await fill(db)
    const people: People = { ann: person('ann', 'posts:read'), bob: person('bob', 'posts:read') }
    const open = cachedApp(db, [resource('posts', { table: posts, permissions: false, cache: kept })], { people })
    await open.ask('GET', '/posts', undefined, '')
    expect(came(await open.ask('GET', '/posts', undefined, ''))).toBe('hit')
    const closed = cachedApp(db, [resource('posts', { table: posts, cache: kept })], { people })
    await closed.ask('GET', '/posts', undefined, 'ann')
    expect(came(await closed.ask('GET', '/posts', undefined, 'bob'))).toBe('hit')
    const each = cachedApp(db, [resource('posts', { table: posts, cache: { varyOnUser: true } })], { people })
    await each.ask('GET', '/posts', undefined, 'ann')
    expect(came(await each.ask('GET', '/posts', undefined, 'bob'))).not.toBe('hit')
  })
})

describe('words of one route', () => {
  both('go before those of the resource, and may take it out', [posts], async (db) => {
    await fill(db)
    const { ask } = cachedApp(db, [
      resource('posts', { table: posts, cache: true, options: { list: { cache: false } } }),
      resource('boxes', {
        table: posts,
        permissions: 'posts',
        options: { get: { cache: { ttl: '1m', tags: ['more'] } } },
      }),
    ])
    const from = async (at: string) => {
      await ask('GET', at)
      return came(await ask('GET', at))
    }
    expect([await from('/posts'), await from('/posts/1')]).toEqual(['', 'hit'])
    expect([await from('/boxes'), await from('/boxes/1')]).toEqual(['', 'hit'])
    const { service } = resource('posts', { table: posts })
    await service.update('1', { title: 'new' }, { db })
    for (const at of ['/posts/1', '/boxes/1']) expect((await ask('GET', at)).body.title).toBe('new')
  })

  const wrong = (options: object): string => {
    try {
      resource('posts', { table: posts, ...options } as never)
      return ''
    } catch (error) {
      return String(error)
    }
  }
  const scope = () => ({ ownerId: 'ann' })
  test.each([
    ['shared', { scope, cache: { shared: true } }],
    ['shared', { owner: 'ownerId', cache: { shared: true } }],
    ['shared', { fields: { cost: { read: 'posts:cost' } }, cache: { shared: true } }],
    ['varyOnUser: false', { scope, cache: { varyOnUser: false } }],
    ['varyOnUser: false', { list: { scope: ownRows('posts:read', 'ownerId') }, cache: { varyOnUser: false } }],
    ['varyOnPermissions: false', { owner: 'ownerId', cache: { varyOnPermissions: false } }],
    ['varyOnPermissions: false', { fields: { cost: { read: 'posts:cost' } }, cache: { varyOnPermissions: false } }],
    ['shared', { scope, options: { get: { cache: { shared: true } } } }],
    ['not create', { options: { create: { cache: {} } } }],
  ] as const)('%s is refused where it would show rows to others', (word, options) => {
    const said = wrong(options)
    expect(said).toContain('TypeError: resource "posts": cache: ')
    expect(said).toContain(word)
    expect(said).toContain('take')
  })

  test('what is safe is not refused', () => {
    for (const options of [
      { cache: { shared: true } },
      { tenant: 'tenantId', cache: { shared: true } },
      { scope, cache: { varyOnUser: true, varyOnPermissions: true } },
    ] satisfies { readonly cache: ResourceCache; readonly [word: string]: unknown }[])
      expect(wrong(options)).toBe('')
  })
})

describe('two processes', () => {
  const processes = async (
    url: string,
    db: Database,
    run: (ask: ReturnType<typeof cachedApp>['ask'][]) => Promise<void>,
  ) => {
    const prefix = `${randomName()}:`
    const dbs = [db, openDatabase({ url })]
    const all = dbs.map((database) => {
      const redis = openRedis({ url: redisUrl, prefix, deadline: '5s' })
      const announcements = redisAnnouncements(redis)
      return { announcements, redis, ...cachedApp(database, [api({ bulk: {} })], { redis, announcements }) }
    })
    await run(all.map(({ ask }) => ask))
    for (const { announcements } of all) await announcements.close()
    const keys = (await all[0]!.redis.run(['KEYS', `${prefix}*`])) as string[]
    if (keys.length > 0) await all[0]!.redis.run(['DEL', ...keys])
    for (const { redis } of all) await redis.close()
    await dbs[1]!.close()
  }
  const told = (url: string, db: Database) =>
    processes(url, db, async ([ask, other]) => {
      const { id } = (await ask!('POST', '/items', { sku: 'a', name: '0' })).body
      const path = `/items/${id}`
      for (let n = 1; n <= 20; n++) {
        const [writer, reader] = n % 2 ? [ask!, other!] : [other!, ask!]
        for (const one of [writer, reader]) for (let i = 0; i < 2; i++) await one('GET', path)
        expect(came(await reader('GET', path))).toBe('hit')
        const sent =
          n % 3 ? ['PATCH', path, { name: `${n}` }] : ['PATCH', '/items/bulk', { items: [{ id, name: `${n}` }] }]
        expect((await writer(...(sent as ['PATCH', string, object]))).status).toBe(200)
        for (const one of [reader, writer]) {
          expect((await one('GET', path)).body.name).toBe(`${n}`)
          expect(names(await one('GET', '/items'))).toEqual([`${n}`])
        }
      }
    })
  withRedis.test('hear of each other’s writes (SQLite)', () =>
    withDatabase('SQLite file', [items], (db, url) => told(url, db)),
  )
  if (withPostgres.available)
    withRedis.test('hear of each other’s writes (PostgreSQL)', () =>
      withDatabase('PostgreSQL', [items], (db, url) => told(url, db)),
    )
})
