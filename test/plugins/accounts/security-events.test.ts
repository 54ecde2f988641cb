import { sql } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { currentScope } from '#core/context'
import { uuidv7 } from '#core/internal/uuid'
import type { SecurityEvent } from '#core/ports/security-events'
import { Scope } from '#core/scope'
import { describe, expect } from '#test'
import { type StoredSecurityEvent, securityEvents } from '../../../plugins/accounts/index.ts'
import { both } from '../../services.ts'
import { accountTables, keepingLines, Office, password, quick } from './app.ts'

const failed: SecurityEvent = { type: 'login.failed', details: { reason: 'unknown' } }
/** After everything that was begun behind the caller. */
const soon = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('actions of accounts', () => {
  both('are told with who did them, to whom and what changed', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const admin = await office.admin()
    const told = async (type: StoredSecurityEvent['type']) =>
      (await office.service.securityEvents.list({ type })).data.map(({ userId, actorId, details }) => ({
        userId,
        actorId,
        details,
      }))
    const made = await office.ask('POST', '/users', admin.token, { email: 'bob@example.com', password })
    const { id: userId } = made.body
    const actorId = admin.id
    expect((await told('user.created'))[0]).toEqual({ userId, actorId, details: { by: 'administrator' } })
    expect((await told('user.created'))[1]).toEqual({ userId: admin.id, actorId: null, details: { by: 'system' } })

    const role = (await office.ask('POST', '/roles', admin.token, { name: 'editor' })).body
    await office.ask('PUT', `/roles/${role.id}/permissions`, admin.token, { permissions: ['products:*'] })
    await office.ask('PUT', `/roles/${role.id}/permissions`, admin.token, { permissions: ['products:read'] })
    expect(await told('permissions.changed')).toMatchObject([
      { actorId, details: { role: 'editor', added: ['products:read'], removed: ['products:*'] } },
      { actorId, details: { role: 'editor', added: ['products:*'], removed: [] } },
      { actorId: null, details: { role: 'admin', added: ['*'], removed: [] } },
    ])

    await office.ask('PUT', `/users/${userId}/roles`, admin.token, { roles: ['editor'] })
    await office.ask('PUT', `/users/${userId}/roles`, admin.token, { roles: ['editor'] })
    await office.ask('PUT', `/users/${userId}/roles`, admin.token, { roles: [] })
    expect((await told('roles.changed')).slice(0, 2)).toEqual([
      { userId, actorId, details: { added: [], removed: ['editor'] } },
      { userId, actorId, details: { added: ['editor'], removed: [] } },
    ])
    expect(await told('roles.changed')).toHaveLength(3)

    for (const change of [
      { isActive: false },
      { isActive: false, description: 'x' },
      { name: 'author', isActive: true },
    ])
      await office.ask('PATCH', `/roles/${role.id}`, admin.token, change)
    expect(await told('role.changed')).toEqual([
      { userId: null, actorId, details: { role: 'author', from: 'editor', isActive: true } },
      { userId: null, actorId, details: { role: 'editor', isActive: false } },
    ])
    await office.ask('PATCH', `/roles/${role.id}`, admin.token, { name: 'editor' })

    await office.ask('DELETE', `/roles/${role.id}`, admin.token)
    expect(await told('role.deleted')).toEqual([{ userId: null, actorId, details: { role: 'editor' } }])

    await office.ask('POST', `/users/${userId}/deactivate`, admin.token)
    await office.ask('POST', `/users/${userId}/activate`, admin.token)
    expect(await told('user.deactivated')).toEqual([{ userId, actorId, details: {} }])
    expect(await told('user.activated')).toEqual([{ userId, actorId, details: {} }])
  })

  both('are not told when they are refused or taken back', accountTables, async (db) => {
    const lines = keepingLines()
    const seen: string[] = []
    const office = new Office(db, {
      hashing: quick,
      logger: lines.logger,
      onSecurityEvent: ({ type }) => void seen.push(type),
    })
    const admin = await office.admin()
    await soon()
    const before = [lines.lines.length, seen.length]
    expect((await office.ask('POST', `/users/${admin.id}/deactivate`, admin.token)).status).toBe(409)
    const rollBack = db.tx(async () => {
      await office.service.createUser({ email: 'bob@example.com', password }, 'system')
      throw new Error('never')
    })
    await expect(rollBack).rejects.toThrow('never')
    await soon()
    expect((await office.service.securityEvents.list({ type: 'user.deactivated' })).data).toEqual([])
    expect((await office.service.securityEvents.list({ type: 'user.created' })).data).toHaveLength(1)
    expect([lines.lines.length, seen.length]).toEqual(before)
  })

  both('tell of sign-ins, and of those that failed, why', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com')
    const list = async (type: 'login.failed' | 'login.succeeded') =>
      (await office.service.securityEvents.list({ type })).data.map(({ userId, details }) => [userId, details])
    await office.login('bob@example.com')
    await office.login('bob@example.com', 'wrong')
    await office.login('nobody@example.com')
    await office.service.deactivateUser(bob.id, 'system')
    await office.login('bob@example.com')
    expect(await list('login.succeeded')).toEqual([[bob.id, { method: 'password' }]])
    expect(await list('login.failed')).toEqual([
      [bob.id, { reason: 'disabled' }],
      [null, { reason: 'unknown' }],
      [bob.id, { reason: 'password' }],
    ])
  })
})

