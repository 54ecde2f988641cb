import type { AnyElysia } from 'elysia'
import fc from 'fast-check'
import { boot } from '#core/boot'
import type { Database } from '#core/ports/database'
import { describe, expect, test } from '#test'
import { withDatabase } from '../../services.ts'
import { appOf, ask, fill, keys, noteList, notes } from './fixture.ts'
import { linksIn, targetsIn } from './link-header.ts'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))
const nine = (run: (db: Database) => Promise<void>): Promise<void> =>
  withDatabase('SQLite in memory', [notes], async (db) => {
    await fill(
      db,
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => ({ id })),
    )
    await run(db)
  })

test('the parser of these tests is strict', () => {
  expect(targetsIn('</a?b=c>; rel="first", <https://x/y>;rel=next ; title="a, \\"b\\""')).toEqual({
    first: '/a?b=c',
    next: 'https://x/y',
  })
  for (const wrong of [
    '',
    'a',
    '</a',
    '</a>',
    '</a b>; rel=x',
    '</a>; rel',
    '</a>; rel="x',
    '</a>; rel=x,',
    '</%zz>; rel=x',
  ])
    expect(() => linksIn(wrong)).toThrow(SyntaxError)
})

test('following next from the first page until it is absent visits every row, and prev leads back', () =>
  nine(async (db) => {
    const app = appOf(db)
    const follow = async (rel: string, from: string) => {
      const ids: unknown[][] = []
      for (let at: string | undefined = from; at !== undefined; ) {
        const page = await ask(app, at.replace('/notes', ''))
        ids.push(page.ids)
        at = targetsIn(page.link)[rel]
      }
      return ids
    }
    expect(await follow('next', '/notes?limit=4')).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]])
    expect(await follow('prev', '/notes?limit=4&before=end')).toEqual([[6, 7, 8, 9], [2, 3, 4, 5], [1]])
  }))

test('whatever a parameter holds, the header is one that parses and leads to the same parameters (property)', () =>
  nine(async (db) => {
    const app = appOf(db)
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
        fc.boolean(),
        async (text, encoded) => {
          const plain = text.toWellFormed().replaceAll('\0', '')
          const value = encoded ? encodeURIComponent(plain) : plain.replace(/[&#%+]/g, encodeURIComponent)
          const { link, status } = await ask(app, `?title[ne]=${value}&limit=2&utm_source=x`)
          expect(status).toBe(200)
          const targets = targetsIn(link)
          expect(Object.keys(targets)).toEqual(['first', 'next', 'last'])
          const asked = new URL(`http://localhost/notes?title[ne]=${value}&z`).searchParams.get('title[ne]')
          for (const target of Object.values(targets)) {
            const { searchParams, pathname } = new URL(target, 'http://localhost')
            expect([pathname, searchParams.get('title[ne]'), searchParams.get('limit')]).toEqual(['/notes', asked, '2'])
            expect(searchParams.has('utm_source')).toBe(false)
          }
        },
      ),
      { numRuns: 200 },
    )
  }))

test('baseUrl makes links absolute, whatever the request says of its host', () =>
  nine(async (db) => {
    const forged = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example;proto=https',
      'x-forwarded-prefix': '/evil',
    }
    for (const [baseUrl, start] of [
      ['https://api.example.com', 'https://api.example.com/notes?limit=2'],
      ['https://api.example.com:8443/v1/', 'https://api.example.com:8443/v1/notes?limit=2'],
    ] as const) {
      const app = appOf(db, noteList, { keys, baseUrl })
      const { link, page } = await ask(app, '?limit=2', { headers: forged })
      expect(targetsIn(link)).toEqual({
        first: start,
        next: `${start}&after=${page.next}`,
        last: `${start}&before=end`,
      })
      expect(targetsIn((await ask(app, '?limit=2&after=x', { headers: forged })).link)).toEqual({ first: start })
    }
    const { link } = await ask(appOf(db), '?limit=2', { headers: forged })
    expect(targetsIn(link)['first']).toBe('/notes?limit=2')
  }))

