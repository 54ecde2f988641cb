import { describe, expect } from '#test'
import { both } from '../../../services.ts'
import { bearer, claimsOf, House, password, sessionIdOf, tables } from './house.ts'

const gone = [401, 'KWIK_TOKEN_INVALID']

describe('signing out', () => {
  both('ends the session at once: its remembered access token and its refresh token', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { accessToken, refreshToken } = await house.login()
    const other = await house.login()
    expect(await house.try(accessToken)).toBe(200)
    expect((await house.ask('POST', '/auth/logout', bearer(accessToken))).status).toBe(204)
    const answer = await house.ask('GET', '/products', bearer(accessToken))
    expect([answer.status, answer.body.code]).toEqual(gone)
    expect((await house.refresh(refreshToken)).status).toBe(401)
    expect(await house.try(other.accessToken)).toBe(200)
  })

  both('works with a token that has expired, with the refresh token, and twice', tables, async (db) => {
    const clock = { at: Date.now(), now: () => clock.at }
    const house = new House(db, { clock })
    await house.person()
    const [first, second] = [await house.login(), await house.login()]
    clock.at += 601_000
    expect((await house.ask('POST', '/auth/logout', bearer(first.accessToken))).status).toBe(204)
    expect((await house.ask('POST', '/auth/logout', bearer(first.accessToken))).status).toBe(204)
    expect((await house.refresh(first.refreshToken)).status).toBe(401)
    expect((await house.ask('POST', '/auth/logout', {}, { refreshToken: second.refreshToken })).status).toBe(204)
    expect((await house.refresh(second.refreshToken)).status).toBe(401)
  })

  both('needs a token of ours', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { accessToken, refreshToken } = await house.login()
    const forged = `${accessToken.slice(0, -4)}AAAA`
    for (const [headers, body] of [
      [{}, undefined],
      [bearer(forged), undefined],
      [bearer('a.b.c'), undefined],
      [{}, { refreshToken: `${refreshToken.slice(0, -4)}AAAA` }],
    ] as const)
      expect((await house.ask('POST', '/auth/logout', headers, body)).status).toBe(401)
    expect(await house.try(accessToken)).toBe(200)
  })

  both('everywhere ends all sessions of the caller and of nobody else', tables, async (db) => {
    const house = new House(db)
    await house.person()
    await house.person('ann@example.com')
    const [here, there, ann] = [await house.login(), await house.login(), await house.login('ann@example.com')]
    expect((await house.ask('POST', '/auth/logout-all', bearer(here.accessToken))).status).toBe(204)
    for (const { accessToken, refreshToken } of [here, there]) {
      expect(await house.try(accessToken)).toBe(401)
      expect((await house.refresh(refreshToken)).status).toBe(401)
    }
    expect(await house.try(ann.accessToken)).toBe(200)
    expect(await house.try((await house.login()).accessToken)).toBe(200)
  })
})

describe('the sessions of somebody', () => {
  both('are listed, the newest first, with the one that asks', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    await house.person('ann@example.com')
    await house.login('ann@example.com')
    const [old, now] = [await house.login(), await house.login()]
    await house.begin({ id: bob, tokenVersion: 1, actor: { id: bob, tokenVersion: 1 }, ttl: 60 })
    const { status, headers, body } = await house.ask('GET', '/auth/sessions', bearer(now.accessToken))
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(body.data.map((one: { id: string; current: boolean }) => [one.id, one.current]).slice(1)).toEqual([
      [sessionIdOf(now.accessToken), true],
      [sessionIdOf(old.accessToken), false],
    ])
    expect(body.data[0].actorId).toBe(bob)
    expect(Object.keys(body.data[1]).sort()).toEqual(
      ['actorId', 'address', 'createdAt', 'current', 'expiresAt', 'id', 'lastUsedAt', 'userAgent'].sort(),
    )
  })

  both('are ended one by one, and only by their owner', tables, async (db) => {
    const house = new House(db)
    await house.person()
    await house.person('ann@example.com')
    const [here, there, ann] = [await house.login(), await house.login(), await house.login('ann@example.com')]
    const end = (id: string, by = here) => house.ask('DELETE', `/auth/sessions/${id}`, bearer(by.accessToken))
    expect((await end(sessionIdOf(there.accessToken), ann)).status).toBe(404)
    expect((await end(crypto.randomUUID())).status).toBe(404)
    expect((await end('x')).status).toBe(422)
    expect(await house.try(there.accessToken)).toBe(200)
    expect((await end(sessionIdOf(there.accessToken).toUpperCase())).status).toBe(204)
    expect(await house.try(there.accessToken)).toBe(401)
    expect((await end(sessionIdOf(there.accessToken))).status).toBe(404)
    expect(await house.try(here.accessToken)).toBe(200)
  })

  both('are for people who are signed in: their routes want a caller', tables, async (db) => {
    const house = new House(db)
    for (const [method, path] of [
      ['GET', '/auth/sessions'],
      ['DELETE', `/auth/sessions/${crypto.randomUUID()}`],
      ['POST', '/auth/logout-all'],
    ] as const)
      expect((await house.ask(method, path)).status).toBe(401)
  })
})