describe('an event', () => {
  both('knows its request: address, user agent, id, caller, session, key, tenant', accountTables, async (db) => {
    const office = new Office(db)
    const scope = new Scope(
      new Request('http://localhost/', { headers: { 'user-agent': `browser ${'x'.repeat(1000)}` } }),
    )
    scope.id = 'request-1'
    scope.tenant = 'acme'
    scope.principal = {
      ...{ id: 'bob', via: 'bearer', user: { id: 'bob' }, permissions: new Set(), actor: { id: 'ann' } },
      ...{ sessionId: 'session-1', apiKeyId: 'key-1' },
    }
    await office.service.securityEvents.record(failed, scope)
    const [event] = (await office.service.securityEvents.list()).data
    expect(event).toMatchObject({
      ...{ actorId: 'ann', sessionId: 'session-1', apiKeyId: 'key-1', requestId: 'request-1', tenant: 'acme' },
      ...{ userId: null, address: null, type: 'login.failed', details: { reason: 'unknown' } },
    })
    expect(event!.userAgent).toHaveLength(255)
    expect(event!.userAgent).toMatch(/^browser xxx/)
  })

  both('finds the request that it is told in', accountTables, async (db) => {
    const office = new Office(db)
    const app = new Elysia().use(core({ signals: false })).get(
      '/',
      async () => {
        currentScope()!.id = 'request-2'
        await office.service.securityEvents.record(failed)
        return 'told'
      },
      { public: true },
    )
    await app.handle(new Request('http://localhost/', { headers: { 'user-agent': 'curl' } }))
    expect((await office.service.securityEvents.list()).data).toMatchObject([
      { requestId: 'request-2', userAgent: 'curl' },
    ])
  })

  both('has no secret in it, wherever somebody put one', accountTables, async (db) => {
    const lines = keepingLines()
    const office = new Office(db, { logger: lines.logger })
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'
    const key = `kwik_${'0'.repeat(32)}_${'s'.repeat(49)}`
    const details = {
      reason: `with ${key}, ${jwt} and a NUL\0 and half a \ud83d`,
      seconds: 1,
      password: 'hunter2',
      accessToken: 'hunter2',
      list: [key],
      inside: { clientSecret: 'hunter2' },
    }
    await office.service.securityEvents.record({ type: 'impersonation.started', details })
    const [event] = (await office.service.securityEvents.list()).data
    expect(event!.details).toEqual({
      reason: 'with ***, *** and a NUL and half a \ufffd',
      seconds: 1,
      password: '***',
      accessToken: '***',
      list: ['***'],
      inside: { clientSecret: '***' },
    })
    for (const secret of ['hunter2', jwt, key]) expect(JSON.stringify(lines.lines)).not.toContain(secret)
  })

  both('is one line of the log, loud when somebody was refused', accountTables, async (db) => {
    const { logger, lines } = keepingLines()
    const office = new Office(db, { logger })
    await office.service.securityEvents.record(failed)
    await office.service.securityEvents.record({
      type: 'login.succeeded',
      userId: 'bob',
      actorId: 'bob',
      details: { method: 'password' },
    })
    await office.service.securityEvents.record({ type: 'user.created', userId: 'bob', details: { by: 'system' } })
    expect(lines).toMatchObject([
      { level: 'warning', message: 'security: login.failed', properties: { details: { reason: 'unknown' } } },
      { level: 'info', message: 'security: login.succeeded', properties: { userId: 'bob' } },
      { level: 'debug', message: 'security: user.created', properties: { userId: 'bob' } },
    ])
    expect(Object.keys(lines[0]!.properties)).toEqual(['event', 'id', 'details'])
  })

  both('is told in a transaction only when that is committed', accountTables, async (db) => {
    const { logger, lines } = keepingLines()
    const seen: StoredSecurityEvent[] = []
    const office = new Office(db, { logger, onSecurityEvent: (event) => void seen.push(event) })
    await db.tx(async () => {
      await office.service.securityEvents.record(failed)
      await soon()
      expect([lines.length, seen.length]).toEqual([0, 0])
    })
    await soon()
    expect([lines.length, seen.length]).toEqual([1, 1])
    expect(seen).toEqual([...(await office.service.securityEvents.list()).data])
  })

  both('that cannot be stored never fails the work outside a transaction', [], async (db) => {
    const { logger, lines } = keepingLines()
    const seen: string[] = []
    const office = new Office(db, { logger, onSecurityEvent: ({ type }) => void seen.push(type) })
    await office.service.securityEvents.record(failed)
    await soon()
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'a security event could not be stored'],
      ['warning', 'security: login.failed'],
    ])
    expect(seen).toEqual(['login.failed'])
  })

  both('that cannot be stored takes its transaction back', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    await db.execute('drop table security_events')
    await expect(office.service.createUser({ email: 'bob@example.com', password }, 'system')).rejects.toThrow()
    expect((await office.service.listUsers()).data).toEqual([])
  })
})

