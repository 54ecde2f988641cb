import type { Database } from '#core/ports/database'
import type { Principal } from '#core/scope'
import { describe, expect, test } from '#test'
import { accountsService } from '../../../plugins/accounts/index.ts'
import { openDatabase } from '../../../plugins/database/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { password } from './app.ts'
import { claimsOf, House, notes, pair, tables } from './house.ts'

describe('who acts for a user', () => {
  both(
    'cannot change their password, e-mail, keys, sessions, nor anybody’s roles and permissions',
    tables,
    async (db) => {
      const house = new House(db)
      const admin = await house.person('ann', '*')
      const boss = await house.person('boss', '*')
      const clerk = await house.person('clerk', 'products:read')
      const { id: keyId } = await house.service.apiKeys.create(boss.id, { name: 'x', scopes: ['*'] }, 'system')
      const role = await house.service.createRole({ name: 'some' }, 'system')
      const token = await house.acting(admin, boss)
      const refused: readonly [string, string, object?][] = [
        ['PATCH', `/users/${boss.id}`, { password: 'now it is mine' }],
        ['PATCH', `/users/${boss.id}`, { email: 'mine@example.com' }],
        ['PATCH', `/users/${clerk.id}`, { name: 'x' }],
        ['POST', '/users', { email: 'new@example.com', password }],
        ['POST', `/users/${clerk.id}/deactivate`],
        ['POST', `/users/${clerk.id}/activate`],
        ['PUT', `/users/${clerk.id}/roles`, { roles: [] }],
        ['POST', '/roles', { name: 'mine' }],
        ['PATCH', `/roles/${role.id}`, { name: 'mine' }],
        ['PUT', `/roles/${role.id}/permissions`, { permissions: ['*'] }],
        ['DELETE', `/roles/${role.id}`],
        ['GET', '/users/me/api-keys'],
        ['POST', '/users/me/api-keys', { name: 'mine', scopes: ['*'] }],
        ['PATCH', `/users/me/api-keys/${keyId}`, { name: 'mine' }],
        ['POST', `/users/me/api-keys/${keyId}/rotate`, {}],
        ['DELETE', `/users/me/api-keys/${keyId}`],
        ['GET', `/users/${clerk.id}/api-keys`],
        ['DELETE', `/users/${boss.id}/api-keys/${keyId}`],
        ['POST', `/users/${clerk.id}/impersonate`, { reason: 'chain' }],
        ['GET', '/users/me/security-events'],
        ['POST', '/close-account'],
      ]
      for (const [method, path, body] of refused) {
        const answer = await house.ask(method, path, token, body)
        expect([method, path, answer.status, answer.body.code]).toEqual([
          method,
          path,
          403,
          'KWIK_ACCOUNTS_IMPERSONATED',
        ])
      }
      expect(await house.events('impersonation.refused')).toHaveLength(refused.length)
      for (const [method, path] of [
        ['POST', '/auth/logout-all'],
        ['DELETE', `/auth/sessions/${claimsOf(boss.token).sid}`],
      ] as const)
        expect([path, (await house.ask(method, path, token)).status]).toEqual([path, 403])
      expect((await house.ask('POST', '/users/me/api-keys', token, '{')).status).toBe(403)
      expect((await house.ask('GET', '/users', token)).status).toBe(200)
      expect((await house.ask('POST', '/close-account', boss.token)).status).toBe(200)
      expect(await house.status(boss.token)).toBe(200)
    },
  )

  both('cannot do that by the service either, whatever route calls it', tables, async (db) => {
    const house = new House(db)
    const boss = await house.person('boss', '*')
    const acting: Principal = {
      ...{ id: boss.id, via: 'bearer', user: { id: boss.id }, permissions: new Set(['*']) },
      ...{ actor: { id: 'ann' }, sessionId: 's' },
    }
    const { service } = house
    const role = await service.createRole({ name: 'some' }, 'system')
    for (const work of [
      () => service.createUser({ email: 'new@example.com', password }, acting),
      () => service.updateUser(boss.id, { name: 'x' }, acting),
      () => service.deactivateUser(boss.id, acting),
      () => service.setRoles(boss.id, [], acting),
      () => service.createRole({ name: 'mine' }, acting),
      () => service.updateRole(role.id, { name: 'mine' }, acting),
      () => service.setPermissions(role.id, ['*'], acting),
      () => service.deleteRole(role.id, acting),
      () => service.apiKeys.create(boss.id, { name: 'x', scopes: ['*'] }, acting),
      () => service.impersonate(acting, boss.id, { reason: 'chain' }),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'KWIK_ACCOUNTS_IMPERSONATED' })
    expect((await house.events('impersonation.refused')).map(({ details }) => details)).toEqual([{ reason: 'chain' }])
  })

  both('is told: who, for whom, why, for how long, in which session', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    const token = await house.acting(admin, bob, { reason: ' the invoice of May \n', ttl: '5m' })
    expect(await house.events('impersonation.started')).toMatchObject([
      {
        ...{ userId: bob.id, actorId: admin.id, sessionId: claimsOf(token).sid },
        details: { reason: 'the invoice of May', seconds: 300 },
      },
    ])
    const mine = (await house.ask('GET', '/users/me/security-events?type=impersonation.started', bob.token)).body
    expect(mine.data).toMatchObject([{ actorId: admin.id, details: { reason: 'the invoice of May' } }])
  })

  both('is known to the history of rows; their author is the user', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    const token = await house.acting(admin, bob)
    const { id } = (await house.ask('POST', '/notes', token, { text: 'for Bob' })).body
    const [row] = await db.drizzle.select().from(notes.for(db))
    expect([row!.createdBy, row!.updatedBy]).toEqual([bob.id, bob.id])
    const { data } = (await house.ask('GET', `/notes/${id}/history`, admin.token)).body
    expect(data).toMatchObject([{ actorId: bob.id, impersonatorId: admin.id }])
  })

  both('is not there where that cannot be told', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    await db.execute('drop table security_events')
    expect((await house.impersonate(admin.token, bob.id)).status).toBe(500)
    const [rows] = await db.values('select count(*) from sessions where actor_id is not null')
    expect(Number(rows![0])).toBe(0)
  })
})

