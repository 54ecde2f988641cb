import { type AnyElysia, Elysia } from 'elysia'
import { type CacheOptions, cache } from 'kwik/cache'
import { core } from 'kwik/core'
import { announce } from './announce.ts'
import { body } from './w5.ts'

/** A cached route with core and cache in use, without a log. */
export function serveCached(options: CacheOptions): void {
  const app: AnyElysia = new Elysia()
    .use(core())
    .use(cache(options))
    .get('/products/:id', () => body, { public: true, cache: { ttl: 300, tags: ['products'] } })
    .listen({ port: 0, hostname: '127.0.0.1' })
  announce(app.server?.port)
}