describe('onSecurityEvent', () => {
  both('is waited for by nobody, and what it throws is logged', accountTables, async (db) => {
    const { logger, lines } = keepingLines()
    let go = (): void => {}
    const gate = new Promise<void>((open) => {
      go = open
    })
    const office = new Office(db, {
      logger,
      onSecurityEvent: async () => {
        await gate
        throw new Error('the audit server is away')
      },
    })
    await office.service.securityEvents.record(failed)
    expect(lines.map(({ level }) => level)).toEqual(['warning'])
    go()
    await soon()
    expect(lines[1]).toEqual({
      level: 'error',
      message: 'onSecurityEvent failed',
      properties: { event: 'login.failed', error: 'the audit server is away' },
    })
  })

  both('may throw at once, too', accountTables, async (db) => {
    const { logger, lines } = keepingLines()
    const throws = () => {
      throw new Error('no')
    }
    const office = new Office(db, { logger, onSecurityEvent: throws })
    await office.service.securityEvents.record(failed)
    await soon()
    expect(lines.map(({ level }) => level)).toEqual(['warning', 'error'])
  })
})

describe('events are kept', () => {
  const year = 365 * 86_400_000
  both('for a year, or as long as the app says', accountTables, async (db) => {
    let now = Date.UTC(2026, 0, 1)
    const clock = { now: () => now }
    const forever = new Office(db, { clock, eventsKeptFor: false })
    const office = new Office(db, { clock })
    const count = async () => (await office.service.securityEvents.list({ limit: 100 })).data.length
    await office.service.securityEvents.record(failed)
    now += year - 1
    await office.service.securityEvents.record(failed)
    await soon()
    expect(await count()).toBe(2)
    now += 3_600_001
    await forever.service.securityEvents.record(failed)
    await soon()
    expect(await count()).toBe(3)
    await office.service.securityEvents.record(failed)
    await soon()
    expect(await count()).toBe(3)
  })

  both('and deleted a thousand at a time', accountTables, async (db) => {
    const old = new Date(0)
    const rows = Array.from({ length: 2500 }, (_, n) => ({
      ...{ id: uuidv7(n), at: old, type: 'login.failed', details: {} },
      ...{ userId: null, actorId: null, sessionId: null, apiKeyId: null },
      ...{ address: null, userAgent: null, requestId: null, tenant: null },
    }))
    const e = securityEvents.for(db)
    for (let at = 0; at < rows.length; at += 500) await db.drizzle.insert(e).values(rows.slice(at, at + 500))
    const office = new Office(db)
    const left = []
    for (let round = 0; round < 4; round++) {
      await office.service.securityEvents.record(failed)
      await new Promise((resolve) => setTimeout(resolve, 50))
      const [row] = await db.drizzle.select({ rows: sql<number>`count(*)` }).from(e)
      left.push(Number(row!.rows))
    }
    expect(left).toEqual([1501, 502, 3, 4])
  })
})

