import { Elysia, t } from 'elysia'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { scopeOf } from '#core/scope'
import { test } from '#test'
import type { RatePolicies } from '../../plugins/rate-limit/index.ts'
import { type KwikOptions, kwik } from '../../src/index.ts'

/** Elsewhere another adapter listens. */
export const onBun = test.skipIf(!('Bun' in globalThis))

export const platform = (options: KwikOptions = {}) =>
  kwik({ logging: { write: () => {} }, rateLimit: {}, signals: false, ...options }) as unknown as KwikPlugin<{}>
/** Everybody is who they say, and may what they say: `ann pages:read`. It is not signing in that is attacked here. */
export const callers = () =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'callers',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }) => {
          const [id, ...held] = request.headers.get('authorization')?.split(' ') ?? []
          return id === undefined ? null : { id, via: 'bearer', user: { id }, permissions: new Set(held) }
        },
      },
    }),
  })
export const once = { limit: 1, per: '1h' } as const
export const make = (options: KwikOptions = {}, rateLimit: RatePolicies = { ...once, by: 'ip' }) => {
  const open = { public: true } as object
  return new Elysia()
    .use(platform(options))
    .use(callers())
    .get(
      '/',
      ({ request }) => ({ address: scopeOf(request).address, secure: scopeOf(request).secure, url: request.url }),
      open,
    )
    .get('/limited', () => 'in', { ...open, rateLimit } as object)
    .get('/admin', () => 'admin', open)
    .get('/p/:id', ({ params }) => params.id, open)
    .post('/post', ({ body }) => body, { ...open, rateLimit, body: t.Object({ a: t.Number() }) } as object)
    .get(
      '/fails',
      () => {
        throw new Error('password=hunter2')
      },
      open,
    )
}
export type Handles = { handle(request: Request): Promise<Response> }
export const ask = (
  app: Handles,
  path: string,
  said: Record<string, string> = {},
  method = 'GET',
  url = 'http://localhost',
) => app.handle(new Request(`${url}${path}`, { method, headers: said }))
export const statusOf = async (...given: Parameters<typeof ask>) => (await ask(...given)).status
