import { Elysia } from 'elysia'
import { describe, expect, test } from '#test'
import type { Database } from '../../../../plugins/database/index.ts'
import { onBun } from '../../../attacks/app.ts'
import { onWire } from '../../../attacks/wire.ts'
import { both, withDatabase } from '../../../services.ts'
import { bearer, House, password, type Reply, sessionIdOf, tables } from './house.ts'

const refresh = { transport: 'cookie', trustedOrigins: ['https://app.example.com'] } as const
const credentials = { email: 'bob@example.com', password }

/** What a browser keeps of our cookies, and sends on. */
class Jar {
  readonly kept = new Map<string, { readonly value: string; readonly path: string; readonly line: string }>()

  take({ headers }: Reply): this {
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (line.includes('Max-Age=0')) this.kept.delete(name)
      else this.kept.set(name, { value, path: /Path=([^;]+)/.exec(line)?.[1] ?? '', line })
    }
    return this
  }

  for(path: string): Record<string, string> {
    const sent = [...this.kept].filter(([, { path: own }]) => path.startsWith(own))
    return { cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') }
  }
}

const start = async (db: Database, prefix = '') => {
  const house = new House(db, { tokens: { refresh } }, prefix)
  const bob = await house.person()
  const login = await house.ask('POST', `${prefix}/auth/login`, {}, credentials)
  return { house, bob, login, jar: new Jar().take(login) }
}

