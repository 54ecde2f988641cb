// Checked by the compiler, never run: what handlers, options and Eden clients of an app are typed as.
import { treaty } from '@elysiajs/eden'
import { Elysia, t } from 'elysia'
import type { Problem } from '#core/problem'
import type { User } from '#core/scope'
import { makePlatform } from '../fixtures/platform.ts'
import { cache } from '../fixtures/plugins/cache.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
export const same = <A, B>(_: Equal<A, B>): void => {}
const platform = makePlatform()

export const app = new Elysia({ prefix: '/posts' })
  .use(platform)
  .get(
    '/',
    ({ user }) => {
      same<typeof user, User>(true)
      return { n: 1 }
    },
    {
      permission: 'posts:read',
      cache: { ttl: 5, varyOnUser: true },
      rateLimit: { limit: 1, seconds: 1 },
      version: { v1: {} },
      timeout: '5s',
      bodyLimit: 100,
      transaction: true,
    },
  )
  .post(
    '/',
    ({ body, user }) => {
      same<typeof body.title, string>(true)
      return { id: user.id }
    },
    { auth: ['bearer'], body: t.Object({ title: t.String() }), query: t.Object({ page: t.Number() }) },
  )
  .get('/open', () => 'x', { public: true })
  .guard({ auth: true }, (guarded) => guarded.get('/in', ({ user }) => user.id))
  // @ts-expect-error unknown permission
  .get('/a', () => 'x', { permission: 'posts:nope' })
  // @ts-expect-error misspelt, alone
  .get('/b', () => 'x', { permision: 'posts:read' })
  // A misspelt key beside a known one is taken by Elysia's inference: boot refuses it.
  .get('/c', () => 'x', { public: true, permision: 'posts:read' })
  // @ts-expect-error misspelt inside an option
  .get('/e', () => 'x', { public: true, cache: { tll: 5 } })
  // @ts-expect-error unknown version
  .get('/f', () => 'x', { public: true, version: { v9: {} } })
  // @ts-expect-error no duration
  .get('/g', () => 'x', { public: true, timeout: '5 seconds' })
  // @ts-expect-error unknown way
  .get('/h', () => 'x', { auth: ['password'] })

new Elysia()
  .use(cache())
  // @ts-expect-error no such option without its plugin
  .get('/g', () => 'x', { permission: 'posts:read' })
// @ts-expect-error a misspelt guard
new Elysia().use(platform).guard({ permision: 'posts:read' }, (guarded) => guarded.get('/in', () => 'x'))

const api = treaty<typeof app>('localhost:1')
const list = await api.posts.get()
if (list.error) {
  const status: 401 | 403 | 406 | 413 | 422 | 429 | 503 = list.error.status
  void status
  if (list.error.status === 401) same<typeof list.error.value, Problem>(true)
  if (list.error.status === 429) same<typeof list.error.value, Problem>(true)
}
same<typeof list.data, { n: number } | null>(true)
