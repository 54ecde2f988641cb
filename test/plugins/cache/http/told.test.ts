import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import { expect, test } from '#test'
import { withShop } from './shop.ts'

test('lines, numbers and Cache-Status say what the cache did', async () => {
  const lines: string[] = []
  const platform = kwik({
    cache: { ttl: 60, debug: true },
    logging: { write: (line) => void lines.push(line) },
    metrics: { prometheus: { token: 'p'.repeat(32) } },
    signals: false,
  })
  const app = new Elysia()
    .use(platform)
    .get('/kept', () => 'x', { public: true, cache: true })
    .get('/not', () => 'x', { public: true })
  const ask = (path: string, headers: Record<string, string> = {}) =>
    app.handle(new Request(`http://localhost${path}`, { headers }))
  const said = async (path: string, headers?: Record<string, string>) =>
    (await ask(path, headers)).headers.get('cache-status')
  expect([
    await said('/kept'),
    await said('/kept'),
    await said('/kept', { cookie: 'a=b' }),
    await said('/not'),
  ]).toEqual(['kwik; fwd=miss; stored', 'kwik; hit', 'kwik; fwd=bypass', null])
  const outcomes = lines.map((line) => JSON.parse(line)).filter(({ logger }) => logger === 'kwik.access')
  expect(outcomes.map(({ cache }) => cache)).toEqual(['stored', 'hit', 'bypass', undefined])
  const metrics = await (await ask('/metrics', { authorization: `Bearer ${'p'.repeat(32)}` })).text()
  for (const outcome of ['stored', 'hit', 'bypass'])
    expect(metrics).toMatch(
      new RegExp(
        `kwik_cache_requests_total\\{(?=[^}]*kwik_cache_outcome="${outcome}")(?=[^}]*http_route="/kept")[^}]*\\} 1`,
      ),
    )
})

test('says on 304 how old the answer is, from where its client counts `max-age`', async () => {
  await withShop(
    {},
    (app, shop) => app.get('/x', () => ({ n: ++shop.calls }), { public: true, cache: {} } as never),
    async (shop) => {
      const etag = (await shop.ask('/x')).headers.get('etag')!
      shop.time += 30_000
      const { status, headers } = await shop.ask('/x', { headers: { 'if-none-match': etag } })
      expect([status, headers.get('age')]).toEqual([304, '30'])
      expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+$/)
    },
  )
})
