import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import { describe, expect, test } from '#test'
import { definePermissions, permissions } from '../../../plugins/permissions/index.ts'
import { ask, callers } from './app.ts'

const declared = definePermissions({ products: ['read', 'update'], posts: ['read', 'update'], users: ['impersonate'] })
const platform = () =>
  new Elysia()
    .use(core({ signals: false }))
    .use(callers)
    .use(permissions({ declared }))
const statusOf = async (app: AnyElysia, path: string, holds?: string) => (await app.handle(ask(path, holds))).status

describe('a route with a permission', () => {
  const app = platform()
    .get('/one', ({ user }) => user.id, { permission: 'products:read' })
    .get('/any', () => 'any', { permission: { any: ['products:update', 'posts:update'] } })
    .get('/all', () => 'all', { permission: { all: ['products:read', 'posts:read'] } })
    .post('/body', () => 'body', { permission: 'products:update', body: t.Object({ name: t.String() }) })

  test('answers 401 when nobody is signed in', async () => {
    const answer = await app.handle(ask('/one'))
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(await answer.json()).toMatchObject({ code: 'KWIK_UNAUTHENTICATED' })
  })
  test('answers 403 naming what is needed', async () => {
    const answer = await app.handle(ask('/one', 'posts:read'))
    expect(answer.status).toBe(403)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toEqual({
      type: '/problems/forbidden',
      title: 'The caller may not do this',
      status: 403,
      code: 'KWIK_FORBIDDEN',
      detail: 'needs products:read',
      errors: [{ code: 'permission-missing', detail: 'needs products:read', allowed: ['products:read'] }],
    })
  })
  test('lets the holder in and hands them to the handler', async () => {
    const answer = await app.handle(ask('/one', 'products:read'))
    expect([answer.status, await answer.text()]).toEqual([200, 'ann'])
  })
  test('any: one of the names is enough', async () => {
    expect(await statusOf(app, '/any', 'posts:update')).toBe(200)
    expect(await statusOf(app, '/any', 'posts:read')).toBe(403)
    const refused = await (await app.handle(ask('/any', 'posts:read'))).json()
    expect(refused.detail).toBe('needs products:update or posts:update')
  })
  test('all: each name is needed, and only what is missing is named', async () => {
    expect(await statusOf(app, '/all', 'posts:read, products:read')).toBe(200)
    const refused = await (await app.handle(ask('/all', 'posts:read'))).json()
    expect([refused.status, refused.detail]).toEqual([403, 'needs products:read'])
  })
  test('refuses before the body is read', async () => {
    const broken = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }
    expect((await app.handle(ask('/body', undefined, broken))).status).toBe(401)
    expect((await app.handle(ask('/body', 'products:read', broken))).status).toBe(403)
    expect((await app.handle(ask('/body', 'products:update', broken))).status).toBe(400)
  })
})

describe('wildcards', () => {
  const app = platform()
    .get('/posts', () => 'posts', { permission: 'posts:read' })
    .get('/users', () => 'users', { permission: 'users:impersonate' })
  test('stand for exactly one whole segment', async () => {
    for (const grant of ['posts:*', '*:read', '*:*', '*', 'other:x, posts:*'])
      expect([grant, await statusOf(app, '/posts', grant)]).toEqual([grant, 200])
    for (const grant of ['posts', 'post:*', 'postsx:*', 'posts:re*', 'posts:*:*', 'posts:update', '*:*:*', 'p*', ''])
      expect([grant, await statusOf(app, '/posts', grant)]).toEqual([grant, 403])
  })
  test('of one resource open no other', async () => {
    expect(await statusOf(app, '/users', 'posts:*')).toBe(403)
  })
})

describe('guards', () => {
  test("a guard's permission and its route's both hold", async () => {
    const app = platform().guard({ permission: 'products:read' }, (guard) =>
      guard.get('/x', () => 'x', { permission: 'products:update' }),
    )
    expect(await statusOf(app, '/x', 'products:update')).toBe(403)
    expect(await statusOf(app, '/x', 'products:read')).toBe(403)
    expect(await statusOf(app, '/x', 'products:*')).toBe(200)
  })
  test('a route cannot take its guard back with undefined', async () => {
    const app = platform().guard({ permission: 'products:read' }, (guard) =>
      guard.get('/x', () => 'x', { auth: true, permission: undefined }),
    )
    expect(await statusOf(app, '/x', 'posts:read')).toBe(403)
    expect(await statusOf(app, '/x', 'products:read')).toBe(200)
  })
  test('a route below a guard that says public and takes its permission back does not start', () => {
    const app = platform().guard({ permission: 'products:read' }, (app) =>
      app.get('/x', () => 'x', { public: true, permission: undefined } as object),
    )
    expect(fault(app)).toContain('`public: true` together with')
  })
  test('a route cannot take its guard back with false: the app does not start', async () => {
    const app = platform().guard({ permission: 'products:read' }, (guard) =>
      guard.get('/x', () => 'x', { auth: true, ...({ permission: false } as {}) }),
    )
    expect(fault(app)).toContain('`permission: false` does not take back')
  })
})

function fault(app: AnyElysia): string {
  try {
    app.listen({ port: 0, hostname: '127.0.0.1' })
  } catch (error) {
    return (error as Error).message
  }
  void app.stop(true)
  return 'it started'
}

describe('an app that asks for what it did not declare', () => {
  test('does not start, and the nearest name is suggested', () => {
    const app = platform().get('/x', () => 'x', { permission: 'prodcuts:read' as 'products:read' })
    expect(fault(app)).toContain('permission "prodcuts:read" is used but not declared, did you mean "products:read"?')
  })
  test('does not start with a requirement that names nothing', () => {
    for (const empty of [
      { any: [] },
      { all: [] },
      {},
      { any: ['products:read'], all: ['posts:read'] },
      { any: 'products:read' },
      { any: [undefined] },
      { any: [['products:read']] },
      ['products:read'],
      true,
      null,
      0,
    ])
      expect(fault(platform().get('/x', () => 'x', { permission: empty as never }))).toContain('one name at least')
  })
  test('does not compile', () => {
    // @ts-expect-error the name is not declared
    platform().get('/x', () => 'x', { permission: 'prodcuts:read' })
    // @ts-expect-error one of the names is not declared
    platform().get('/y', () => 'y', { permission: { any: ['products:read', 'products:remove'] } })
    platform().get('/z', () => 'z', { permission: { any: ['products:read', 'products:update'] } })
  })
})

describe('definePermissions', () => {
  test('takes names, or the actions of each resource', () => {
    expect(definePermissions(['a:read', 'b:write'])).toEqual(['a:read', 'b:write'])
    const names: readonly ('a:read' | 'a:write' | 'b:own')[] = definePermissions({ a: ['read', 'write'], b: ['own'] })
    expect(names).toEqual(['a:read', 'a:write', 'b:own'])
  })
  test('refuses what is no name, and what is declared twice', () => {
    for (const wrong of ['posts', 'posts:*', '*', 'Posts:read', 'posts:', ':read', 'posts:read:own:x', 'posts: read'])
      expect(() => definePermissions([wrong])).toThrow(`"${wrong}" is no permission`)
    expect(() => definePermissions(['a:read', 'a:read'])).toThrow('declared twice')
    expect(() => permissions({ declared: ['a:read', 'a:read'] })).not.toThrow()
    expect(fault(new Elysia().use(core()).use(permissions({ declared: ['a:read', 'a:read'] })))).toContain('twice')
  })
})
