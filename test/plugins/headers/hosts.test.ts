import { connect } from 'node:net'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import { describe, expect, test } from '#test'
import { headers } from '../../../plugins/headers/index.ts'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))

const logger = { debug() {}, info() {}, warning() {}, error() {} }
const make = (...hosts: string[]) =>
  new Elysia()
    .use(core({ signals: false, logger }))
    .use(headers({ hosts }))
    .get('/', ({ request }) => request.url, { public: true })
const status = async (hosts: string[], url: string, said: Record<string, string> = {}) =>
  (await make(...hosts).handle(new Request(url, { headers: said }))).status

describe('an app with hosts', () => {
  const hosts = ['api.example.com', '*.shop.example.com', 'localhost:3000', '[::1]', 'db']
  test.each([
    'http://api.example.com/',
    'http://API.example.com/',
    'https://api.example.com:8443/',
    'http://api.example.com./',
    'http://a.shop.example.com/',
    'http://localhost:3000/',
    'http://[::1]:80/',
    'http://db/',
  ])('answers for %s', async (url) => {
    expect(await status(hosts, url)).toBe(200)
  })

  test.each([
    'http://evil.com/',
    'http://example.com/',
    'http://x.api.example.com/',
    'http://api.example.com.evil.com/',
    'http://shop.example.com/',
    'http://a.b.shop.example.com/',
    'http://localhost/',
    'http://localhost:3001/',
    'http://a/',
    'http://api.example.com@evil.com/',
  ])('does not answer for %s', async (url) => {
    expect(await status(hosts, url)).toBe(421)
  })

  test('says so with a problem that carries the headers', async () => {
    const response = await make('a.com').handle(new Request('http://b.com/none'))
    expect([response.status, response.headers.get('x-content-type-options')]).toEqual([421, 'nosniff'])
    expect(await response.json()).toMatchObject({ code: 'KWIK_HOST_NOT_ALLOWED', status: 421 })
  })

  test('reads the Host header too', async () => {
    expect(await status(['a.com'], 'http://a.com/', { host: 'b.com' })).toBe(421)
    expect(await status(['a.com'], 'http://a.com/', { host: 'a.com' })).toBe(200)
  })

  onBun('is not fooled by a whole URL in the request line, two hosts or none', async () => {
    const app = make('a.com').listen({ port: 0, hostname: '127.0.0.1' })
    const answer = (text: string) =>
      new Promise<string>((settle) => {
        const socket = connect({ port: app.server!.port!, host: '127.0.0.1' }, () => socket.write(text))
        socket.once('data', (data) => {
          socket.destroy()
          settle(String(data))
        })
      })
    const status = async (text: string) => (await answer(text)).split(' ')[1]
    try {
      expect(await status('GET / HTTP/1.1\r\nHost: a.com\r\n\r\n')).toBe('200')
      expect(await status('GET / HTTP/1.1\r\nHost: b.com\r\n\r\n')).toBe('421')
      expect(await status('GET http://a.com/ HTTP/1.1\r\nHost: b.com\r\n\r\n')).toBe('421')
      expect(await status('GET / HTTP/1.1\r\nHost: a.com\r\nHost: b.com\r\n\r\n')).toBe('421')
      expect(await status('GET / HTTP/1.0\r\n\r\n')).toBe('421')
      // The runtime takes the header's word, and so does what handlers see.
      expect(await answer('GET http://b.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n')).toMatch(/http:\/\/a\.com\/$/)
    } finally {
      await app.stop(true)
    }
  })

  test.each(['', 'http://a.com', 'a.com/x', '*', 'a.*.com', 'a b'])('does not start for %j', (host) => {
    expect(() => boot(make(host))).toThrow('is no host')
  })

  test('does not start for no host at all', () => {
    expect(() => boot(make())).toThrow('hosts')
  })
})