describe('a session ends', () => {
  both('with a new password, but for the one in which its owner changed it', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person('bob@example.com', 'users:update')
    const [here, there] = [await house.login(), await house.login()]
    const change = { password: 'another long word' }
    expect((await house.ask('PATCH', `/users/${bob}`, bearer(here.accessToken), change)).status).toBe(200)
    expect(await house.try(there.accessToken)).toBe(401)
    expect((await house.refresh(there.refreshToken)).status).toBe(401)
    expect(await house.try(here.accessToken)).toBe(200)
    const next = await house.refresh(here.refreshToken)
    expect([next.status, await house.try(next.body.accessToken)]).toEqual([200, 200])
  })

  both('with a password that an administrator gives, each of them', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    await house.accounts.createAdmin({ email: 'admin@example.com', password })
    const [admin, mine] = [await house.login('admin@example.com'), await house.login()]
    const change = { password: 'another long word' }
    expect((await house.ask('PATCH', `/users/${bob}`, bearer(admin.accessToken), change)).status).toBe(200)
    expect(await house.try(mine.accessToken)).toBe(401)
    expect(await house.try(admin.accessToken)).toBe(200)
  })

  both('with its account, and does not come back with it', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    const { accessToken } = await house.login()
    expect(await house.try(accessToken)).toBe(200)
    await house.accounts.deactivateUser(bob, 'system')
    expect(await house.try(accessToken)).toBe(401)
    await house.accounts.activateUser(bob, 'system')
    expect(await house.try(accessToken)).toBe(401)
  })

  both('not by a change that was rolled back', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    const { accessToken, refreshToken } = await house.login()
    await expect(
      db.tx(async () => {
        await house.sessions.revokeAll(bob)
        throw new Error('taken back')
      }),
    ).rejects.toThrow('taken back')
    expect(await house.try(accessToken)).toBe(200)
    expect((await house.refresh(refreshToken)).status).toBe(200)
  })
})

describe('one access token', () => {
  both('is refused by its id, and its session goes on', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { accessToken, refreshToken } = await house.login()
    expect(await house.try(accessToken)).toBe(200)
    await house.sessions.blacklist.add(claimsOf(accessToken).jti)
    await house.sessions.blacklist.add(claimsOf(accessToken).jti)
    expect(await house.try(accessToken)).toBe(401)
    const next = await house.refresh(refreshToken)
    expect(await house.try(next.body.accessToken)).toBe(200)
  })

  both('without a session is not taken where the app has sessions', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    const { token } = await house.issuer.issue({ id: bob, tokenVersion: 1 })
    expect(await house.try(token)).toBe(401)
    for (const sessionId of [crypto.randomUUID(), 'x', `${crypto.randomUUID()}\0`, '__proto__'])
      expect(await house.try((await house.issuer.issue({ id: bob, tokenVersion: 1, sessionId })).token)).toBe(401)
  })

  both('of the session of another is not taken', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    await house.person('ann@example.com')
    const sessionId = sessionIdOf((await house.login('ann@example.com')).accessToken)
    expect(await house.try((await house.issuer.issue({ id: bob, tokenVersion: 1, sessionId })).token)).toBe(401)
  })
})