describe('with cookies', () => {
  both('a browser is signed in, goes on and is signed out', tables, async (db) => {
    const { house, login, jar } = await start(db)
    expect(login.body.refreshToken).toBeUndefined()
    expect([...jar.kept].map(([name, { line }]) => [name, line.replace(/^[^;]*; /, '')])).toEqual([
      ['__Host-kwik', 'Max-Age=1209600; Path=/; HttpOnly; Secure; SameSite=Lax'],
      ['__Secure-kwik-refresh', 'Max-Age=1209600; Path=/auth/refresh; HttpOnly; Secure; SameSite=Strict'],
    ])
    expect((await house.ask('GET', '/products', jar.for('/products'))).status).toBe(200)
    const before = jar.kept.get('__Host-kwik')!.value
    const answer = await house.ask('POST', '/auth/refresh', jar.for('/auth/refresh'))
    expect([answer.status, answer.body.refreshToken]).toEqual([200, undefined])
    jar.take(answer)
    expect(jar.kept.get('__Host-kwik')!.value).not.toBe(before)
    expect((await house.ask('GET', '/products', jar.for('/products'))).status).toBe(200)
    const left = { cookie: `__Host-kwik=${jar.kept.get('__Host-kwik')!.value}` }
    const goodbye = await house.ask('POST', '/auth/logout', jar.for('/auth/logout'))
    expect(goodbye.status).toBe(204)
    jar.take(goodbye)
    expect([...jar.kept.keys()]).toEqual([])
    expect((await house.ask('GET', '/products', left)).status).toBe(401)
  })

  both('a browser is signed out everywhere', tables, async (db) => {
    const { house, jar } = await start(db)
    const answer = await house.ask('POST', '/auth/logout-all', jar.for('/auth/logout-all'))
    expect([answer.status, jar.take(answer).kept.size]).toEqual([204, 0])
  })

  both('the loser of a race never takes the cookies of the winner', tables, async (db) => {
    const { house, jar } = await start(db)
    const old = jar.for('/auth/refresh')
    const forged = { cookie: old['cookie']!.replace(/.{4}$/, 'AAAA') }
    const refused = await house.ask('POST', '/auth/refresh', forged)
    expect([refused.status, refused.headers.getSetCookie()]).toEqual([401, []])
    const nothing = await house.ask('POST', '/auth/refresh', {})
    expect([nothing.status, nothing.headers.getSetCookie()]).toEqual([401, []])
    const [one, other] = await Promise.all([1, 2].map(() => house.ask('POST', '/auth/refresh', old)))
    expect([one!.status, other!.status]).toEqual([200, 200])
    const kept = (answer: Reply) => new Jar().take(answer).kept.get('__Secure-kwik-refresh')!.value
    expect(kept(one!)).toBe(kept(other!))
  })

  both('a token in the header is taken too, and wins over the cookie', tables, async (db) => {
    const { house, jar, login } = await start(db)
    await house.person('ann@example.com')
    const ann = await house.ask('POST', '/auth/login', {}, { ...credentials, email: 'ann@example.com' })
    const answer = await house.ask('GET', '/products', { ...jar.for('/'), ...bearer(ann.body.accessToken) })
    expect([answer.status, answer.body.email]).toEqual([200, 'ann@example.com'])
    const bad = { ...jar.for('/'), ...bearer(`${login.body.accessToken.slice(0, -4)}AAAA`) }
    expect((await house.ask('GET', '/products', bad)).status).toBe(401)
  })

  both('the refresh cookie is sent below the prefix of the app', tables, async (db) => {
    const { jar } = await start(db, '/api/v1')
    expect(jar.kept.get('__Secure-kwik-refresh')!.path).toBe('/api/v1/auth/refresh')
  })

  both('somebody who acts for another keeps their own refresh cookie', tables, async (db) => {
    const { house, bob } = await start(db)
    const ann = await house.person('ann@example.com', 'users:impersonate')
    const login = await house.ask('POST', '/auth/login', {}, { ...credentials, email: 'ann@example.com' })
    const jar = new Jar().take(login)
    const own = jar.kept.get('__Secure-kwik-refresh')!.value
    const actor = { id: ann, tokenVersion: 1, sessionId: sessionIdOf(login.body.accessToken) }
    const { accessToken } = await house.begin({ id: bob, tokenVersion: 1, actor, ttl: 60 })
    const acting = { cookie: `__Host-kwik=${accessToken}; __Secure-kwik-refresh=${own}` }
    expect((await house.ask('GET', '/products', acting)).body.email).toBe('bob@example.com')
    jar.take(await house.ask('POST', '/auth/refresh', acting))
    expect((await house.ask('GET', '/products', jar.for('/products'))).body.email).toBe('ann@example.com')
  })

  both('who signs out while they act for another has signed out themselves', tables, async (db) => {
    const { house, bob } = await start(db)
    const ann = await house.person('ann@example.com', 'users:impersonate')
    const login = await house.ask('POST', '/auth/login', {}, { ...credentials, email: 'ann@example.com' })
    const jar = new Jar().take(login)
    const actor = { id: ann, tokenVersion: 1, sessionId: sessionIdOf(login.body.accessToken) }
    const { accessToken } = await house.begin({ id: bob, tokenVersion: 1, actor, ttl: 60 })
    const left = await house.ask('POST', '/auth/logout', { cookie: `__Host-kwik=${accessToken}` })
    expect([left.status, left.headers.getSetCookie().length]).toEqual([204, 2])
    for (const token of [accessToken, login.body.accessToken])
      expect((await house.ask('GET', '/products', bearer(token))).status).toBe(401)
    const refresh = { cookie: `__Secure-kwik-refresh=${jar.kept.get('__Secure-kwik-refresh')!.value}` }
    expect((await house.ask('POST', '/auth/refresh', refresh)).status).toBe(401)
  })

  both('two cookies of the name are none, and neither is anything that is no token', tables, async (db) => {
    const { house, jar } = await start(db)
    const good = jar.kept.get('__Host-kwik')!.value
    for (const cookie of [
      `__Host-kwik=${good}; __Host-kwik=${good}`,
      `x__Host-kwik=${good}`,
      `__Host-kwik=`,
      `__Host-kwik=x`,
      `__Host-kwik=${'a'.repeat(100_000)}`,
      `__Host-kwik=krt_${'a'.repeat(22)}.1.${'b'.repeat(43)}`,
    ])
      expect((await house.ask('GET', '/products', { cookie })).status).toBe(401)
    expect((await house.ask('GET', '/products', { cookie: `a=b; __Host-kwik=${good} ; c="d"` })).status).toBe(200)
  })
})

