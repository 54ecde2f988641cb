import { t } from 'elysia'
import { languageOf } from 'kwik/cache'
import { describe, expect, test } from '#test'
import { tenants } from '../../../../plugins/tenants/index.ts'
import { versions } from '../../../../plugins/versioning/index.ts'
import { withRedis } from '../../../services.ts'
import { inEach, withKeys } from '../../rate-limit/stores.ts'
import { bypassed, did, given, hit, missed, stored, withShop } from './shop.ts'

/** Made anew each time: Elysia writes into what it is given. */
const open = () => ({ public: true, cache: {} }) as never

type Sent = Readonly<Record<string, string | undefined>>

describe('what an answer is kept under', () => {
  inEach('parts `a|b` and `c` are others than `a` and `b|c`', async (redis) => {
    await withShop(
      redis,
      (app, shop) => app.get('/:a/:b', ({ params }) => `${params.a} ${params.b} ${++shop.calls}`, open()),
      async (shop) => {
        const paths = ['/a%7Cb/c', '/a/b%7Cc', '/a%3A/b', '/a/%3Ab', '/1%3Aa/b', '/1/a%3Ab']
        for (const path of paths) expect(did(await shop.ask(path))).toBe(stored)
        for (const path of paths) expect(did(await shop.ask(path))).toBe(hit)
      },
    )
  })

  test('parameters as they were sent: what schemas make of them need not tell two apart', async () => {
    const set = t
      .Transform(t.String())
      .Decode((text) => new Set(text.split(',')))
      .Encode((all) => [...all].join())
    await withShop(
      {},
      (app, shop) =>
        app
          .get('/p/:ids', ({ params }) => `${[...(params.ids as Iterable<string>)]} ${++shop.calls}`, {
            ...(open() as object),
            params: t.Object({ ids: set }),
          } as never)
          .get('/at/:when', ({ params }) => `${(params.when as Date).getTime()} ${++shop.calls}`, {
            ...(open() as object),
            params: t.Object({ when: t.Date() }),
          } as never)
          .get('/q', ({ query }) => `${[...(query['ids'] as Iterable<string>)]} ${++shop.calls}`, {
            ...(open() as object),
            query: t.Object({ ids: set }),
          } as never),
      async (shop) => {
        expect([await shop.text('/p/1,2'), await shop.text('/p/3'), await shop.text('/p/1,2')]).toEqual([
          '1,2 1',
          '3 2',
          '1,2 1',
        ])
        const at = '2024-01-01T00:00:00.'
        expect([await shop.text(`/at/${at}100Z`), await shop.text(`/at/${at}200Z`)]).toEqual([
          '1704067200100 3',
          '1704067200200 4',
        ])
        // What JSON cannot tell apart is not kept.
        expect([did(await shop.ask('/q?ids=1,2')), await shop.text('/q?ids=3')]).toEqual([bypassed, '3 6'])
      },
    )
  })

  test('the declared query, whatever its order; what is not declared is not seen by the handler, and not kept under', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get('/posts', ({ query }) => `${JSON.stringify(query)} ${++shop.calls}`, {
          ...(open() as object),
          query: t.Object({
            a: t.Optional(t.String()),
            n: t.Optional(t.Number()),
            tags: t.Optional(t.Array(t.String())),
          }),
        } as never),
      async (shop) => {
        expect(await shop.text('/posts?a=x&n=1')).toBe('{"a":"x","n":1} 1')
        expect(await shop.text('/posts?n=1&a=x')).toBe('{"a":"x","n":1} 1')
        expect(await shop.text('/posts?n=1&a=x&utm_source=mail')).toBe('{"a":"x","n":1} 1')
        expect(await shop.text('/posts?n=2&a=x')).toBe('{"a":"x","n":2} 2')
        expect(await shop.text('/posts?a=x')).toBe('{"a":"x"} 3')
        expect(await shop.text('/posts?tags=a&tags=b')).toBe('{"tags":["a","b"]} 4')
        expect(await shop.text('/posts?tags=b&tags=a')).toBe('{"tags":["b","a"]} 5')
      },
    )
  })

  test('a query that nothing declares goes past the cache', async () => {
    await withShop(
      {},
      (app, shop) =>
        app
          .get('/none', ({ query }) => `${JSON.stringify(query)} ${++shop.calls}`, open())
          .get('/open', ({ query }) => `${JSON.stringify(query)} ${++shop.calls}`, {
            ...(open() as object),
            query: t.Object({ a: t.Optional(t.String()) }, { additionalProperties: true }),
          } as never),
      async (shop) => {
        for (const path of ['/none', '/open', '/open?a=1']) {
          expect(did(await shop.ask(path))).toBe(stored)
          expect(did(await shop.ask(path))).toBe(hit)
        }
        for (const path of ['/none?x=1', '/open?b=1', '/open?a=1&b=1']) expect(did(await shop.ask(path))).toBe(bypassed)
      },
    )
  })

  test('headers that the key does not have change nothing for others', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          given(({ headers }: { headers: Sent }) => `${headers['x-forwarded-host']} ${++shop.calls}`),
          open(),
        ),
      async (shop) => {
        const sent = {
          'x-forwarded-host': 'evil.example',
          'accept-language': 'xx;q=evil',
          'x-middleware-rewrite': '/admin',
        }
        expect(await shop.text('/x')).toBe('undefined 1')
        expect(await shop.text('/x', { headers: sent })).toBe('undefined 1')
        expect(await shop.text('/x')).toBe('undefined 1')
      },
    )
  })

  test('headers that `vary` names, and the language that is negotiated', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          given(({ headers, set }: { headers: Sent; set: { headers: Record<string, string> } }) => {
            const language = languageOf(headers['accept-language'] ?? null, ['en', 'de', 'pt-BR'])
            set.headers['content-language'] = language
            return `${language} ${headers['x-theme']} ${++shop.calls}`
          }),
          { public: true, cache: { vary: ['X-Theme'], languages: ['en', 'de', 'pt-BR'] } } as never,
        ),
      async (shop) => {
        const ask = (language: string, theme?: string) =>
          shop.text('/x', { headers: { 'accept-language': language, ...(theme && { 'x-theme': theme }) } })
        expect(await ask('de-AT,de;q=0.9')).toBe('de undefined 1')
        expect(await ask('de;q=0.4, en;q=0.1')).toBe('de undefined 1')
        expect(await ask('en, de;q=0.9')).toBe('en undefined 2')
        expect(await ask('fr, garbage;;q=,*;q=x')).toBe('en undefined 2')
        expect(await ask('x'.repeat(5000))).toBe('en undefined 2')
        expect(await ask('pt')).toBe('pt-BR undefined 3')
        expect(await ask('de', 'dark')).toBe('de dark 4')
        expect(await ask('de', 'dark')).toBe('de dark 4')
      },
    )
  })

  test('a handler that chose another language than is negotiated is not kept', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          ({ set }) => {
            set.headers['content-language'] = 'de'
            return String(++shop.calls)
          },
          { public: true, cache: { languages: ['en', 'de'] } } as never,
        ),
      async (shop) => {
        expect(did(await shop.ask('/x'))).toBe(missed)
        expect(did(await shop.ask('/x', { headers: { 'accept-language': 'de' } }))).toBe(stored)
        expect(shop.lines.some((line) => line.includes('languageOf() says en'))).toBe(true)
      },
    )
  })

  inEach('tenants', async (redis) => {
    await withShop(
      { ...redis, with: [tenants({ by: 'header', name: 'x-tenant' })] },
      (app, shop) =>
        app.get(
          '/x',
          given(({ tenant }: { tenant: string }) => `${tenant} ${++shop.calls}`),
          {
            ...(open() as object),
            tenant: true,
          } as never,
        ),
      async (shop) => {
        const ask = (tenant: string) => shop.text('/x', { headers: { 'x-tenant': tenant } })
        expect([await ask('a'), await ask('b'), await ask('a'), await ask('b')]).toEqual(['a 1', 'b 2', 'a 1', 'b 2'])
      },
    )
  })

  test('what the callers of a tenant share is told proxies as theirs: who calls says which tenant it is', async () => {
    await withShop(
      { with: [tenants({ by: 'header', name: 'x-tenant' })] },
      (app) =>
        app
          .get('/theirs', () => 'x', { public: true, tenant: true, cache: { shared: true } } as never)
          .get('/all', () => 'x', { public: true, cache: { shared: true } } as never),
      async (shop) => {
        const vary = async (path: string) =>
          (await shop.ask(path, { headers: { 'x-tenant': 'a' } })).headers.get('vary')?.toLowerCase() ?? ''
        for (const name of ['authorization', 'cookie', 'x-api-key']) {
          expect(await vary('/theirs')).toContain(name)
          expect(await vary('/all')).not.toContain(name)
        }
      },
    )
  })

  inEach('versions of the API', async (redis) => {
    const api = versions({
      vendor: 'shop',
      list: [
        { v: '2', released: '2026-01-10', changes: [] },
        { v: '1', released: '2025-05-01' },
      ],
    })
    await withShop(
      { ...redis, with: [api] },
      (app, shop) =>
        app.get(
          '/x',
          given(({ version }: { version: object }) => `${JSON.stringify(version)} ${++shop.calls}`),
          open(),
        ),
      async (shop) => {
        const ask = (v: string) => shop.text('/x', { headers: { accept: `application/vnd.shop.v${v}+json` } })
        const [two, one] = [await ask('2'), await ask('1')]
        expect([two.endsWith(' 1'), one.endsWith(' 2')]).toEqual([true, true])
        expect([await ask('2'), await ask('1')]).toEqual([two, one])
      },
    )
  })

  withRedis.test('a deploy with another schema, or version, uses nothing that was kept before', () =>
    withKeys(async (redis) => {
      const run = (response: object, version: string, expected: string) =>
        withShop(
          { redis, version },
          (app, shop) =>
            app.get('/x', () => ({ id: ++shop.calls, mail: 'a@b.c' }), { ...(open() as object), response } as never),
          async (shop) => expect(did(await shop.ask('/x'))).toBe(expected),
        )
      const both = t.Object({ id: t.Number(), mail: t.String() })
      const less = () => t.Object({ id: t.Number() })
      await run(both, '1', stored)
      await run(both, '1', hit)
      await run(less(), '1', stored)
      await run(both, '2', stored)
      await run(both, '1', hit)
    }),
  )

  test('schemas by the name of a model are known', async () => {
    await withShop(
      {},
      (app, shop) =>
        app
          .model({ asked: t.Object({ a: t.Optional(t.String()) }) })
          .get('/x', ({ query }) => `${JSON.stringify(query)} ${++shop.calls}`, {
            ...(open() as object),
            query: 'asked',
          } as never),
      async (shop) => {
        expect(await shop.text('/x?a=1')).toBe('{"a":"1"} 1')
        expect(await shop.text('/x?a=1&b=2')).toBe('{"a":"1"} 1')
        expect(await shop.text('/x?a=2')).toBe('{"a":"2"} 2')
      },
    )
  })
})
