// Checked by the compiler, never run: what `cache` and `invalidates` take, and what they leave to handlers.
import { treaty } from '@elysiajs/eden'
import { Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { type Cache, type CachedCall, type HandledCall, languageOf } from 'kwik/cache'
import { cache, invalidates } from 'kwik/decorators'
import { same } from './routes.ts'

const app = new Elysia()
  .use(kwik({ cache: { ttl: '5m', debug: true } }))
  .get('/a/:id', ({ params }) => ({ id: params.id }), { public: true, cache: { tags: ['a:{id}', 'a'], swr: '1m' } })
  .get(
    '/b',
    async ({ cache }): Promise<void> => {
      same<typeof cache, Cache>(true)
      await cache.invalidate('a')
    },
    { public: true, cache: true },
  )
  .get('/c', () => 'x', { public: true, cache: false })
  // Handlers have what the schemas say, beside a function whose parameter has its type.
  .put('/a/:id', ({ params, body }) => ({ id: params.id.toFixed(), title: body.title }), {
    public: true,
    params: t.Object({ id: t.Number() }),
    body: t.Object({ title: t.String() }),
    invalidates: ({ params, result }: HandledCall<{ id: string }>) => [`a:${params['id']}`, result.id],
  })
  .get('/d', ({ query }) => query.n.toFixed(), {
    public: true,
    query: t.Object({ n: t.Number() }),
    cache: { tags: ({ query }: CachedCall) => `d:${query['n']}` },
  })
  .delete('/a/:id', () => 'x', { public: true, invalidates: 'a:{id}' })
  .delete('/a', () => 'x', { public: true, invalidates: false })
  // @ts-expect-error misspelt
  .get('/e', () => 'x', { public: true, cache: { varyByUser: true } })
  // @ts-expect-error no names
  .get('/f', () => 'x', { public: true, cache: { tags: 7 } })

const { data } = await treaty<typeof app>('localhost:1').a({ id: '1' }).get()
if (data) same<typeof data.id, string>(true)

// @ts-expect-error no such option without its part
new Elysia().use(kwik({})).get('/a', () => 'x', { cache: { ttl: 5 } })
// @ts-expect-error nor with a part that is off
new Elysia().use(kwik({ cache: false })).get('/a', () => 'x', { invalidates: 'a' })

same<ReturnType<typeof languageOf<['en', 'de']>>, 'en' | 'de'>(true)
// @ts-expect-error one at least
languageOf('de', [])

cache({ ttl: 300, varyOnUser: true })
cache()
cache(false)
invalidates('a', 'b')
invalidates(({ params, result }: HandledCall<{ id: string }>) => [`a:${params['id']}`, result.id])
// @ts-expect-error a ttl that is no duration
cache({ ttl: '5 minutes' })