describe('what another site makes a browser send', () => {
  const ours = { host: 'shop.example.com' }
  const cases: [string, Record<string, string>, 'taken' | 'refused'][] = [
    [
      'from a page of the same origin',
      { 'sec-fetch-site': 'same-origin', origin: 'https://shop.example.com' },
      'taken',
    ],
    ['that the user asked for themselves', { 'sec-fetch-site': 'none' }, 'taken'],
    ['from another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'refused'],
    ['from another site, without Origin', { 'sec-fetch-site': 'cross-site' }, 'refused'],
    ['from a sister', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' }, 'refused'],
    ['with a word that is none', { 'sec-fetch-site': 'Same-Origin' }, 'refused'],
    ['from an origin that is trusted', { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' }, 'taken'],
    [
      'from the trusted name without TLS',
      { 'sec-fetch-site': 'cross-site', origin: 'http://app.example.com' },
      'refused',
    ],
    ['from an old browser on our page', { origin: 'https://shop.example.com' }, 'taken'],
    ['from an old browser elsewhere', { origin: 'https://evil.example' }, 'refused'],
    ['from an old browser in a sandbox', { origin: 'null' }, 'refused'],
    ['from another port', { origin: 'https://shop.example.com:8443' }, 'refused'],
    ['from a name that begins like ours', { origin: 'https://shop.example.com.evil.example' }, 'refused'],
    ['by no browser at all', {}, 'taken'],
  ]
  for (const [name, headers, verdict] of cases)
    test(`${name} is ${verdict}`, () =>
      withDatabase('SQLite in memory', tables, async (db) => {
        const { house, jar } = await start(db)
        const sent = (path: string) => ({ ...ours, ...jar.for(path), ...headers })
        const expected = verdict === 'taken' ? 200 : 403
        const answer = await house.ask('POST', '/products', sent('/products'), {})
        expect([answer.status, answer.body.code]).toEqual([
          expected,
          verdict === 'taken' ? undefined : 'KWIK_CROSS_SITE',
        ])
        expect((await house.ask('GET', '/products', sent('/products'))).status).toBe(200)
        const refreshed = await house.ask('POST', '/auth/refresh', sent('/auth/refresh'))
        expect([refreshed.status, refreshed.headers.getSetCookie().length > 0]).toEqual([expected, verdict === 'taken'])
        const goodbye = await house.ask('POST', '/auth/logout', sent('/auth/logout'))
        expect([goodbye.status, goodbye.headers.getSetCookie().length > 0]).toEqual([
          verdict === 'taken' ? 204 : 403,
          verdict === 'taken',
        ])
      }))

  test('signs nobody in as somebody else, by a password or a refresh token of its own, and nobody out', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const { house, jar } = await start(db)
      const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' }
      const token = jar.kept.get('__Secure-kwik-refresh')!.value
      const word = encodeURIComponent(password)
      for (const [path, body] of [
        ['/auth/login', `username=bob%40example.com&password=${word}`],
        ['/auth/refresh', `refresh_token=${token}`],
        ['/auth/logout', `refreshToken=${token}`],
      ] as const) {
        const answer = await house.ask('POST', path, { ...form, origin: 'https://evil.example' }, body)
        expect([path, answer.status, answer.headers.getSetCookie()]).toEqual([path, 403, []])
        const { status } = await house.ask('POST', path, { ...form, origin: 'https://app.example.com' }, body)
        expect([path, status]).toEqual([path, path === '/auth/logout' ? 204 : 200])
      }
    }))

  onBun('opens no web socket as its visitor', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const { house, jar } = await start(db)
      const app = new Elysia()
        .use(house.platform)
        .ws('/live', { auth: true, open: (socket) => void socket.send('hello'), message() {} })
      await onWire(app, async ({ port, get }) => {
        const handshake = (...lines: string[]) =>
          get(
            '/live',
            `Host: localhost:${port}`,
            'Upgrade: websocket',
            'Connection: Upgrade',
            'Sec-WebSocket-Version: 13',
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
            `Cookie: ${jar.for('/live')['cookie']}`,
            ...lines,
          )
        expect(await handshake('Origin: https://evil.example')).toBe(403)
        expect(await handshake('Origin: https://blog.example.com', 'Sec-Fetch-Site: same-site')).toBe(403)
        const own = new WebSocket(`ws://localhost:${port}/live`, {
          headers: { ...jar.for('/live'), origin: `http://localhost:${port}` },
        } as never)
        expect(await new Promise((told) => own.addEventListener('message', ({ data }) => told(data)))).toBe('hello')
        own.close()
      })
    }),
  )

  both('is not told whether a password is right, where a sign-in sets cookies', tables, async (db) => {
    const evil = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    const login = async (house: House) => {
      const wrong = await house.ask('POST', '/auth/login', evil, { ...credentials, password: 'a wrong password' })
      return [wrong.status, (await house.ask('POST', '/auth/login', evil, credentials)).status]
    }
    expect(await login((await start(db)).house)).toEqual([403, 403])
    expect(await login(new House(db))).toEqual([401, 200])
  })

  test('is no matter for tokens that a script puts into a header', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const { house, login } = await start(db)
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      const answer = await house.ask('POST', '/products', { ...headers, ...bearer(login.body.accessToken) }, {})
      expect(answer.status).toBe(200)
    }))

  test('is an origin, or the app does not start', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      for (const origin of ['app.example.com', 'https://app.example.com/', '*', 'https://*.example.com/x'])
        expect(() => new House(db, { tokens: { refresh: { trustedOrigins: [origin] } } })).toThrow('is no origin')
    }))
})

both('cookies are not taken where tokens travel in bodies', tables, async (db) => {
  const house = new House(db)
  await house.person()
  const login = await house.ask('POST', '/auth/login', {}, credentials)
  expect(login.headers.getSetCookie()).toEqual([])
  expect((await house.ask('GET', '/products', { cookie: `__Host-kwik=${login.body.accessToken}` })).status).toBe(401)
})