describe('GET /auth/impersonation', () => {
  both('says who the caller is, who acts, since when, until when and why', tables, async (db) => {
    const now = Date.UTC(2026, 0, 1, 12)
    const house = new House(db, { clock: { now: () => now } })
    const { admin, bob } = await pair(house)
    const own = await house.ask('GET', '/auth/impersonation', bob.token)
    expect(own.body).toEqual({ impersonating: false, user: { id: bob.id, email: bob.email } })
    const acting = await house.ask('GET', '/auth/impersonation', await house.acting(admin, bob))
    expect(acting.body).toEqual({
      impersonating: true,
      user: { id: bob.id, email: bob.email },
      actor: { id: admin.id, email: admin.email },
      since: '2026-01-01T12:00:00.000Z',
      until: '2026-01-01T12:15:00.000Z',
      reason: 'ticket 7',
    })
    expect((await house.ask('GET', '/auth/impersonation')).status).toBe(401)
  })
})

both('with cookies the refresh cookie of whoever acts stays, and leads them back', tables, async (db) => {
  const house = new House(db, { cookies: true })
  const { bob } = await pair(house)
  const login = await house.ask('POST', '/auth/login', undefined, { email: 'ann@example.com', password })
  const cookies = login.headers.getSetCookie().map((line) => line.split(';')[0]!)
  expect(cookies).toHaveLength(2)
  const headers = { cookie: cookies.join('; '), 'sec-fetch-site': 'same-origin', origin: 'http://localhost' }
  const acting = await house.impersonate(headers, bob.id)
  expect([acting.status, acting.headers.getSetCookie().length]).toEqual([200, 1])
  expect(acting.headers.getSetCookie()[0]!.split('=')[0]).toBe(cookies[0]!.split('=')[0])
})

describe('impersonation', () => {
  both('can be switched off', tables, async (db) => {
    const house = new House(db, { impersonation: false })
    const { admin, bob } = await pair(house)
    expect((await house.impersonate(admin.token, bob.id)).status).toBe(404)
    expect((await house.ask('GET', '/auth/impersonation', admin.token)).status).toBe(404)
    expect(() => accountsService(db, { impersonation: { ttl: '2h' } })).toThrow('impersonation.ttl')
  })

  const elsewhere = async (db: Database, second: Database) => {
    const [here, there] = [new House(db), new House(second)]
    const { admin, bob } = await pair(here)
    const [one, two] = [await here.acting(admin, bob), await here.acting(admin, bob)]
    expect([await there.status(one), await there.status(two)]).toEqual([200, 200])
    await here.ask('POST', '/auth/stop-impersonating', one)
    expect([await there.status(one), await there.status(two)]).toEqual([401, 200])
    await here.service.setRoles(admin.id, [], 'system')
    expect(await there.status(two)).toBe(401)
  }
  const withSecond = (db: Database, url: string) => {
    const second = openDatabase({ url })
    return elsewhere(db, second).finally(() => second.close())
  }
  test('ends on a platform beside it at once (SQLite file)', () => withDatabase('SQLite file', tables, withSecond))
  withPostgres.test('ends on a platform beside it at once (PostgreSQL)', () =>
    withDatabase('PostgreSQL', tables, withSecond),
  )
})
