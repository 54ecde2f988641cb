import { Elysia } from 'elysia'
import { core } from '#core/access'
import { describe, expect, test } from '#test'
import {
  deriveKey,
  type SigningKey,
  type TokenServiceOptions,
  tokenService,
  tokens,
} from '../../../plugins/tokens/index.ts'
import { otherSecret, People, secret } from './forge.ts'

const makeApp = (options: TokenServiceOptions) =>
  new Elysia()
    .use(core({ signals: false }))
    .use(tokens({ ...options, principals: new People().add('ann') }))
    .get('/me', ({ user }) => user.id, { auth: true })
const statusOf = async (app: ReturnType<typeof makeApp>, token: string) =>
  (await app.handle(new Request('http://localhost/me', { headers: { authorization: `Bearer ${token}` } }))).status
const issued = async (options: TokenServiceOptions) =>
  (await tokenService(options).issue({ id: 'ann', tokenVersion: 1 })).token

function fault(options: TokenServiceOptions): string {
  try {
    makeApp(options).listen({ port: 0, hostname: '127.0.0.1' })
  } catch (error) {
    return (error as Error).message
  }
  return 'it started'
}

describe('changing keys', () => {
  const next: SigningKey = { secret: otherSecret, status: 'active' }
  test('signs nobody out: each step takes what the step before issued', async () => {
    const steps: TokenServiceOptions[] = [
      { secret },
      { keys: [{ secret }, { ...next, status: 'verify' }] },
      { keys: [{ secret, status: 'verify' }, next] },
      { secret: otherSecret },
    ]
    for (let at = 1; at < steps.length; at++) {
      // During a roll-out servers of both steps answer: each takes the other's tokens.
      if (at < 3) expect(await statusOf(makeApp(steps[at]!), await issued(steps[at - 1]!))).toBe(200)
      if (at > 1) expect(await statusOf(makeApp(steps[at - 1]!), await issued(steps[at]!))).toBe(200)
    }
  })
  test('a retired key is taken no more', async () => {
    const token = await issued({ secret })
    expect(await statusOf(makeApp({ keys: [{ secret, status: 'retired' }, next] }), token)).toBe(401)
    expect(await statusOf(makeApp({ secret: otherSecret }), token)).toBe(401)
  })
  test('keys may be named', async () => {
    const token = await issued({ keys: [{ kid: '2026-11', secret }] })
    expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid).toBe('2026-11')
    expect(await statusOf(makeApp({ keys: [{ kid: '2026-11', secret }] }), token)).toBe(200)
  })
})

describe('an app does not start', () => {
  const cases: [string, TokenServiceOptions, string][] = [
    ['without a secret', {}, '`secret` or `keys`'],
    ['with both', { secret, keys: [{ secret }] }, '`secret` or `keys`'],
    ['with a secret under 32 bytes', { secret: 's3cret-s3cret-s3cret-s3cret-123' }, 'openssl rand -base64 32'],
    ['with a secret that is one letter', { secret: 'x'.repeat(64) }, '(this one repeats a few characters)'],
    ['with a weak key in the ring', { keys: [{ secret }, { secret: 'weak', status: 'verify' }] }, '32 random bytes'],
    ['with two active keys', { keys: [{ secret }, { secret: otherSecret }] }, '2 keys are active'],
    ['with no active key', { keys: [{ secret, status: 'verify' }] }, '0 keys are active'],
    [
      'with one kid twice',
      {
        keys: [
          { kid: 'a', secret },
          { kid: 'a', secret: otherSecret, status: 'verify' },
        ],
      },
      'have the kid "a"',
    ],
    ['with a kid that is a path', { keys: [{ kid: '../a', secret }] }, 'a kid is'],
    ['with a life that is no duration', { secret, accessTtl: '10 minutes' as never }, 'is no duration'],
    ['with tokens that are dead at once', { secret, accessTtl: 0 }, 'one second'],
  ]
  for (const [name, options, message] of cases)
    test(name, () => {
      expect(fault(options)).toContain(message)
      expect(fault(options)).not.toContain(secret)
    })
})

test('apps that share a secret but not an audience refuse each other', async () => {
  const token = await issued({ secret, audience: 'shop' })
  expect(await statusOf(makeApp({ secret, audience: 'shop' }), token)).toBe(200)
  expect(await statusOf(makeApp({ secret, audience: 'office' }), token)).toBe(401)
  expect(await statusOf(makeApp({ secret, issuer: 'office' }), token)).toBe(401)
})

test('keys of two purposes are different, and the same everywhere', () => {
  expect(deriveKey(secret, 'access')).toEqual(deriveKey(new TextEncoder().encode(secret), 'access'))
  expect(deriveKey(secret, 'access')).not.toEqual(deriveKey(secret, 'cursor'))
  expect(deriveKey(secret, 'access').byteLength).toBe(32)
})
