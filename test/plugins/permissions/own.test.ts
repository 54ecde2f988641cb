import { eq } from 'drizzle-orm'
import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { definePermissions, type OwnerCall, own, permissions } from '../../../plugins/permissions/index.ts'
import { both } from '../../services.ts'
import { ask, callers } from './app.ts'

const posts = defineTable('posts', (t) => ({ id: t.id(), authorId: t.string(40).nullable(), title: t.string(40) }))
const declared = definePermissions({ posts: ['read', 'update', 'update:own', 'delete', 'delete:own', 'moderate'] })

let looked = 0
const postOwner = async ({ params, db }: OwnerCall<'id'>) => {
  looked++
  const table = posts.for(db)
  const [post] = await db.drizzle.select().from(table).where(eq(table.id, params.id))
  return post?.authorId === undefined ? undefined : post.authorId
}
const mine = own('posts:update', postOwner)

interface Options {
  readonly db?: Database
  readonly hideForbidden?: boolean
}
const platform = ({ db, hideForbidden }: Options = {}) =>
  new Elysia()
    .use(core({ signals: false, ...(db && { database: db }) }))
    .use(callers)
    .use(permissions({ declared, ...(hideForbidden !== undefined && { hideForbidden }) }))

const nowhere = '00000000-0000-7000-8000-000000000000'
async function made(db: Database): Promise<{ own: string; other: string; nobodys: string }> {
  const table = posts.for(db)
  const rows = await db.drizzle
    .insert(table)
    .values([
      { authorId: 'ann', title: 'hers' },
      { authorId: 'bob', title: 'his' },
      { authorId: null, title: 'nobody’s' },
    ])
    .returning({ id: table.id })
  const [own, other, nobodys] = rows.map(({ id }) => id) as [string, string, string]
  return { own, other, nobodys }
}

/** Status and body, without what differs in every answer. */
const answered = async (app: AnyElysia, path: string, holds?: string, init?: RequestInit) => {
  const answer = await app.handle(ask(path, holds, init))
  return { status: answer.status, body: await answer.text() }
}