describe('GET /security-events', () => {
  both('lists the newest first, in pages that keep the filters', accountTables, async (db) => {
    let now = Date.UTC(2026, 0, 1)
    const office = new Office(db, { hashing: quick, clock: { now: () => now } })
    const admin = await office.admin()
    const bob = await office.person('bob@example.com')
    for (let n = 0; n < 5; n++) {
      now += 1000
      await office.service.securityEvents.record({ ...failed, userId: bob.id })
      await office.service.securityEvents.record({
        type: 'login.succeeded',
        userId: bob.id,
        details: { method: 'password' },
      })
    }
    const query = `type=login.failed&userId=${bob.id.toUpperCase()}`
    const first = await office.ask('GET', `/security-events?${query}&limit=2`, admin.token)
    expect(first.status).toBe(200)
    expect(first.body.data.map((event: { at: string }) => event.at)).toEqual([
      '2026-01-01T00:00:05.000Z',
      '2026-01-01T00:00:04.000Z',
    ])
    const next = /<([^>]*)>; rel="next"/.exec(first.headers.get('link')!)![1]!
    expect(next).toContain(`?${query}&limit=2&after=`)
    const second = await office.ask('GET', next, admin.token)
    expect(second.body.data.map((event: { at: string }) => event.at.slice(17, 19))).toEqual(['03', '02'])
    const back = /<([^>]*)>; rel="prev"/.exec(second.headers.get('link')!)![1]!
    expect((await office.ask('GET', back, admin.token)).body.data).toEqual(first.body.data)
    const since = `/security-events?since=2026-01-01T01:00:04%2B01:00&type=login.failed`
    expect((await office.ask('GET', since, admin.token)).body.data).toHaveLength(2)
  })

  both('needs its permission', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const clerk = await office.person('clerk@example.com', 'users:*', 'roles:*')
    const reader = await office.person('reader@example.com', 'security-events:read')
    expect((await office.ask('GET', '/security-events')).status).toBe(401)
    expect((await office.ask('GET', '/security-events', clerk.token)).body.detail).toBe('needs security-events:read')
    expect((await office.ask('GET', '/security-events', reader.token)).status).toBe(200)
  })

  both('says what is wrong with a query', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const admin = await office.admin()
    const issues = async (query: string) => {
      const { status, body } = await office.ask('GET', `/security-events?${query}`, admin.token)
      return [
        status,
        ...body.errors.map((issue: { code: string; parameter: string }) => `${issue.parameter} ${issue.code}`),
      ]
    }
    expect(await issues('type=login')).toEqual([400, 'type wrong-format'])
    expect(await issues('type=loginXfailed')).toEqual([400, 'type wrong-format'])
    expect(await issues('user=1')).toEqual([400, 'user unknown-parameter'])
    expect(await issues('userId=1&limit=0')).toEqual([400, 'userId wrong-format', 'limit wrong-format'])
    expect(await issues('since=yesterday')).toEqual([400, 'since wrong-format'])
    expect(await issues('since=2026-13-45T00:00:00Z')).toEqual([400, 'since wrong-format'])
    expect(await issues('constructor=1')).toEqual([400, 'constructor unknown-parameter'])
  })
})

both('GET /users/me/security-events shows what concerns the caller, and no one else', accountTables, async (db) => {
  const office = new Office(db, { hashing: quick })
  const [bob, eve] = [await office.person('bob@example.com'), await office.person('eve@example.com')]
  await office.login('bob@example.com')
  const mine = await office.ask('GET', '/users/me/security-events?type=login.succeeded', bob.token)
  expect(mine.body.data).toMatchObject([{ type: 'login.succeeded', userId: bob.id }])
  const all = await office.ask('GET', '/users/me/security-events', eve.token)
  expect(all.body.data.every((event: { userId: string }) => event.userId === eve.id)).toBe(true)
  expect((await office.ask('GET', `/users/me/security-events?userId=${bob.id}`, eve.token)).status).toBe(400)
  expect((await office.ask('GET', '/users/me/security-events')).status).toBe(401)
})
