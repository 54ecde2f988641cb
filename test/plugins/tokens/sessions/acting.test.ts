import { describe, expect } from '#test'
import type { Database } from '../../../../plugins/database/index.ts'
import { both } from '../../../services.ts'
import { bearer, claimsOf, House, sessionIdOf, tables } from './house.ts'

/** An administrator who acts for bob. */
async function acting(db: Database, ttl = 900) {
  const house = new House(db)
  const bob = await house.person()
  const ann = await house.person('ann@example.com', 'users:impersonate')
  const own = await house.login('ann@example.com')
  const actor = { id: ann, tokenVersion: 1, sessionId: sessionIdOf(own.accessToken) }
  const { accessToken, refreshToken } = await house.begin({ id: bob, tokenVersion: 1, actor, ttl, reason: 'ticket 7' })
  return { house, bob, ann, own, accessToken, refreshToken }
}

describe('a session in which somebody acts for another', () => {
  both('is that of the other, says who acts, and cannot be refreshed', tables, async (db) => {
    const { house, bob, ann, accessToken, refreshToken } = await acting(db)
    expect(claimsOf(accessToken)).toMatchObject({ sub: bob, act: { sub: ann } })
    expect(refreshToken).toBeUndefined()
    const answer = await house.ask('GET', '/products', bearer(accessToken))
    expect([answer.status, answer.body.id]).toEqual([200, bob])
    const list = await house.ask('GET', '/auth/sessions', bearer(accessToken))
    expect(list.body.data[0]).toMatchObject({ actorId: ann, current: true })
  })

  both('ends at its time', tables, async (db) => {
    const clock = { at: Date.now(), now: () => clock.at }
    const house = new House(db, { clock })
    const bob = await house.person()
    const ann = await house.person('ann@example.com', 'users:impersonate')
    const actor = { id: ann, tokenVersion: 1 }
    const { accessToken, expiresIn } = await house.begin({ id: bob, tokenVersion: 1, actor, ttl: 300 })
    expect(expiresIn).toBe(300)
    clock.at += 299_000
    expect(await house.try(accessToken)).toBe(200)
    clock.at += 1_000
    expect(await house.try(accessToken)).toBe(401)
  })

  const ends: Record<string, (given: Awaited<ReturnType<typeof acting>>) => Promise<unknown>> = {
    'the actor is disabled': ({ house, ann }) => house.accounts.deactivateUser(ann, 'system'),
    'the other is disabled': ({ house, bob }) => house.accounts.deactivateUser(bob, 'system'),
    'the actor gets a new password': ({ house, ann }) =>
      house.accounts.updateUser(ann, { password: 'another long word' }, 'system'),
    'the actor signs out': ({ house, own }) => house.ask('POST', '/auth/logout', bearer(own.accessToken)),
    'the actor may no longer act for others': ({ house, ann }) => house.accounts.setRoles(ann, [], 'system'),
    'it is ended itself': ({ house, accessToken }) => house.ask('POST', '/auth/logout', bearer(accessToken)),
  }
  for (const [when, end] of Object.entries(ends))
    both(`ends at once when ${when}`, tables, async (db) => {
      const given = await acting(db)
      expect(await given.house.try(given.accessToken)).toBe(200)
      await end(given)
      expect(await given.house.try(given.accessToken)).toBe(401)
    })

  both('does not sign the other out elsewhere', tables, async (db) => {
    const { house, accessToken } = await acting(db)
    const theirs = await house.login()
    expect((await house.ask('POST', '/auth/logout-all', bearer(accessToken))).status).toBe(403)
    const path = `/auth/sessions/${sessionIdOf(theirs.accessToken)}`
    expect((await house.ask('DELETE', path, bearer(accessToken))).status).toBe(403)
    expect(await house.try(theirs.accessToken)).toBe(200)
  })

  both('needs a time to live', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    const actor = { id: bob, tokenVersion: 1 }
    await expect(house.begin({ id: bob, tokenVersion: 1, actor })).rejects.toThrow('ttl')
  })
})
