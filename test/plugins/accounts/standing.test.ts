import { eq } from 'drizzle-orm'
import { describe, expect } from '#test'
import { users } from '../../../plugins/accounts/index.ts'
import { both } from '../../services.ts'
import { accountTables, deaf, Office } from './app.ts'

describe('what is believed of an account', () => {
  both('is asked once while it is believed', accountTables, async (given) => {
    const { db, announcements } = deaf(given)
    const office = new Office(db, { believedFor: '1h', announcements })
    const bob = await office.person('bob@example.com', 'products:read')
    expect(office.service.principals.peek?.(bob.id)?.user).toEqual({
      id: bob.id,
      email: 'bob@example.com',
      name: null,
      roles: ['role of bob@example.com'],
    })
    expect(await Promise.all([1, 2].map(() => office.service.principals.load(bob.id)))).toHaveLength(2)
  })

  both('ends after its time: what nobody told of is noticed then', accountTables, async (given) => {
    const { db, announcements } = deaf(given)
    let now = Date.now()
    const office = new Office(db, { announcements, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    const u = users.for(db)
    await db.drizzle.update(u).set({ isActive: false }).where(eq(u.id, bob.id))
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(200)
    now += 2_001
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(401)
  })

  both('ends when the clock is set back, too', accountTables, async (given) => {
    const { db, announcements } = deaf(given)
    let now = Date.now()
    const office = new Office(db, { announcements, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(200)
    const u = users.for(db)
    await db.drizzle.update(u).set({ isActive: false }).where(eq(u.id, bob.id))
    now -= 3_600_000
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(401)
  })

  both('is nothing for an id that no account has, however the database would read it', accountTables, async (db) => {
    const office = new Office(db)
    const bob = await office.person('bob@example.com', 'products:read')
    for (const id of ['bob', `{${bob.id}}`, `urn:uuid:${bob.id}`, bob.id.toUpperCase(), `${bob.id}\0`, "' or 1=1 --"]) {
      const { token } = await office.issuer.issue({ id, tokenVersion: 1 })
      const answer = await office.ask('GET', '/products', token)
      expect([id, answer.status, answer.body.code]).toEqual([id, 401, 'KWIK_TOKEN_INVALID'])
    }
  })

  both('is not for a handler to change: the next request would meet it', accountTables, async (db) => {
    const office = new Office(db, { believedFor: '1h' })
    const bob = await office.person('bob@example.com', 'products:read')
    const account = await office.service.principals.load(bob.id)
    expect(() => Object.assign(account!.user, { id: 'other' })).toThrow(TypeError)
    expect(() => (account!.user.roles as string[]).push('admin')).toThrow(TypeError)
  })

  both('is not what a load saw that began before a change', accountTables, async (db) => {
    const office = new Office(db)
    const bob = await office.person('bob@example.com', 'products:read')
    for (let round = 0; round < 20; round++) {
      const active = round % 2 === 1
      const load = office.service.principals.load(bob.id)
      await Promise.all([
        load,
        active ? office.service.activateUser(bob.id, 'system') : office.service.deactivateUser(bob.id, 'system'),
        office.service.principals.load(bob.id),
      ])
      const believed = office.service.principals.peek?.(bob.id) ?? (await office.service.principals.load(bob.id))
      expect([round, believed !== undefined]).toEqual([round, active])
    }
  })
})
