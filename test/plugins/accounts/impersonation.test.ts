import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import { createLogger } from 'kwik/logging'
import { historyTable, resource } from 'kwik/resources'
import { tokenTables } from 'kwik/tokens'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import type { Principal } from '#core/scope'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { type AccountsServiceOptions, accountPermissions, accountsService } from '../../../plugins/accounts/index.ts'
import { openDatabase } from '../../../plugins/database/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { type Answer, accountTables, password, quick } from './app.ts'

const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.string(100), ...t.audit() }))
const tables = [...accountTables, ...tokenTables, notes, historyTable()]
const names = [
  'products:read',
  'products:update',
  'notes:read',
  'notes:create',
  'notes:update',
  'notes:delete',
  'notes:history',
] as const

interface Person {
  readonly id: string
  readonly email: string
  readonly token: string
}

/** A whole platform with sessions over a database. */
class House {
  readonly service
  readonly app
  constructor(
    db: Database,
    { clock, cookies, ...options }: AccountsServiceOptions & { clock?: Clock; cookies?: boolean } = {},
  ) {
    this.service = accountsService(db, { permissions: [...names, ...accountPermissions], hashing: quick, ...options })
    const platform = kwik({
      database: db,
      accounts: this.service,
      permissions: names,
      tokens: { secret: '8c1f0d6a3b9e4f72a5d0c6b1e8f39a47', ...(cookies && { refresh: { transport: 'cookie' } }) },
      logging: { logger: createLogger({ write: () => {} }) },
      signals: false,
      ...(clock && { clock }),
    })
    this.app = new Elysia()
      .use(platform)
      .get('/products', ({ user }) => user, { permission: 'products:read' })
      .patch('/products', () => 'changed', { permission: 'products:update' })
      .post('/close-account', () => 'closed', { auth: true, inPerson: true })
      .use(resource('notes', { table: notes, history: true }))
  }

  async ask(
    method: string,
    path: string,
    credential?: string | Record<string, string>,
    body?: unknown,
  ): Promise<Answer> {
    const answer = await this.app.handle(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          ...(typeof credential === 'string' ? { authorization: `Bearer ${credential}` } : credential),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
    const text = await answer.text()
    const json = text.startsWith('{') || text.startsWith('[')
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text }
  }

  async person(name: string, ...grants: string[]): Promise<Person> {
    const email = `${name}@example.com`
    const role = await this.service.createRole({ name: `role of ${name}`, permissions: grants }, 'system')
    const { id } = await this.service.createUser({ email, password, roles: [role.name] }, 'system')
    return { id, email, token: await this.login(email) }
  }

  async login(email: string): Promise<string> {
    return (await this.ask('POST', '/auth/login', undefined, { email, password })).body.accessToken
  }

  impersonate(
    by: string | Record<string, string>,
    target: string,
    body: object = { reason: 'ticket 7' },
  ): Promise<Answer> {
    return this.ask('POST', `/users/${target}/impersonate`, by, body)
  }

  async acting(by: Person, target: Person, body?: object): Promise<string> {
    const answer = await this.impersonate(by.token, target.id, body)
    expect([answer.status, answer.body.detail]).toEqual([200, undefined])
    return answer.body.accessToken
  }

  async status(token: string, path = '/products'): Promise<number> {
    return (await this.ask('GET', path, token)).status
  }

  async events(type: 'impersonation.started' | 'impersonation.stopped' | 'impersonation.refused') {
    return (await this.service.securityEvents.list({ type, limit: 100 })).data
  }
}

/** Somebody who may act for others, and somebody to act for. */
async function pair(house: House): Promise<{ admin: Person; bob: Person }> {
  const admin = await house.person('ann', 'users:*', 'roles:*', 'products:*', 'api-keys:manage', 'notes:*')
  return { admin, bob: await house.person('bob', 'products:read', 'notes:*') }
}

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())