describe('own()', () => {
  both('lets in who holds the whole permission, and looks nothing up', [posts], async (db) => {
    const { other } = await made(db)
    const app = platform({ db }).patch('/posts/:id', ({ user }) => user.id, { permission: mine })
    looked = 0
    expect(await answered(app, `/posts/${other}`, 'posts:update', { method: 'PATCH' })).toEqual({
      status: 200,
      body: 'ann',
    })
    expect((await answered(app, `/posts/${nowhere}`, 'posts:*', { method: 'PATCH' })).status).toBe(200)
    expect(looked).toBe(0)
  })

  both('lets in whoever holds it for their own, where it is theirs', [posts], async (db) => {
    const ids = await made(db)
    const app = platform({ db }).patch('/posts/:id', ({ user }) => user.id, { permission: mine })
    for (const grant of ['posts:update:own', 'posts:*:own', '*:*:own'])
      expect([grant, (await answered(app, `/posts/${ids.own}`, grant, { method: 'PATCH' })).status]).toEqual([
        grant,
        200,
      ])
    expect((await answered(app, `/posts/${ids.other}`, 'posts:update:own', { method: 'PATCH' })).status).toBe(404)
    expect((await answered(app, `/posts/${ids.nobodys}`, 'posts:update:own', { method: 'PATCH' })).status).toBe(404)
  })

  both("answers the same for another's row and for one that is not there: 404", [posts], async (db) => {
    const ids = await made(db)
    const app = platform({ db }).get('/posts/:id', () => 'x', { permission: mine })
    const [other, none] = [ids.other, nowhere].map((id) => answered(app, `/posts/${id}`, 'posts:update:own'))
    expect(await other).toEqual(await none!)
    expect(JSON.parse((await other!).body)).toMatchObject({ status: 404, code: 'KWIK_NOT_FOUND' })
  })

  both('hideForbidden: false answers 403, and the same for both too', [posts], async (db) => {
    const ids = await made(db)
    const app = platform({ db, hideForbidden: false }).get('/posts/:id', () => 'x', { permission: mine })
    const [other, none] = [ids.other, nowhere].map((id) => answered(app, `/posts/${id}`, 'posts:update:own'))
    expect(await other).toEqual(await none!)
    expect(JSON.parse((await other!).body)).toMatchObject({
      status: 403,
      code: 'KWIK_FORBIDDEN',
      errors: [{ code: 'not-own' }],
    })
  })

  test('is 401 or 403 before the body is read where neither is held, and runs when the body was checked', async () => {
    const seen: unknown[] = []
    const app = platform().post('/posts/:id', () => 'x', {
      body: t.Object({ title: t.String() }),
      permission: own('posts:update', ({ user }) => {
        seen.push('looked up')
        return user.id
      }),
    })
    const send = (body: string, holds?: string) =>
      answered(app, '/posts/1', holds, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    expect((await send('{')).status).toBe(401)
    const refused = await send('{', 'posts:read')
    expect([refused.status, JSON.parse(refused.body).detail]).toEqual([403, 'needs posts:update or posts:update:own'])
    expect((await send('{', 'posts:update:own')).status).toBe(400)
    expect((await send('{"title":1}', 'posts:update:own')).status).toBe(422)
    expect(seen).toEqual([])
    expect((await send('{"title":"x"}', 'posts:update:own')).status).toBe(200)
    expect(seen).toEqual(['looked up'])
  })

  test('hands its loader parameters, query, request and caller, and no context of Elysia', async () => {
    let seen: Record<string, unknown> = {}
    const app = platform().get('/posts/:id', () => 'x', {
      permission: own('posts:update', (call) => {
        seen = {
          ...Object.fromEntries(
            Object.keys(call)
              .filter((key) => key !== 'db')
              .map((key) => [key, call[key as 'user']]),
          ),
        }
        return Promise.resolve('ann')
      }),
    })
    expect((await answered(app, '/posts/7?at=2', 'posts:update:own')).status).toBe(200)
    expect(Object.keys(seen).sort()).toEqual(['params', 'principal', 'query', 'request', 'route', 'tenant', 'user'])
    expect(seen).toMatchObject({
      params: { id: '7' },
      query: { at: '2' },
      route: 'GET /posts/:id',
      user: { id: 'ann' },
    })
  })

  test('numbers are ids too; what no id is belongs to nobody', async () => {
    const serve = (owner: unknown) =>
      platform().get('/x', () => 'x', { permission: own('posts:update', () => owner as string) })
    const as = async (owner: unknown) => (await answered(serve(owner), '/x', 'posts:update:own')).status
    expect([await as('ann'), await as(undefined), await as(null), await as(''), await as('Ann')]).toEqual([
      200, 404, 404, 404, 404,
    ])
    expect(await as({ id: 'ann' })).toBe(404)
  })

  test('a loader that fails is a 500 that says nothing; one that asks for a database the app lacks too', async () => {
    const broken = platform().get('/x', () => 'x', {
      permission: own('posts:update', () => Promise.reject(new Error('secret'))),
    })
    const none = platform().get('/x', () => 'x', { permission: own('posts:update', ({ db }) => String(db)) })
    for (const app of [broken, none]) {
      const answer = await answered(app, '/x', 'posts:update:own')
      expect([answer.status, answer.body.includes('secret')]).toEqual([500, false])
    }
  })

  test('stands beside names in any and all, and is looked up once', async () => {
    let looks = 0
    const whose = () => {
      looks++
      return 'ann'
    }
    const notMine = () => 'bob'
    const app = platform()
      .get('/any', () => 'x', { permission: { any: ['posts:moderate', own('posts:update', notMine)] } })
      .get('/all', () => 'x', { permission: { all: ['posts:read', own('posts:update', whose)] } })
      .get('/two', () => 'x', { permission: { all: [own('posts:update', whose), own('posts:delete', whose)] } })
      .get('/mixed', () => 'x', { permission: { any: [own('posts:update', notMine), own('posts:delete', whose)] } })
      .get('/deep', () => 'x', {
        permission: { all: ['posts:read', { any: ['posts:moderate', own('posts:delete', whose)] }] },
      })
    const statusOf = async (path: string, holds: string) => (await answered(app, path, holds)).status
    expect(await statusOf('/any', 'posts:moderate')).toBe(200)
    expect(await statusOf('/any', 'posts:update:own')).toBe(404)
    expect(await statusOf('/any', 'posts:moderate, posts:update:own')).toBe(200)
    expect(await statusOf('/any', 'posts:delete:own')).toBe(403)
    expect(await statusOf('/all', 'posts:update:own')).toBe(403)
    expect(await statusOf('/all', 'posts:read')).toBe(403)
    expect(await statusOf('/all', 'posts:read, posts:update:own')).toBe(200)
    looks = 0
    expect(await statusOf('/two', 'posts:update:own, posts:delete:own')).toBe(200)
    expect(looks).toBe(1)
    expect(await statusOf('/two', 'posts:update:own')).toBe(403)
    expect(await statusOf('/mixed', 'posts:update:own')).toBe(404)
    expect(await statusOf('/mixed', 'posts:update:own, posts:delete:own')).toBe(200)
    expect(await statusOf('/deep', 'posts:read, posts:delete:own')).toBe(200)
    expect(await statusOf('/deep', 'posts:delete:own')).toBe(403)
    const told = JSON.parse((await answered(app, '/deep', 'products:read')).body)
    expect(told.detail).toBe('needs posts:read and (posts:moderate or posts:delete or posts:delete:own)')
  })

  test("a guard's and a route's both hold", async () => {
    const app = platform().guard({ permission: own('posts:update', ({ params }) => params['id']) }, (guard) =>
      guard
        .get('/posts/:id', () => 'x', { permission: 'posts:read' })
        .get('/both/:id', () => 'x', { permission: own('posts:delete', () => 'ann') }),
    )
    const statusOf = async (path: string, holds: string) => (await answered(app, path, holds)).status
    expect(await statusOf('/posts/ann', 'posts:update:own')).toBe(403)
    expect(await statusOf('/posts/ann', 'posts:update:own, posts:read')).toBe(200)
    expect(await statusOf('/posts/bob', 'posts:update:own, posts:read')).toBe(404)
    expect(await statusOf('/both/ann', 'posts:update:own, posts:delete:own')).toBe(200)
    expect(await statusOf('/both/bob', 'posts:update:own, posts:delete')).toBe(404)
    expect(await statusOf('/both/ann', 'posts:update:own')).toBe(403)
  })

  test('holds for HEAD as for GET', async () => {
    const app = platform().get('/posts/:id', () => 'x', {
      permission: own('posts:update', ({ params }) => params['id']),
    })
    const head = async (path: string) => (await app.handle(ask(path, 'posts:update:own', { method: 'HEAD' }))).status
    expect([await head('/posts/ann'), await head('/posts/bob')]).toEqual([200, 404])
  })
})

describe('an app whose own() names what is not declared', () => {
  const faultOf = (app: AnyElysia): string => {
    try {
      boot(app)
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  test('does not start: the form for what is one’s own is declared too', () => {
    const serve = (name: string) =>
      faultOf(platform().get('/x', () => 'x', { permission: own(name, () => 'x') as never }))
    expect(serve('posts:updte')).toContain(
      'permission "posts:updte" is used but not declared, did you mean "posts:update"?',
    )
    expect(serve('posts:read')).toContain('permission "posts:read:own" is used but not declared')
    expect(serve('posts:update')).toBe('')
  })
  test('does not start with a half of one', () => {
    for (const half of [
      { own: 'posts:update' },
      { own: 'posts:update', load: 'x' },
      { own: ['posts:update'], load() {} },
    ])
      expect(faultOf(platform().get('/x', () => 'x', { permission: half as never }))).toContain('one name at least')
  })
  test('does not compile', () => {
    // @ts-expect-error the name is not declared
    platform().get('/x', () => 'x', { permission: own('posts:updte', () => 'ann') })
    // @ts-expect-error it is not declared for what is one's own
    platform().get('/y', () => 'y', { permission: own('posts:read', () => 'ann') })
    // @ts-expect-error one of the names is not declared
    platform().get('/z', () => 'z', { permission: { any: ['posts:read', own('posts:updte', () => 'ann')] } })
    platform().get('/z', () => 'z', { permission: { any: ['posts:read', own('posts:update', () => 'ann')] } })
  })
})
