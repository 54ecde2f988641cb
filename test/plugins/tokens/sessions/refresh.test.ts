import { createHmac } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect } from '#test'
import { deriveKey } from '../../../../plugins/tokens/index.ts'
import { both } from '../../../services.ts'
import { House, secret, sessionIdOf, sessions, tables } from './house.ts'

/** A clock that a test sets. */
const watch = () => {
  const clock = { at: Date.now(), now: () => clock.at }
  return clock
}
const code = (answer: { status: number; body: { code?: string } }) => [answer.status, answer.body.code]
const refused = [401, 'KWIK_TOKEN_REFRESH']
const next = (token: string, generation: number) => token.replace(/\.\d+\./, `.${generation}.`)

describe('a refresh token', () => {
  both('gives new tokens, and then those go on', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const first = await house.login()
    expect(first.refreshToken).toMatch(/^krt_[\w-]{22}\.1\.[\w-]{43}$/)
    const second = await house.refresh(first.refreshToken)
    expect(second.status).toBe(200)
    expect(second.headers.get('cache-control')).toBe('no-store')
    expect(second.body).toMatchObject({ tokenType: 'Bearer', expiresIn: 600, refreshExpiresIn: 14 * 86_400 })
    expect(sessionIdOf(second.body.accessToken)).toBe(sessionIdOf(first.accessToken))
    expect(await house.try(second.body.accessToken)).toBe(200)
    expect((await house.refresh(second.body.refreshToken)).status).toBe(200)
  })

  both('shown 100 times at once gives one rotation, and the same successor to all', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { refreshToken } = await house.login()
    const answers = await Promise.all(Array.from({ length: 100 }, () => house.refresh(refreshToken)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const successors = new Set(answers.map(({ body }) => body.refreshToken))
    expect([...successors]).toHaveLength(1)
    expect([...successors][0]).toContain('.2.')
    const [row] = await db.drizzle.select().from(sessions.for(db))
    expect(row!.generation).toBe(2)
    expect((await house.refresh([...successors][0]!)).status).toBe(200)
  })

  both('whose answer was lost gives the same successor within the grace, which then works', tables, async (db) => {
    const clock = watch()
    const house = new House(db, { clock })
    await house.person()
    const { refreshToken } = await house.login()
    const lost = await house.refresh(refreshToken)
    clock.at += 9_000
    const again = await house.refresh(refreshToken)
    expect(again.body.refreshToken).toBe(lost.body.refreshToken)
    expect((await house.refresh(again.body.refreshToken)).status).toBe(200)
  })

  both('shown again after the grace ends the family', tables, async (db) => {
    const clock = watch()
    const house = new House(db, { clock })
    await house.person()
    const { refreshToken } = await house.login()
    const second = await house.refresh(refreshToken)
    clock.at += 11_000
    expect(code(await house.refresh(refreshToken))).toEqual(refused)
    expect(code(await house.refresh(second.body.refreshToken))).toEqual(refused)
    expect(await house.try(second.body.accessToken)).toBe(401)
  })

  both('that is a grandparent ends the family, also within the grace', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const first = await house.login()
    const second = await house.refresh(first.refreshToken)
    const third = await house.refresh(second.body.refreshToken)
    expect(code(await house.refresh(first.refreshToken))).toEqual(refused)
    expect(code(await house.refresh(third.body.refreshToken))).toEqual(refused)
    expect(await house.try(third.body.accessToken)).toBe(401)
  })

  both('with a forged HMAC is 401, and the family lives', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { refreshToken } = await house.login()
    for (const forged of [
      `${refreshToken.slice(0, -3)}AAA`,
      next(refreshToken, 6),
      next(refreshToken, 2),
      refreshToken.replace(/krt_[\w-]{22}/, `krt_${'A'.repeat(22)}`),
    ])
      expect(code(await house.refresh(forged))).toEqual(refused)
    expect((await house.refresh(refreshToken)).status).toBe(200)
  })

  both('of a generation that is to come is 401, and the family lives', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { refreshToken, accessToken } = await house.login()
    const [row] = await db.drizzle.select().from(sessions.for(db))
    // Made with the real pepper, as a server would that has a copy of the database from later.
    const id = sessionIdOf(accessToken)
    const mac = createHmac('sha256', deriveKey(secret, 'refresh')).update(`${id}|6|${row!.salt}`).digest('base64url')
    expect(code(await house.refresh(refreshToken.replace(/\.1\..*/, `.6.${mac}`)))).toEqual(refused)
    expect((await house.refresh(refreshToken)).status).toBe(200)
  })

  both('cannot be made of a copy of the database without the secret', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { refreshToken, accessToken } = await house.login()
    const [row] = await db.drizzle.select().from(sessions.for(db))
    const id = sessionIdOf(accessToken)
    const mac = refreshToken.split('.')[2]!
    expect(JSON.stringify(row)).not.toContain(mac)
    for (const pepper of ['', row!.salt, id, 'n0t-the-s3cret-0123456789-abcdefghijklmn'])
      for (const word of [`${id}|1|${row!.salt}`, `${id}.1.${row!.salt}`]) {
        const made = createHmac('sha256', pepper).update(word).digest('base64url')
        expect(code(await house.refresh(refreshToken.replace(mac, made)))).toEqual(refused)
      }
  })

  both('extends the idle time and never the absolute one', tables, async (db) => {
    const clock = watch()
    const house = new House(db, { clock, tokens: { secret, refresh: { idle: '10m', absolute: '25m' } } })
    await house.person()
    const begun = clock.at
    let { refreshToken } = await house.login()
    for (const minutes of [9, 18, 24]) {
      clock.at = begun + minutes * 60_000
      const answer = await house.refresh(refreshToken)
      expect([minutes, answer.status]).toEqual([minutes, 200])
      expect(answer.body.refreshExpiresIn).toBe(Math.min(10, 25 - minutes) * 60)
      refreshToken = answer.body.refreshToken
    }
    clock.at = begun + 25 * 60_000
    expect(code(await house.refresh(refreshToken))).toEqual(refused)
  })

  both('is over when it was not used for long', tables, async (db) => {
    const clock = watch()
    const house = new House(db, { clock, tokens: { secret, refresh: { idle: '10m' } } })
    await house.person()
    const { refreshToken } = await house.login()
    clock.at += 600_000
    expect(code(await house.refresh(refreshToken))).toEqual(refused)
  })

  both('of a user who was deactivated meanwhile is 401, also after they are active again', tables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    const { refreshToken } = await house.login()
    await house.accounts.deactivateUser(bob, 'system')
    expect(code(await house.refresh(refreshToken))).toEqual(refused)
    await house.accounts.activateUser(bob, 'system')
    expect(code(await house.refresh(refreshToken))).toEqual(refused)
  })

  both('goes on under a new key, as long as the old one verifies', tables, async (db) => {
    const old = new House(db)
    await old.person()
    const { refreshToken, accessToken } = await old.login()
    const other = 'an0ther-s3cret-9876543210-zyxwvutsrqponm'
    const both = new House(db, { tokens: { keys: [{ secret, status: 'verify' }, { secret: other }] } })
    expect(await both.try(accessToken)).toBe(200)
    const second = await both.refresh(refreshToken)
    expect(second.status).toBe(200)
    const last = new House(db, { tokens: { secret: other } })
    expect(code(await last.refresh(refreshToken))).toEqual(refused)
    expect((await last.refresh(second.body.refreshToken)).status).toBe(200)
  })

  both('in a form of OAuth 2.0 is answered in its words too', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const signedIn = await house.ask(
      'POST',
      '/auth/login',
      form,
      new URLSearchParams({ username: 'bob@example.com', password: 'correct horse battery' }).toString(),
    )
    expect(signedIn.body.refresh_token).toBe(signedIn.body.refreshToken)
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: signedIn.body.refresh_token })
    const answer = await house.ask('POST', '/auth/refresh', form, body.toString())
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ token_type: 'Bearer', access_token: answer.body.accessToken })
    expect(answer.body.refresh_token).toBe(answer.body.refreshToken)
  })

  both('that is none is 401, and a body without one too', tables, async (db) => {
    const house = new House(db)
    for (const word of ['krt_', 'x', `krt_${'a'.repeat(22)}.0.${'b'.repeat(43)}`, `krt_${'a'.repeat(22)}.1e3.x`, '\0'])
      expect(code(await house.refresh(word))).toEqual(refused)
    expect(code(await house.ask('POST', '/auth/refresh'))).toEqual(refused)
    expect(code(await house.ask('POST', '/auth/refresh', {}, {}))).toEqual(refused)
  })
})