describe('acting for a user', () => {
  both('answers a token of theirs that names who acts, without a refresh token', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    const answer = await house.impersonate(admin.token, bob.id)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(Object.keys(answer.body).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType'])
    const token = answer.body.accessToken
    expect(claimsOf(token)).toMatchObject({ sub: bob.id, act: { sub: admin.id } })
    expect((await house.ask('GET', '/products', token)).body).toMatchObject({ id: bob.id, email: bob.email })
    expect((await house.ask('GET', '/auth/me', token)).body.permissions).toEqual(['notes:*', 'products:read'])
    expect(await house.status(admin.token)).toBe(200)
  })

  both('lasts fifteen minutes, or as long as is asked for: an hour at most', tables, async (db) => {
    let now = Date.now()
    const house = new House(db, { clock: { now: () => now } })
    const { admin, bob } = await pair(house)
    const usual = await house.acting(admin, bob)
    const short = await house.acting(admin, bob, { reason: 'x', ttl: '2m' })
    now += 120_001
    expect([await house.status(short), await house.status(usual)]).toEqual([401, 200])
    now = now - 120_001 + 900_001
    const admins = await house.login(admin.email)
    expect([await house.status(usual), await house.status(admins)]).toEqual([401, 200])
    for (const ttl of ['61m', '0s', 0, 3601, 'soon', '-1m', '1d', null])
      expect([ttl, (await house.impersonate(admins, bob.id, { reason: 'x', ttl })).status]).toEqual([ttl, 422])
    expect((await house.impersonate(admins, bob.id, { reason: 'x', ttl: 3600 })).status).toBe(200)
  })

  both('needs a reason', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    for (const reason of [undefined, '', '   ', 'a\0b', 'x'.repeat(501)])
      expect([reason, (await house.impersonate(admin.token, bob.id, { reason })).status]).toEqual([reason, 422])
  })

  both(
    'is refused with 403: to oneself, without the permission, to somebody stronger, in a chain, by an API key',
    tables,
    async (db) => {
      const house = new House(db)
      const { admin, bob } = await pair(house)
      const clerk = await house.person('clerk', 'users:read', 'users:update', 'products:read')
      const strong = await house.person('eve', 'products:read', 'security-events:read')
      const { key } = await house.service.apiKeys.create(admin.id, { name: 'x', scopes: ['users:*'] }, 'system')
      const acting = await house.acting(admin, bob)
      const refusals = [
        ['self', await house.impersonate(admin.token, admin.id), 'KWIK_ACCOUNTS_IMPERSONATION_REFUSED'],
        ['permission', await house.impersonate(clerk.token, bob.id), 'KWIK_FORBIDDEN'],
        ['stronger', await house.impersonate(admin.token, strong.id), 'KWIK_ACCOUNTS_IMPERSONATION_REFUSED'],
        ['chain', await house.impersonate(acting, clerk.id), 'KWIK_ACCOUNTS_IMPERSONATED'],
        ['api key', await house.impersonate({ 'x-api-key': key }, bob.id), 'KWIK_ACCOUNTS_API_KEY_REFUSED'],
      ] as const
      for (const [name, { status, body }, code] of refusals)
        expect([name, status, body.code]).toEqual([name, 403, code])
      expect(refusals[2][1].body.detail).toBe('needs security-events:read')
      expect(await house.events('impersonation.started')).toHaveLength(1)
      const told = await house.events('impersonation.refused')
      expect(
        told.map(({ userId, actorId, details }) => [userId, actorId, (details as { reason: string }).reason]),
      ).toEqual([
        [bob.id, admin.id, 'POST /users/:id/impersonate'],
        [strong.id, admin.id, 'stronger'],
        [admin.id, admin.id, 'self'],
      ])
    },
  )

  both('of somebody stronger is for who holds users:impersonate:any', tables, async (db) => {
    const house = new House(db)
    const support = await house.person('support', 'users:impersonate', 'users:impersonate:any')
    const strong = await house.person('eve', 'products:*')
    const token = await house.acting(support, strong)
    expect(await house.status(token)).toBe(200)
    // users:* is two segments: it is no such permission.
    const clerk = await house.person('clerk', 'users:*')
    expect((await house.impersonate(clerk.token, strong.id)).status).toBe(403)
  })

  both('counts what inactive roles would grant: somebody may switch them on again', tables, async (db) => {
    const house = new House(db)
    const { admin } = await pair(house)
    const strong = await house.person('eve', 'security-events:read')
    const role = (await house.service.listRoles({ limit: 100 })).data.find(({ name }) => name === 'role of eve')!
    await house.service.updateRole(role.id, { isActive: false }, 'system')
    expect((await house.impersonate(admin.token, strong.id)).status).toBe(403)
  })

  both('is 404 for nobody and 409 for a disabled user', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    expect((await house.impersonate(admin.token, '00000000-0000-7000-8000-000000000000')).status).toBe(404)
    expect((await house.impersonate(admin.token, 'bob')).status).toBe(422)
    await house.service.deactivateUser(bob.id, 'system')
    const answer = await house.impersonate(admin.token, bob.id)
    expect([answer.status, answer.body.code]).toEqual([409, 'KWIK_ACCOUNTS_DISABLED'])
  })

  both('gives no more than both have, also when the user is given more meanwhile', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    const support = await house.person('support', 'users:impersonate', 'products:read', 'notes:*')
    const token = await house.acting(support, bob)
    const change = async () => (await house.ask('PATCH', '/products', token)).status
    expect([await change(), await house.status(token)]).toEqual([403, 200])
    const more = await house.service.createRole({ name: 'more', permissions: ['products:*'] }, 'system')
    await house.service.setRoles(bob.id, ['role of bob', more.name], 'system')
    expect([await change(), await house.status(token)]).toEqual([403, 200])
    const admins = await house.acting(admin, bob)
    expect((await house.ask('PATCH', '/products', admins)).status).toBe(200)
  })
})

