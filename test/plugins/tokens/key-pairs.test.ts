import { generateKeyPairSync } from 'node:crypto'
import { Elysia } from 'elysia'
import { createLocalJWKSet, exportJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { core } from '#core/access'
import { describe, expect, test } from '#test'
import { type SigningKey, type TokenServiceOptions, tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { goodClaims, People, secret } from './forge.ts'

const pairOf = (alg: 'EdDSA' | 'ES256') =>
  alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = (key: { export(options: object): string | Buffer }, type: 'pkcs8' | 'spki') =>
  String(key.export({ type, format: 'pem' }))

const makeApp = (options: TokenServiceOptions) =>
  new Elysia()
    .use(core({ signals: false }))
    .use(tokens({ ...options, principals: new People().add('ann') }))
    .get('/me', ({ user }) => user.id, { auth: true })
const statusOf = async (options: TokenServiceOptions, token: string) =>
  (await makeApp(options).handle(new Request('http://localhost/me', { headers: { authorization: `Bearer ${token}` } })))
    .status
const jwksOf = async (options: TokenServiceOptions) =>
  makeApp(options).handle(new Request('http://localhost/.well-known/jwks.json'))
const issue = async (options: TokenServiceOptions) =>
  (await tokenService(options).issue({ id: 'ann', tokenVersion: 1 })).token

for (const alg of ['EdDSA', 'ES256'] as const)
  describe(`tokens that are signed with ${alg}`, () => {
    const { privateKey, publicKey } = pairOf(alg)
    const key: SigningKey = { kid: 'k1', alg, privateKey: pem(privateKey, 'pkcs8') }

    test('are taken, and anybody can verify them by the published keys', async () => {
      const token = await issue({ keys: [key] })
      expect(await statusOf({ keys: [key] }, token)).toBe(200)
      const answer = await jwksOf({ keys: [key] })
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=300'])
      const jwks = (await answer.json()) as { keys: JWK[] }
      expect(jwks.keys).toHaveLength(1)
      expect(jwks.keys[0]).toMatchObject({ kid: 'k1', alg, use: 'sig' })
      expect(jwks.keys[0]!.d).toBeUndefined()
      const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer: 'kwik', typ: 'at+jwt' })
      expect(payload.sub).toBe('ann')
    })

    test('are verified with the public key alone, as PEM or JWK', async () => {
      const token = await issue({ keys: [key] })
      for (const open of [pem(publicKey, 'spki'), await exportJWK(publicKey)])
        expect(
          await statusOf({ keys: [{ secret }, { kid: 'k1', alg, publicKey: open, status: 'verify' }] }, token),
        ).toBe(200)
    })

    test('are not what a secret signed that is the published key', async () => {
      const now = goodClaims()
      for (const known of [pem(publicKey, 'spki'), JSON.stringify(await exportJWK(publicKey))])
        for (const header of [{ alg: 'HS256' }, { alg }])
          try {
            const forged = await new SignJWT(now)
              .setProtectedHeader({ typ: 'at+jwt', kid: 'k1', ...header } as never)
              .sign(new TextEncoder().encode(known))
            expect(await statusOf({ keys: [key] }, forged)).toBe(401)
          } catch (error) {
            // jose itself does not sign so.
            expect(error).toBeInstanceOf(TypeError)
          }
    })

    test('are not those of another pair under the same name', async () => {
      const other: SigningKey = { kid: 'k1', alg, privateKey: pem(pairOf(alg).privateKey, 'pkcs8') }
      expect(await statusOf({ keys: [key] }, await issue({ keys: [other] }))).toBe(401)
    })

    test('replace those of a secret, and nobody is signed out', async () => {
      const before = { keys: [{ secret }, { ...key, status: 'verify' } as const] }
      const after = { keys: [{ secret, status: 'verify' } as const, key] }
      const [old, next] = [await issue(before), await issue(after)]
      for (const options of [before, after]) {
        expect([await statusOf(options, old), await statusOf(options, next)]).toEqual([200, 200])
        expect(((await (await jwksOf(options)).json()) as { keys: JWK[] }).keys).toHaveLength(1)
      }
      const retired = { keys: [{ secret }, { ...key, status: 'retired' } as const] }
      expect(await statusOf(retired, next)).toBe(401)
      expect((await jwksOf(retired)).status).toBe(404)
    })

    test('need a key that is one: the app does not start, and shows nothing of it', () => {
      const other = pairOf(alg === 'EdDSA' ? 'ES256' : 'EdDSA')
      const cases: [SigningKey, string][] = [
        [{ alg, privateKey: 'not a key at all' }, `a key cannot be read as one of ${alg}`],
        [{ alg, kid: '2026-11', privateKey: 'no key' }, `the key "2026-11" cannot be read as one of ${alg}`],
        [{ alg, privateKey: pem(other.privateKey, 'pkcs8') }, 'cannot be read'],
        [{ alg, publicKey: pem(publicKey, 'spki') }, 'needs its privateKey'],
        [{ alg } as SigningKey, 'needs privateKey'],
        [
          { alg, privateKey: pem(privateKey, 'pkcs8'), publicKey: pem(pairOf(alg).publicKey, 'spki') },
          'are not a pair',
        ],
        [{ alg: 'RS256' as never, privateKey: pem(privateKey, 'pkcs8') }, "'EdDSA' or 'ES256'"],
      ]
      for (const [wrong, message] of cases) {
        let said = 'it started'
        try {
          tokenService({ keys: [wrong] })
        } catch (error) {
          said = (error as Error).message
        }
        expect(said).toContain(message)
        expect(said).not.toContain('PRIVATE KEY')
      }
    })
  })

test('an app with secrets alone publishes no keys', async () => {
  expect((await jwksOf({ secret })).status).toBe(404)
})
