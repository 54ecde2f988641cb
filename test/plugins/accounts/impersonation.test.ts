import { describe, expect } from '#test'
import { both } from '../../services.ts'
import { claimsOf, House, type Person, pair, tables } from './house.ts'

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
