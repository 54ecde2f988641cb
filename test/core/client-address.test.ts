import { Elysia } from 'elysia'
import { core } from '#core/access'
import { scopeOf } from '#core/scope'
import { describe, expect, test } from '#test'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))

/** What an app says of a client that comes through the loopback address. */
async function seen(headers: Record<string, string>, trustedProxies?: readonly string[]) {
  const app = new Elysia()
    .use(core({ ...(trustedProxies && { trustedProxies }), signals: false }))
    .get('/', ({ request }) => ({ address: scopeOf(request).address, secure: scopeOf(request).secure }), {
      public: true,
    })
    .listen({ port: 0, hostname: '127.0.0.1' })
  try {
    const response = await fetch(`http://127.0.0.1:${app.server!.port}/`, { headers })
    return (await response.json()) as { address: string; secure: boolean }
  } finally {
    await app.stop(true)
  }
}
const proxy = ['127.0.0.1']
const addressOf = async (headers: Record<string, string>, trusted: readonly string[] = proxy) =>
  (await seen(headers, trusted)).address

describe('the address of a client', () => {
  onBun('is that of its socket, whatever it says', async () => {
    expect(
      await seen({ 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-forwarded-proto': 'https' }),
    ).toEqual({
      address: '127.0.0.1',
      secure: false,
    })
    expect(await addressOf({ 'x-forwarded-for': '6.6.6.6' }, ['10.0.0.0/8'])).toBe('127.0.0.1')
  })

  onBun('is what a trusted proxy says, read from the right', async () => {
    expect(await addressOf({ 'x-forwarded-for': '6.6.6.6, 9.9.9.9' })).toBe('9.9.9.9')
    expect(await addressOf({ 'x-forwarded-for': '6.6.6.6, 9.9.9.9, 10.0.0.2' }, [...proxy, '10.0.0.0/8'])).toBe(
      '9.9.9.9',
    )
    expect(await addressOf({ forwarded: 'for=6.6.6.6, for="[2001:db8::1]:80";proto=https' })).toBe('2001:db8::1')
    expect(await addressOf({ 'x-forwarded-for': '9.9.9.9:4711' })).toBe('9.9.9.9')
    expect(await addressOf({ 'x-forwarded-for': '::ffff:9.9.9.9' })).toBe('9.9.9.9')
    expect(await addressOf({})).toBe('127.0.0.1')
  })

  onBun('is the last known one where a proxy hides it', async () => {
    expect(await addressOf({ 'x-forwarded-for': '6.6.6.6, unknown' })).toBe('127.0.0.1')
    expect(await addressOf({ 'x-forwarded-for': 'unknown, 10.0.0.2' }, [...proxy, '10.0.0.2'])).toBe('10.0.0.2')
  })

  onBun('is not found in a header that the proxy passed on untouched', async () => {
    expect(await addressOf({ forwarded: 'for=6.6.6.6', 'x-forwarded-for': '9.9.9.9' })).toBe('127.0.0.1')
    expect(await addressOf({ forwarded: 'for=9.9.9.9', 'x-forwarded-for': '9.9.9.9' })).toBe('9.9.9.9')
  })

  onBun('is found in a few steps, however long the list', async () => {
    const long = Array.from({ length: 1000 }, () => '10.0.0.1').join(',')
    expect(await addressOf({ 'x-forwarded-for': `6.6.6.6,${long}` }, [...proxy, '10.0.0.0/8'])).toBe('10.0.0.1')
  })

  onBun('comes with the word on TLS of a trusted proxy', async () => {
    expect((await seen({ 'x-forwarded-proto': 'https' }, proxy)).secure).toBe(true)
    expect((await seen({ 'x-forwarded-proto': 'https, http' }, proxy)).secure).toBe(false)
    expect((await seen({ forwarded: 'for=1.1.1.1;proto=https' }, proxy)).secure).toBe(true)
  })

  test('needs ranges that can be read', async () => {
    const app = new Elysia()
      .use(core({ trustedProxies: ['10.0.0.0/99'], signals: false }))
      .get('/', 'x', { public: true })
    expect((await app.handle(new Request('http://localhost/'))).status).toBe(500)
  })
})
