import { Elysia } from 'elysia'
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose'
import { core } from '#core/access'
import { describe, expect, test } from '#test'
import { deriveKey, ownTokenService, ownTokens, tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { kwik } from '../../../src/kwik.ts'
import { otherSecret, People, secret } from './forge.ts'

const own = ownTokenService({ secret })

describe("a token of the app's own", () => {
  test('says what was signed, and that it expires in a quarter of an hour', async () => {
    const token = await own.sign({ sub: 'ann', team: 7 })
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'HS256', typ: 'kwik-own+jwt' })
    const { exp, iat, ...rest } = decodeJwt(token)
    expect(rest).toEqual({ sub: 'ann', team: 7, iss: 'kwik', aud: 'kwik' })
    expect(Math.abs(exp! - iat! - 900)).toBeLessThanOrEqual(1)
    expect(await own.verify(token)).toMatchObject({ sub: 'ann', team: 7 })
  })

  test('expires by the clock, after the time that was said', async () => {
    const clock = { at: Date.now(), now: () => clock.at }
    const timed = ownTokenService({ secret, clock })
    const token = await timed.sign({}, { expires: '2d' })
    clock.at += 47 * 3_600_000
    expect(await timed.verify(token)).toBeDefined()
    clock.at += 3_600_000
    expect(await timed.verify(token)).toBeUndefined()
  })

  test('is of one purpose alone', async () => {
    const token = await own.sign({ team: 7 }, { purpose: 'invitation' })
    expect(await own.verify(token, { purpose: 'invitation' })).toMatchObject({ team: 7 })
    expect(await own.verify(token)).toBeUndefined()
    expect(await own.verify(token, { purpose: 'download' })).toBeUndefined()
  })

  test('signs nobody in, and an access token is none', async () => {
    const app = new Elysia()
      .use(core({ signals: false }))
      .use(tokens({ secret, principals: new People().add('ann') }))
      .get('/me', ({ user }) => user.id, { auth: true })
    const token = await own.sign({ sub: 'ann', sv: 1, jti: 'j1' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await app.handle(new Request('http://localhost/me', { headers }))).status).toBe(401)
    expect(
      await own.verify((await tokenService({ secret }).issue({ id: 'ann', tokenVersion: 1 })).token),
    ).toBeUndefined()
  })

  test('cannot say who issued it, for whom or until when, also where types are not checked', async () => {
    const hour = Math.floor(Date.now() / 1000) + 3600
    const token = await own.sign({ iss: 'x', aud: 'y', exp: hour * 2, iat: 0 } as never)
    expect(decodeJwt(token)).toMatchObject({ iss: 'kwik', aud: 'kwik' })
    expect(decodeJwt(token).exp).toBeLessThan(hour)
  })

  test('goes on under a new key', async () => {
    const token = await own.sign({ team: 7 })
    const next = ownTokenService({ keys: [{ secret, status: 'verify' }, { secret: otherSecret }] })
    expect(await next.verify(token)).toMatchObject({ team: 7 })
    expect(await ownTokenService({ secret: otherSecret }).verify(token)).toBeUndefined()
    expect(await own.verify(await next.sign({}))).toBeUndefined()
  })

  const key = deriveKey(secret, 'access')
  const good = (): SignJWT => new SignJWT({ iss: 'kwik', aud: 'kwik' }).setIssuedAt().setExpirationTime('5m') as SignJWT
  const forgeries: Record<string, () => Promise<unknown> | unknown> = {
    'without a signature': () => new UnsecuredJWT({ iss: 'kwik', aud: 'kwik' }).setExpirationTime('5m').encode(),
    'with the key of access tokens': () => good().setProtectedHeader({ alg: 'HS256', typ: 'kwik-own+jwt' }).sign(key),
    'of another issuer': () => ownTokenService({ secret, issuer: 'else', audience: 'kwik' }).sign({}),
    'for another audience': () => ownTokenService({ secret, audience: 'else' }).sign({}),
    'that is empty': () => '',
    'that is a megabyte': () => 'a'.repeat(1_000_000),
    'that is no text': () => ({ toString: () => 'x' }),
  }
  for (const [name, forge] of Object.entries(forgeries))
    test(`${name} is not taken`, async () => {
      expect(await own.verify((await forge()) as string)).toBeUndefined()
    })

  test('has a purpose with a name, and a life', async () => {
    for (const purpose of ['', 'A', '../x', 'a'.repeat(41)])
      await expect(own.sign({}, { purpose })).rejects.toThrow('a purpose is named')
    await expect(own.sign({}, { expires: 0 })).rejects.toThrow('one second')
    await expect(own.sign({}, { expires: 'soon' as never })).rejects.toThrow('no duration')
  })
})

test('ctx.jwt is there where it was asked for, and only there', async () => {
  const options = { secret, principals: new People() }
  const app = new Elysia()
    .use(kwik({ tokens: { ...options, jwt: true }, logging: false, signals: false }))
    .get('/invitation', ({ jwt }) => jwt.sign({ team: 7 }, { purpose: 'invitation' }), { public: true })
  const token = await (await app.handle(new Request('http://localhost/invitation'))).text()
  expect(await own.verify(token, { purpose: 'invitation' })).toMatchObject({ team: 7 })
  new Elysia()
    .use(kwik({ tokens: options, logging: false, signals: false }))
    // @ts-expect-error nobody asked for it
    .get('/invitation', ({ jwt }) => jwt, { public: true })
  const alone = new Elysia()
    .use(core({ signals: false }))
    .use(ownTokens({ secret }))
    .get('/', ({ jwt }) => jwt.sign({}), { public: true })
  expect(await own.verify(await (await alone.handle(new Request('http://localhost/'))).text())).toBeDefined()
})