describe('it ends', () => {
  both('at once when the actor is disabled, loses the permission or signs out', tables, async (db) => {
    const house = new House(db)
    const { bob } = await pair(house)
    const ends: Record<string, (actor: Person) => Promise<unknown>> = {
      disabled: ({ id }) => house.service.deactivateUser(id, 'system'),
      demoted: ({ id }) => house.service.setRoles(id, [], 'system'),
      'signed out': ({ token }) => house.ask('POST', '/auth/logout', token, {}),
      'signed out everywhere': ({ token }) => house.ask('POST', '/auth/logout-all', token),
      'with a new password': ({ id }) => house.service.updateUser(id, { password: 'another password' }, 'system'),
    }
    for (const [name, end] of Object.entries(ends)) {
      const actor = await house.person(name.replaceAll(' ', '-'), 'users:impersonate', 'products:read', 'notes:*')
      const token = await house.acting(actor, bob)
      expect([name, await house.status(token)]).toEqual([name, 200])
      await end(actor)
      expect([name, await house.status(token)]).toEqual([name, 401])
    }
  })

  both('at once when the user is disabled, or signed out everywhere', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    const carol = await house.person('carol', 'products:read')
    const [one, two] = [await house.acting(admin, bob), await house.acting(admin, carol)]
    await house.service.deactivateUser(bob.id, 'system')
    await house.ask('POST', '/auth/logout-all', carol.token)
    expect([await house.status(one), await house.status(two), await house.status(admin.token)]).toEqual([401, 401, 200])
  })

  both('when it is stopped; the own session of the actor goes on', tables, async (db) => {
    const house = new House(db)
    const { admin, bob } = await pair(house)
    const [token, other] = [await house.acting(admin, bob), await house.acting(admin, bob)]
    expect((await house.ask('POST', '/auth/stop-impersonating', token)).status).toBe(204)
    expect([await house.status(token), await house.status(other), await house.status(admin.token)]).toEqual([
      401, 200, 200,
    ])
    expect(await house.status(bob.token)).toBe(200)
    const [stopped] = await house.events('impersonation.stopped')
    expect(stopped).toMatchObject({ userId: bob.id, actorId: admin.id, sessionId: claimsOf(token).sid })
  })

  both('with 409 and nothing of the insides where nobody acts for anybody', tables, async (db) => {
    const house = new House(db)
    const { admin } = await pair(house)
    const { key } = await house.service.apiKeys.create(admin.id, { name: 'x', scopes: ['users:*'] }, 'system')
    for (const credential of [admin.token, { 'x-api-key': key }]) {
      const answer = await house.ask('POST', '/auth/stop-impersonating', credential)
      expect(answer.status).toBe(409)
      expect(answer.body).toEqual({
        type: '/problems/accounts-not-impersonating',
        title: 'The caller acts for nobody',
        status: 409,
        code: 'KWIK_ACCOUNTS_NOT_IMPERSONATING',
        detail: 'There is nothing to stop.',
        errors: [{ code: 'not-impersonating', detail: 'acts for nobody' }],
        ...(answer.body.instance !== undefined && { instance: answer.body.instance }),
      })
    }
    expect((await house.ask('POST', '/auth/stop-impersonating')).status).toBe(401)
  })
})

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
