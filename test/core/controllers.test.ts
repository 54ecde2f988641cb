import { Elysia, t } from 'elysia'
import { controller, routes } from '#core/controller/controller'
import { option } from '#core/controller/option'
import type { Ctx } from '#core/controller/types'
import { describe, expect, test } from '#test'
import { makePlatform, request } from '../fixtures/platform.ts'

const platform = makePlatform()
const api = routes(() => platform)
const create = api.post('/', {
  body: t.Object({ title: t.String() }),
  permission: 'posts:create',
  version: { v1: { up: (body: { name: string }) => ({ title: body.name }) } },
})
const list = api.get('/', { permission: 'posts:read', cache: { ttl: 5, varyOnUser: true } })
const count = api.get('/count', { permission: 'posts:read' })
const empty = api.get('/empty', { public: true })

class Posts {
  readonly made: string[] = []
  @list all({ user }: Ctx<typeof list>) {
    return { n: this.made.length, by: user.id }
  }
  @create add({ body, user }: Ctx<typeof create>) {
    this.made.push(body.title)
    return { title: body.title, by: user.id }
  }
}

class Counted extends Posts {
  @count @option('cache', { ttl: 5, varyOnUser: true }) count(_: Ctx<typeof count>) {
    return { count: this.made.length }
  }
}

describe('a controller', () => {
  test('walks the same way as a route', async () => {
    const app = new Elysia().use(platform).use(controller('/posts', platform, new Posts()))
    const statuses: number[] = []
    const asked = [
      [undefined, '{'],
      ['bob', '{'],
      ['admin', '{'],
      ['admin', '{"a":1}'],
      ['admin', '{"title":"x"}'],
    ] as const
    for (const [who, body] of asked) statuses.push((await app.handle(request('POST', '/posts', who, body))).status)
    expect(statuses).toEqual([401, 403, 400, 422, 200])
    const old = request('POST', '/posts', 'admin', '{"name":"x"}', { accept: 'application/vnd.kwik.v1+json' })
    expect(await (await app.handle(old)).json()).toEqual({ title: 'x', by: 'admin' })
    await app.handle(request('GET', '/posts', 'admin'))
    expect((await app.handle(request('GET', '/posts', 'admin'))).headers.get('x-cache')).toBe('hit')
  })

  test('has the routes of its parents, and leaves theirs alone', async () => {
    const app = new Elysia().use(platform).use(controller('/counted', platform, new Counted()))
    expect((await app.handle(request('POST', '/counted', 'admin', '{"title":"x"}'))).status).toBe(200)
    expect(await (await app.handle(request('GET', '/counted/count', 'admin'))).json()).toEqual({ count: 1 })
    const parent = new Elysia().use(platform).use(controller('/posts', platform, new Posts()))
    expect((await parent.handle(request('GET', '/posts/count', 'admin'))).status).toBe(404)
  })

  test('takes options that are stacked on a method', async () => {
    const app = new Elysia().use(platform).use(controller('/counted', platform, new Counted()))
    await app.handle(request('GET', '/counted/count', 'admin'))
    expect((await app.handle(request('GET', '/counted/count', 'admin'))).headers.get('x-cache')).toBe('hit')
  })

  test('keeps the state of its object apart from another one', async () => {
    const [first, second] = [new Posts(), new Posts()]
    const app = new Elysia()
      .use(platform)
      .use(controller('/a', platform, first))
      .use(controller('/b', platform, second))
    await app.handle(request('POST', '/a', 'admin', '{"title":"x"}'))
    expect([first.made, second.made]).toEqual([['x'], []])
  })

  test('without a route is refused', () => {
    class Nothing {
      one() {}
    }
    void empty
    expect(() => controller('/x', platform, new Nothing())).toThrow('Nothing has no routes')
  })
})
