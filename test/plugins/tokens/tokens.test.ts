import { type AnyElysia, Elysia } from 'elysia'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { core } from '#core/access'
import type { Principals } from '#core/ports/principals'
import { describe, expect, test } from '#test'
import { deriveKey, type TokensOptions, tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { goodClaims, kidOf, otherSecret, People, secret, sign, signText } from './forge.ts'

const makeApp = (principals: Principals, options: Partial<TokensOptions> = {}) =>
  new Elysia()
    .use(core({ signals: false }))
    .use(tokens({ secret, principals, ...options }))
    .get('/me', ({ user }) => user.id, { auth: true })
    .get('/open', () => 'open', { public: true })

const ask = (app: AnyElysia, token: string, path = '/me'): Promise<Response> =>
  app.handle(new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${token}` } }))
const app = makeApp(new People().add('ann'))
const service = tokenService({ secret })
const seconds = (): number => Math.floor(Date.now() / 1000)

describe('a token that was issued', () => {
  test('names its owner to the handler', async () => {
    const { token, expiresIn } = await service.issue({ id: 'ann', tokenVersion: 1 })
    const answer = await ask(app, token)
    expect([answer.status, await answer.text(), expiresIn]).toEqual([200, 'ann', 600])
  })
  test('has the claims and the type of RFC 9068', async () => {
    const { token } = await service.issue({ id: 'ann', tokenVersion: 3 })
    const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: await kidOf() })
    const { iat, exp, jti, ...rest } = JSON.parse(claims ?? '')
    expect(rest).toEqual({ iss: 'kwik', aud: 'kwik', sub: 'ann', sv: 3 })
    expect(exp - iat).toBe(600)
    expect(jti).toMatch(/^[\da-f-]{36}$/)
  })
  test('is taken with any case of the scheme', async () => {
    const { token } = await service.issue({ id: 'ann', tokenVersion: 1 })
    for (const scheme of ['bearer', 'BEARER', 'Bearer '])
      expect(
        (await app.handle(new Request('http://localhost/me', { headers: { authorization: `${scheme} ${token}` } })))
          .status,
      ).toBe(200)
  })
  test('expires, and the client learns that it did', async () => {
    let now = Date.now()
    const clock = { now: () => now }
    const timed = makeApp(new People().add('ann'), { clock, accessTtl: '2m' })
    const { token, expiresIn } = await tokenService({ secret, clock, accessTtl: '2m' }).issue({
      id: 'ann',
      tokenVersion: 1,
    })
    expect([expiresIn, (await ask(timed, token)).status]).toEqual([120, 200])
    now += 119_000
    expect((await ask(timed, token)).status).toBe(200)
    now += 2_000
    for (const fresh of [timed, makeApp(new People().add('ann'), { clock })]) {
      const answer = await ask(fresh, token)
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
      expect(await answer.json()).toMatchObject({ status: 401, code: 'KWIK_TOKEN_EXPIRED' })
    }
  })
})

describe('a forged token is 401', () => {
  const forgeries: Record<string, () => Promise<string> | string> = {
    'without a signature (alg none)': () => new UnsecuredJWT(goodClaims()).encode(),
    'alg none with a kid': async () =>
      `${[{ alg: 'none', typ: 'at+jwt', kid: await kidOf() }, goodClaims()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`,
    'signed with another secret': () => sign(goodClaims(), {}, deriveKey(otherSecret, 'access')),
    'signed with the secret itself': () => sign(goodClaims(), {}, new TextEncoder().encode(secret)),
    'signed with the key of another purpose': () => sign(goodClaims(), {}, deriveKey(secret, 'cursor')),
    'signed with HS512': () =>
      sign(
        goodClaims(),
        { alg: 'HS512' },
        new Uint8Array([...deriveKey(secret, 'access'), ...deriveKey(secret, 'access')]),
      ),
    'with a key of its own in the header (jwk)': async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
      return new SignJWT(goodClaims())
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: await kidOf(), jwk: await exportJWK(publicKey) })
        .sign(privateKey)
    },
    'with an HMAC key of its own in the header': () =>
      sign(
        goodClaims(),
        { jwk: { kty: 'oct', k: Buffer.from(otherSecret).toString('base64url') } },
        new TextEncoder().encode(otherSecret),
      ),
    'that points at keys elsewhere (jku)': () => sign(goodClaims(), { kid: 'else', jku: 'http://127.0.0.1:1/keys' }),
    'with an unknown kid': () => sign(goodClaims(), { kid: 'unknown' }),
    'with a kid that is a path': () => sign(goodClaims(), { kid: '../../etc/passwd' }),
    'with a kid of 10 kB': () => sign(goodClaims(), { kid: 'k'.repeat(10_000) }),
    'with a kid that is a number': () => sign(goodClaims(), { kid: 7 as never }),
    'without a kid': () => sign(goodClaims(), { kid: undefined }),
    'with a kid named like a member of Object': () => sign(goodClaims(), { kid: '__proto__' }),
    'that demands an extension (crit)': async () => {
      const good = await signText(JSON.stringify(goodClaims()), { crit: ['exp'] })
      return good
    },
    'without exp': () => sign({ ...goodClaims(), exp: undefined as never }),
    'with exp as a text': async () => signText(JSON.stringify({ ...goodClaims(), exp: String(seconds() + 600) })),
    'with exp 1e400': () => signText(JSON.stringify(goodClaims()).replace(/"exp":\d+/, '"exp":1e400')),
    'issued in the future': () => sign({ ...goodClaims(), iat: seconds() + 3600 }),
    'not valid yet (nbf)': () => sign({ ...goodClaims(), nbf: seconds() + 3600 }),
    'without iat': () => sign({ ...goodClaims(), iat: undefined as never }),
    'without sub': () => sign({ ...goodClaims(), sub: undefined as never }),
    'with an empty sub': () => sign({ ...goodClaims(), sub: '' }),
    'with a sub that is no text': async () => signText(JSON.stringify({ ...goodClaims(), sub: { id: 'ann' } })),
    'without jti': () => sign({ ...goodClaims(), jti: undefined as never }),
    'without sv': () => sign({ ...goodClaims(), sv: undefined }),
    'with sv as a text': () => sign({ ...goodClaims(), sv: '1' }),
    'of a foreign issuer': () => sign({ ...goodClaims(), iss: 'other' }),
    'for a foreign audience': () => sign({ ...goodClaims(), aud: 'other' }),
    'for several audiences without us': () => sign({ ...goodClaims(), aud: ['other', 'another'] }),
    'of the type of a plain JWT': () => sign(goodClaims(), { typ: 'JWT' }),
    'of the type of a refresh token': () => sign(goodClaims(), { typ: 'rt+jwt' }),
    'without a type': () => sign(goodClaims(), { typ: undefined }),
    'whose claims are no object': () => signText('"ann"'),
    'whose claims are broken': () => signText('{"sub":'),
    'that is a refresh token': () => `krt_${'a'.repeat(22)}.1.${'b'.repeat(43)}`,
    'that is a word': () => 'token',
    'with a fourth part': async () => `${await sign(goodClaims())}.x`,
    'that is encrypted (five parts)': () => 'a.b.c.d.e',
  }
  for (const [name, forge] of Object.entries(forgeries))
    test(name, async () => {
      const answer = await ask(app, await forge())
      const text = await answer.text()
      expect([name, answer.status, answer.headers.get('content-type')]).toEqual([name, 401, 'application/problem+json'])
      expect(JSON.parse(text)).toMatchObject({ code: 'KWIK_TOKEN_INVALID', detail: 'Sign in again to get a new one.' })
      expect(text).not.toContain('passwd')
    })

  test('and the good one they were made from is taken', async () => {
    expect((await ask(app, await sign(goodClaims()))).status).toBe(200)
    expect((await ask(app, await sign({ ...goodClaims(), aud: ['other', 'kwik'] }))).status).toBe(200)
    expect((await ask(app, await signText(JSON.stringify(goodClaims())))).status).toBe(200)
  })
  test('a changed letter of the signature is refused after the good token was remembered', async () => {
    const good = await sign(goodClaims())
    expect((await ask(app, good)).status).toBe(200)
    const at = good.lastIndexOf('.') + 1
    const bad = `${good.slice(0, at)}${good[at] === 'A' ? 'B' : 'A'}${good.slice(at + 1)}`
    expect((await ask(app, bad)).status).toBe(401)
  })
})

describe('credentials', () => {
  test('none is 401, and another scheme is none', async () => {
    for (const authorization of [undefined, 'Basic YTpi', 'Bearer', 'Bearer ', '']) {
      const headers = new Headers(authorization === undefined ? {} : { authorization })
      const answer = await app.handle(new Request('http://localhost/me', { headers }))
      expect([answer.status, (await answer.json()).code]).toEqual([401, 'KWIK_UNAUTHENTICATED'])
    }
  })
  test('a bad token leaves a public route open', async () => {
    expect((await ask(app, 'a.b.c', '/open')).status).toBe(200)
  })
  test('an Authorization header of a megabyte is 401, and no signature is computed', async () => {
    for (const token of ['a'.repeat(1_000_000), `a.b.${'c'.repeat(1_000_000)}`, '.'.repeat(1_000_000)])
      expect((await ask(app, token)).status).toBe(401)
  })
  test('two Authorization headers are 400', async () => {
    const { token } = await service.issue({ id: 'ann', tokenVersion: 1 })
    const headers = new Headers([
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ])
    const answer = await app.handle(new Request('http://localhost/me', { headers }))
    expect([answer.status, (await answer.json()).code]).toEqual([400, 'KWIK_CREDENTIALS_AMBIGUOUS'])
  })
})

describe('who a token names', () => {
  test('somebody unknown is 401', async () => {
    expect((await ask(app, (await service.issue({ id: 'nobody', tokenVersion: 1 })).token)).status).toBe(401)
  })
  test('somebody unknown to principals that say null is 401', async () => {
    const load = async () => null as unknown as undefined
    const { token } = await service.issue({ id: 'nobody', tokenVersion: 1 })
    expect((await ask(makeApp({ load }), token)).status).toBe(401)
  })
  test('is refused on the next request when the account is disabled', async () => {
    const people = new People().add('ann')
    const live = makeApp(people)
    const { token } = await service.issue({ id: 'ann', tokenVersion: 1 })
    expect((await ask(live, token)).status).toBe(200)
    people.accounts.delete('ann')
    expect((await ask(live, token)).status).toBe(401)
    people.add('ann')
    expect((await ask(live, token)).status).toBe(200)
  })
  test('is refused when everybody must sign in again', async () => {
    const people = new People().add('ann')
    const live = makeApp(people)
    const { token } = await service.issue({ id: 'ann', tokenVersion: 1 })
    expect((await ask(live, token)).status).toBe(200)
    people.add('ann', 2)
    expect((await ask(live, token)).status).toBe(401)
    expect((await ask(live, (await service.issue({ id: 'ann', tokenVersion: 2 })).token)).status).toBe(200)
  })
})