describe('tokens of one purpose', () => {
  both('are worth nothing for another', tables, async (db) => {
    const house = new House(db)
    await house.person()
    const { refreshToken, accessToken } = await house.login()
    expect(await house.try(refreshToken)).toBe(401)
    expect((await house.refresh(accessToken)).status).toBe(422)
  })
})

both('a session that ran out is removed when others sign in', tables, async (db) => {
  const clock = watch()
  const house = new House(db, { clock })
  await house.person()
  await house.login()
  await house.sessions.blacklist.add('j1')
  clock.at += 61 * 86_400_000
  const { accessToken } = await house.login()
  const s = sessions.for(db)
  expect((await db.drizzle.select({ id: s.id }).from(s)).map(({ id }) => id)).toEqual([sessionIdOf(accessToken)])
  expect((await db.values('select count(*) from revoked_tokens'))[0]!.map(Number)).toEqual([0])
})

both('a session keeps from where it was begun, cut to what fits', tables, async (db) => {
  const house = new House(db)
  await house.person()
  await house.ask(
    'POST',
    '/auth/login',
    { 'user-agent': `Browser ${'x'.repeat(500)}` },
    { email: 'bob@example.com', password: 'correct horse battery' },
  )
  const [row] = await db.drizzle.select().from(sessions.for(db))
  expect(row!.userAgent).toHaveLength(200)
  await db.drizzle.delete(sessions.for(db)).where(eq(sessions.for(db).id, row!.id))
})
