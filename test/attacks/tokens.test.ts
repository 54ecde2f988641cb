import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '#test'
import type { Database } from '../../plugins/database/index.ts'
import { deriveKey, ownTokenService } from '../../plugins/tokens/index.ts'
import { bearer, claimsOf, House, secret, sessionIdOf, tables } from '../plugins/tokens/sessions/house.ts'
import { withDatabase } from '../services.ts'

// Each test is a row of docs/explanation/threat-model.md.

const inHouse = (run: (house: House, db: Database) => Promise<void>): Promise<void> =>
  withDatabase('SQLite in memory', tables, async (db) => {
    const house = new House(db)
    await house.person()
    await run(house, db)
  })
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())
/** A token with the claims of a good one, and parts of its own. */
const forged = (good: string, header: object, key: string | Uint8Array, claims: object = {}): string => {
  const input = `${base64url({ ...headerOf(good), ...header })}.${base64url({ ...claimsOf(good), ...claims })}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}
const key = deriveKey(secret, 'access')
const refused = async (house: House, tokens: readonly string[]): Promise<void> => {
  for (const token of tokens) {
    const answer = await house.ask('GET', '/products', bearer(token))
    expect([token.slice(0, 60), answer.status]).toEqual([token.slice(0, 60), 401])
    expect(answer.body.code).toMatch(/^KWIK_TOKEN_|^KWIK_UNAUTH/)
  }
}

describe('access tokens', () => {
  test('a token without a signature, or with alg none in any spelling, is nobody', () =>
    inHouse(async (house) => {
      const good = (await house.login()).accessToken
      const [head, claims, mac] = good.split('.')
      const none = ['none', 'None', 'NONE', 'nOnE', '', 'HS256 '].map((alg) => base64url({ ...headerOf(good), alg }))
      await refused(house, [`${head}.${claims}.`, `${head}.${claims}`])
      await refused(
        house,
        none.flatMap((one) => [`${one}.${claims}.`, `${one}.${claims}.${mac}`]),
      )
    }))

  test('a token signed with a public key of ours as if it were a secret is nobody', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      for (const alg of ['EdDSA', 'ES256'] as const) {
        const { privateKey } =
          alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
        const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
        const house = new House(db, { tokens: { keys: [{ kid: 'k1', alg, privateKey: pem }] } })
        await house.person(`${alg.toLowerCase()}@example.com`)
        const good = (await house.login(`${alg.toLowerCase()}@example.com`)).accessToken
        expect(await house.try(good)).toBe(200)
        const open = createPublicKey(pem)
        const texts = [
          String(open.export({ type: 'spki', format: 'pem' })),
          String(open.export({ type: 'spki', format: 'pem' })).trim(),
          open.export({ type: 'spki', format: 'der' }),
          JSON.stringify(open.export({ format: 'jwk' })),
        ]
        await refused(
          house,
          texts.flatMap((text) => [forged(good, { alg: 'HS256' }, text), forged(good, {}, text)]),
        )
      }
    }))

  test('a key, or an address of keys, in the header of a token is not looked at', () =>
    inHouse(async (house) => {
      const good = (await house.login()).accessToken
      const own = 'a-key-of-the-attackers-own-0123456789'
      const jwk = { kty: 'oct', k: Buffer.from(own).toString('base64url'), alg: 'HS256' }
      const cert = Buffer.from(own).toString('base64')
      const headers = [{ jwk }, { jku: 'http://127.0.0.1:1/keys' }, { x5u: 'http://127.0.0.1:1/cert' }, { x5c: [cert] }]
      await refused(
        house,
        headers.flatMap((header) => [forged(good, header, own), forged(good, header, key)]),
      )
    }))

  test('a kid that is unknown, a path, or ten thousand letters leads to no key', () =>
    inHouse(async (house) => {
      const good = (await house.login()).accessToken
      const kids: unknown[] = [
        'unknown',
        '../../etc/passwd',
        '/dev/null',
        'k'.repeat(10_000),
        '',
        '__proto__',
        null,
        7,
        {},
      ]
      await refused(
        house,
        kids.flatMap((kid) => [forged(good, { kid }, key), forged(good, { kid }, '')]),
      )
    }))

  test('a token without an end, or with one that is no number, is nobody', () =>
    inHouse(async (house) => {
      const good = (await house.login()).accessToken
      const { exp } = claimsOf(good)
      const ends: unknown[] = [undefined, null, String(exp), exp + 0.5, -1, 0, true, [exp], { exp }]
      await refused(
        house,
        ends.map((end) => forged(good, {}, key, { exp: end })),
      )
      const [head, claims] = forged(good, {}, key).split('.') as [string, string]
      const text = Buffer.from(claims, 'base64url')
        .toString()
        .replace(/"exp":\d+/, '"exp":1e400')
      const input = `${head}.${Buffer.from(text).toString('base64url')}`
      await refused(house, [`${input}.${createHmac('sha256', key).update(input).digest('base64url')}`])
      expect(await house.try(forged(good, {}, key))).toBe(200)
    }))

  test('a token of another issuer, or for others, is nobody', () =>
    inHouse(async (house) => {
      const good = (await house.login()).accessToken
      const claims: object[] = [
        { iss: 'other' },
        { iss: ['kwik'] },
        { iss: undefined },
        { aud: 'other' },
        { aud: ['other', 'another'] },
        { aud: [] },
        { aud: undefined },
        { aud: { kwik: true } },
      ]
      await refused(
        house,
        claims.map((claim) => forged(good, {}, key, claim)),
      )
    }))

  test('a token that was made for something else signs nobody in', () =>
    inHouse(async (house) => {
      const { accessToken, refreshToken } = await house.login()
      const own = ownTokenService({ secret })
      const others = await Promise.all(
        ['own', 'access', 'reset'].map((purpose) =>
          own.sign({ ...claimsOf(accessToken), iss: undefined } as never, { purpose }),
        ),
      )
      const purposes = (['refresh', 'reset', 'verify', 'csrf', 'cursor'] as const).map((purpose) =>
        forged(accessToken, {}, deriveKey(secret, purpose)),
      )
      await refused(house, [refreshToken, ...others, ...purposes, forged(accessToken, {}, secret)])
      for (const token of [accessToken, ...others]) expect((await house.refresh(token)).status).toBeGreaterThan(400)
    }))

  test('a megabyte in the Authorization header is refused unread, and two tokens are one too many', () =>
    inHouse(async (house) => {
      const good = (await house.login()).accessToken
      await refused(house, ['a'.repeat(1_000_000), `${good}${'a'.repeat(1_000_000)}`, '.'.repeat(1_000_000)])
      const headers = new Headers([
        ['authorization', `Bearer ${good}`],
        ['authorization', `Bearer ${good}`],
      ])
      expect((await house.app.handle(new Request('http://localhost/products', { headers }))).status).toBe(400)
    }))

  test('a token says neither what its owner may do nor for how long their session lives', () =>
    inHouse(async (house) => {
      const bob = await house.accounts.createUser(
        { email: 'eve@example.com', password: 'correct horse battery' },
        'system',
      )
      const good = (await house.login('eve@example.com')).accessToken
      const more = forged(good, {}, key, { permissions: ['*'], roles: ['admin'], scope: 'products:read', sv: 99 })
      expect(await house.try(more)).toBe(403)
      await house.sessions.revoke(sessionIdOf(good))
      await refused(house, [good, forged(good, {}, key, { exp: claimsOf(good).exp + 1e6 })])
      expect(bob.roles).toEqual([])
    }))

  test('a token of one session is good in no other, and for nobody else', () =>
    inHouse(async (house) => {
      await house.person('ann@example.com')
      const [bob, ann] = [(await house.login()).accessToken, (await house.login('ann@example.com')).accessToken]
      await refused(house, [
        forged(bob, {}, key, { sub: claimsOf(ann).sub }),
        forged(bob, {}, key, { sid: sessionIdOf(ann) }),
        forged(bob, {}, key, { sid: undefined }),
        forged(bob, {}, key, { act: { sub: claimsOf(ann).sub } }),
      ])
    }))
})

describe('refresh tokens and sessions', () => {
  test('a stolen refresh token ends the session as soon as both have used it', () =>
    inHouse(async (house) => {
      const { refreshToken } = await house.login()
      const thief = await house.refresh(refreshToken)
      const further = await house.refresh(thief.body.refreshToken)
      expect((await house.refresh(refreshToken)).status).toBe(401)
      expect((await house.refresh(further.body.refreshToken)).status).toBe(401)
      await refused(house, [further.body.accessToken])
    }))

  test('nobody is signed out by a refresh token that was made up', () =>
    inHouse(async (house) => {
      const { refreshToken } = await house.login()
      const [family, , mac] = refreshToken.split('.')
      for (const generation of [1, 2, 7, 999_999_999])
        for (const last of ['A'.repeat(43), mac!.slice(0, -2).concat('AA')])
          expect((await house.refresh(`${family}.${generation}.${last}`)).status).toBe(401)
      expect((await house.refresh(refreshToken)).status).toBe(200)
    }))

  test('a copy of the database holds nothing that signs anybody in', () =>
    inHouse(async (house, db) => {
      const { accessToken, refreshToken } = await house.login()
      await house.refresh(refreshToken)
      const rows = JSON.stringify([await db.values('select * from sessions'), await db.values('select * from users')])
      for (const part of [...accessToken.split('.').slice(1), refreshToken.split('.')[2]!])
        expect(rows).not.toContain(part)
      const [[id, salt] = []] = await db.values('select id, salt from sessions')
      for (const guess of ['', String(salt), String(id)]) {
        const mac = createHmac('sha256', guess).update(`${id}|2|${salt}`).digest('base64url')
        const token = `${refreshToken.split('.')[0]}.2.${mac}`
        expect((await house.refresh(token)).status).toBe(401)
      }
    }))

  test('a session that was fixed before the sign-in is not the one that is signed in', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const house = new House(db, { tokens: { refresh: { transport: 'cookie' } } })
      await house.person()
      await house.person('eve@example.com')
      const credentials = (email: string) => ({ email, password: 'correct horse battery' })
      const eve = await house.ask('POST', '/auth/login', {}, credentials('eve@example.com'))
      const cookie = eve.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ')
      const bob = await house.ask('POST', '/auth/login', { cookie }, credentials('bob@example.com'))
      expect(sessionIdOf(bob.body.accessToken)).not.toBe(sessionIdOf(eve.body.accessToken))
      expect((await house.ask('GET', '/products', { cookie })).body.email).toBe('eve@example.com')
    }))

  test('another site cannot act, refresh or sign out by the cookies of its visitor', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const house = new House(db, { tokens: { refresh: { transport: 'cookie' } } })
      await house.person()
      const body = { email: 'bob@example.com', password: 'correct horse battery' }
      const login = await house.ask('POST', '/auth/login', {}, body)
      const cookie = login.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ')
      const pages: Record<string, string>[] = [
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]
      for (const from of pages)
        for (const path of ['/products', '/auth/refresh', '/auth/logout', '/auth/logout-all']) {
          const answer = await house.ask('POST', path, { cookie, ...from })
          expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'KWIK_CROSS_SITE'])
        }
      expect((await house.ask('GET', '/products', { cookie })).status).toBe(200)
    }))

  test('the sessions of others are neither seen nor ended', () =>
    inHouse(async (house) => {
      await house.person('eve@example.com')
      const [bob, eve] = [(await house.login()).accessToken, (await house.login('eve@example.com')).accessToken]
      const list = await house.ask('GET', '/auth/sessions', bearer(eve))
      expect(JSON.stringify(list.body)).not.toContain(sessionIdOf(bob))
      expect((await house.ask('DELETE', `/auth/sessions/${sessionIdOf(bob)}`, bearer(eve))).status).toBe(404)
      expect(await house.try(bob)).toBe(200)
    }))
})