test('a baseUrl that is none is refused at boot', () =>
  nine(async (db) => {
    for (const baseUrl of ['api.example.com', '/v1', 'ftp://a', 'https://a?b', 'https://a#', 'https://u:p@a', '']) {
      expect(() => boot(appOf(db, noteList, { keys, baseUrl }))).toThrow('is not an address such as')
    }
  }))

/** The link to the first page, of an app behind the loopback address. */
async function firstOf(
  db: Database,
  headers: Record<string, string>,
  trustedProxies: readonly string[] = ['127.0.0.1'],
): Promise<string> {
  const app: AnyElysia = appOf(db, noteList, keys, [], { trustedProxies }).listen({ port: 0, hostname: '127.0.0.1' })
  try {
    const response = await fetch(`http://127.0.0.1:${app.server!.port}/notes?limit=2`, { headers })
    return targetsIn(response.headers.get('link')!)['first']!
  } finally {
    await app.stop(true)
  }
}
const proxied = { 'x-forwarded-host': 'api.example.com', 'x-forwarded-proto': 'https' }
const relative = '/notes?limit=2'
const absolute = 'https://api.example.com/notes?limit=2'

describe('behind a proxy', () => {
  onBun('that is trusted, links have the scheme, the host and the prefix that it says', () =>
    nine(async (db) => {
      expect(await firstOf(db, proxied)).toBe(absolute)
      expect(await firstOf(db, { forwarded: 'for=9.9.9.9;host=api.example.com;proto=https' })).toBe(absolute)
      expect(await firstOf(db, { forwarded: 'for=9.9.9.9; Host="api.example.com:8443"; Proto=https' })).toBe(
        'https://api.example.com:8443/notes?limit=2',
      )
      expect(await firstOf(db, { ...proxied, 'x-forwarded-prefix': '/shop/' })).toBe(
        'https://api.example.com/shop/notes?limit=2',
      )
      expect(await firstOf(db, { 'x-forwarded-prefix': '/shop' })).toBe('/shop/notes?limit=2')
      expect(await firstOf(db, { ...proxied, 'x-forwarded-host': '[2001:db8::1]:8443' })).toBe(
        'https://[2001:db8::1]:8443/notes?limit=2',
      )
    }),
  )

  onBun('the nearest one is believed, not what a client wrote before it', () =>
    nine(async (db) => {
      const list = { 'x-forwarded-host': 'evil.example, api.example.com', 'x-forwarded-proto': 'http, https' }
      expect(await firstOf(db, list)).toBe(absolute)
      expect(await firstOf(db, { forwarded: 'host=evil.example;proto=http, host=api.example.com;proto=https' })).toBe(
        absolute,
      )
      expect(await firstOf(db, { ...proxied, forwarded: 'host=evil.example;proto=https' })).toBe(relative)
    }),
  )

  onBun('that nobody trusts, links stay relative to the host, and so they do when half is missing or wrong', () =>
    nine(async (db) => {
      expect(await firstOf(db, proxied, ['10.0.0.0/8'])).toBe(relative)
      expect(await firstOf(db, { ...proxied, 'x-forwarded-prefix': '/evil' }, [])).toBe(relative)
      expect(await firstOf(db, { host: 'evil.example' })).toBe(relative)
      const wrong: Record<string, string>[] = [
        { 'x-forwarded-host': 'api.example.com' },
        { 'x-forwarded-proto': 'https' },
        { ...proxied, 'x-forwarded-proto': 'javascript' },
        ...['a b', 'a/b', 'a?b', 'a>b', 'u@a', '', '-', 'a:b', `${'a'.repeat(300)}`, '"a"', 'a;b'].map((host) => ({
          ...proxied,
          'x-forwarded-host': host,
        })),
      ]
      for (const headers of wrong) expect([headers, await firstOf(db, headers)]).toEqual([headers, relative])
      for (const prefix of ['//evil.example', 'evil', '/a//b', '/a?b', '/a>b', '/', ' ', `/${'a'.repeat(300)}`])
        expect([prefix, await firstOf(db, { 'x-forwarded-prefix': prefix })]).toEqual([prefix, relative])
    }),
  )
})
