import { eq } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { describe, expect, test } from '#test'
import {
  accountPermissions,
  accounts,
  accountsService,
  apiKeys,
  type MadeApiKey,
} from '../../../plugins/accounts/index.ts'
import { openDatabase } from '../../../plugins/database/index.ts'
import { permissions } from '../../../plugins/permissions/index.ts'
import { rateLimit } from '../../../plugins/rate-limit/index.ts'
import { tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { accountTables, keepingLines, Office, quick } from './app.ts'
import { events, keyOf, mine, signed, withKey } from './keys.ts'

describe('use', () => {
  both('is noted once a minute at most, and told once an hour', accountTables, async (db) => {
    let now = Date.UTC(2026, 0, 1, 12, 0, 0)
    const clock = { now: () => now }
    const office = new Office(db, { hashing: quick, clock })
    const bob = await office.person('bob@example.com', 'products:read')
    const { id, key } = await keyOf(office, bob.token, ['products:read'])
    const k = apiKeys.for(db)
    const usedAt = async (ms: number) => {
      now += ms
      await Promise.all(Array.from({ length: 5 }, () => office.ask('GET', '/products', withKey(key))))
      await office.service.apiKeys.settled()
      const [row] = await db.drizzle.select({ at: k.lastUsedAt }).from(k).where(eq(k.id, id))
      return row!.at?.toISOString().slice(11, 19)
    }
    expect(await usedAt(0)).toBe('12:00:00')
    expect(await usedAt(59_999)).toBe('12:00:00')
    expect(await usedAt(1)).toBe('12:01:00')
    expect(await events(office, 'api-key.used')).toEqual([{ keyId: id }])
    expect(await usedAt(58 * 60_000)).toBe('12:59:00')
    expect(await events(office, 'api-key.used')).toHaveLength(1)
    expect(await usedAt(60_000)).toBe('13:00:00')
    expect(await events(office, 'api-key.used')).toHaveLength(2)
    // Another process knows it from the row.
    const other = new Office(db, { hashing: quick, clock })
    now += 30_000
    await other.ask('GET', '/products', withKey(key))
    await other.service.apiKeys.settled()
    expect(await usedAt(0)).toBe('13:00:00')
  })

  both('by two processes at once is noted and told by one', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    const offices = Array.from({ length: 4 }, () => new Office(db, { hashing: quick }))
    await Promise.all(offices.map((one) => one.ask('GET', '/products', withKey(key))))
    await Promise.all(offices.map((one) => one.service.apiKeys.settled()))
    expect(await events(office, 'api-key.used')).toHaveLength(1)
  })

  both('tells who, by which key and from where', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const { id, key } = await keyOf(office, bob.token, ['products:read'])
    await office.ask('GET', '/products', { ...withKey(key), 'user-agent': 'robot' })
    await office.service.apiKeys.settled()
    const [used] = (await office.service.securityEvents.list({ type: 'api-key.used' })).data
    expect(used).toMatchObject({ userId: bob.id, actorId: bob.id, apiKeyId: id, userAgent: 'robot' })
  })

  both('that fails to be noted fails no request', accountTables, async (db) => {
    const { logger, lines } = keepingLines()
    const office = new Office(db, { hashing: quick, logger })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    await db.execute('drop table security_events')
    expect((await office.ask('GET', '/products', withKey(key))).status).toBe(200)
    await office.service.apiKeys.settled()
    expect(lines.some(({ level }) => level === 'error')).toBe(true)
  })

  both('of a key that is over is told with the reason, once a minute', accountTables, async (db) => {
    let now = Date.now()
    const office = new Office(db, { hashing: quick, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    const revoked = await keyOf(office, bob.token, ['products:read'])
    const expired = await keyOf(office, bob.token, ['products:read'], { expiresAt: new Date(now + 1000).toISOString() })
    const left = await keyOf(office, bob.token, ['products:read'])
    await office.ask('DELETE', `${mine}/${revoked.id}`, bob.token)
    now += 1001
    await office.ask('GET', '/products', withKey(revoked.key))
    await office.ask('GET', '/products', withKey(revoked.key))
    await office.ask('GET', '/products', withKey(expired.key))
    await office.service.deactivateUser(bob.id, 'system')
    await office.ask('GET', '/products', withKey(left.key))
    // Whoever does not have the secret writes nothing.
    await office.ask('GET', '/products', withKey(await signed(`${left.key.slice(0, 38)}${'x'.repeat(43)}`)))
    const told = await events(office, 'api-key.refused')
    expect(told).toHaveLength(3)
    expect(told).toContainEqual({ keyId: revoked.id, reason: 'revoked' })
    expect(told).toContainEqual({ keyId: expired.id, reason: 'expired' })
    expect(told).toContainEqual({ keyId: left.id, reason: 'owner' })
    now += 60_000
    await office.ask('GET', '/products', withKey(revoked.key))
    expect(await events(office, 'api-key.refused')).toHaveLength(4)
  })
})

describe('a platform beside another over the same database', () => {
  const revoke = async (db: Database, second: Database) => {
    const [here, there] = [new Office(db, { hashing: quick }), new Office(second, { hashing: quick })]
    const bob = await here.person('bob@example.com', 'products:read')
    const [one, two, three] = [
      await keyOf(here, bob.token, ['products:read']),
      await keyOf(here, bob.token, ['products:read']),
      await keyOf(here, bob.token, ['products:read']),
    ]
    const statuses = async () => {
      const seen = []
      for (const { key } of [one, two, three]) seen.push((await there.ask('GET', '/products', withKey(key))).status)
      return seen
    }
    expect(await statuses()).toEqual([200, 200, 200])
    await here.ask('DELETE', `${mine}/${one.id}`, bob.token)
    expect(await statuses()).toEqual([401, 200, 200])
    await here.ask('POST', `${mine}/${two.id}/rotate`, bob.token, { overlap: 0 })
    expect(await statuses()).toEqual([401, 401, 200])
    await there.service.apiKeys.settled()
  }

  test('refuses a key at once that was ended there (SQLite file)', () =>
    withDatabase('SQLite file', accountTables, async (db, url) => {
      const second = openDatabase({ url })
      try {
        await revoke(db, second)
      } finally {
        await second.close()
      }
    }))
  withPostgres.test('refuses a key at once that was ended there (PostgreSQL)', () =>
    withDatabase('PostgreSQL', accountTables, async (db, url) => {
      const second = openDatabase({ url })
      try {
        await revoke(db, second)
      } finally {
        await second.close()
      }
    }),
  )
})

both('rateLimit by apiKey counts each key of a user for itself', accountTables, async (db) => {
  const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
  const service = accountsService(db, { hashing: quick, permissions: accountPermissions })
  const app = new Elysia()
    .use(core({ signals: false }))
    .use(tokens({ secret, principals: service.principals }))
    .use(permissions({ declared: accountPermissions }))
    .use(accounts({ service, tokens: tokenService({ secret }) }))
    .use(rateLimit())
    .get('/limited', () => 'ok', { auth: true, rateLimit: { limit: 1, per: '1m', by: 'apiKey' } })
  const { id } = await service.createAdmin({ email: 'ann@example.com', password: 'correct horse battery' })
  const [one, two] = [
    await service.apiKeys.create(id, { name: 'one', scopes: ['*'] }, 'system'),
    await service.apiKeys.create(id, { name: 'two', scopes: ['*'] }, 'system'),
  ]
  const status = async ({ key }: MadeApiKey) =>
    (await app.handle(new Request('http://localhost/limited', { headers: withKey(key) }))).status
  expect([await status(one), await status(two), await status(one), await status(two)]).toEqual([200, 200, 429, 429])
  await service.apiKeys.settled()
})

both('apiKeys: false knows no keys, and has no routes for them', accountTables, async (db) => {
  const [office, off] = [new Office(db, { hashing: quick }), new Office(db, { hashing: quick, apiKeys: false })]
  const bob = await office.person('bob@example.com', 'products:read')
  const { key } = await keyOf(office, bob.token, ['products:read'])
  expect((await off.ask('GET', '/products', withKey(key))).body.code).toBe('KWIK_UNAUTHENTICATED')
  expect((await off.ask('GET', mine, bob.token)).status).toBe(404)
  await expect(off.service.apiKeys.create(bob.id, { name: 'x', scopes: ['*'] }, 'system')).rejects.toThrow(
    'switched off',
  )
  expect(() => accountsService(db, { apiKeys: { perUser: 0 } })).toThrow('apiKeys.perUser')
})
