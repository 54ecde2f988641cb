import { boot } from '#core/boot'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { everyRule, one, ownRows, shape, tenantRows } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appWith } from './owner-app.ts'

const posts = defineTable(
  'posts',
  (t) => ({ id: t.id(), tenantId: t.string(40), authorId: t.string(40), slug: t.string(40), title: t.string(40) }),
  (t) => [t.unique('tenantId', 'slug')],
)
const options = {
  table: posts,
  tenant: 'tenantId',
  upsert: [['tenantId', 'slug']],
  bulk: {},
  list: { filter: { tenantId: true, title: true }, count: ['exact'] },
} as const
const titles = (body: { data: { title: string }[] }) => body.data.map(({ title }) => title).sort()
const everywhere = 'posts:*, comments:*'

describe('a resource whose rows belong to tenants', () => {
  both('knows those of the request’s tenant, and writes it itself', [posts], async (db) => {
    const { as } = appWith(
      db,
      resource('posts', { ...options, fields: { authorId: { write: false } }, owner: 'authorId' }),
    )
    const at = (tenant: string) => as('ann', everywhere, { 'x-tenant': tenant })
    for (const tenant of ['acme', 'other']) {
      const made = await at(tenant)('POST', '/posts', { slug: 'a', title: tenant })
      expect([made.status, made.body.tenantId]).toEqual([201, tenant])
    }
    const { body } = await at('acme')('GET', '/posts?count=exact')
    expect([titles(body), body.page.count.value]).toEqual([['acme'], 1])
    expect((await at('acme')('GET', '/posts?tenantId=other')).body.data).toEqual([])
    const [{ id }] = (await at('other')('GET', '/posts')).body.data
    for (const [method, sent] of [
      ['GET', undefined],
      ['PATCH', { title: 'x' }],
      ['PUT', { slug: 'a', title: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expect([method, (await at('acme')(method, `/posts/${id}`, sent)).status]).toEqual([method, 404])
    const given = await at('acme')('POST', '/posts', { slug: 'b', title: 'x', tenantId: 'other' })
    expect([given.status, given.body.errors[0].code]).toEqual([422, 'read-only'])
    // Unique in the tenant, and found by it.
    const upserted = await at('acme')('PUT', '/posts?by=tenantId,slug', { slug: 'a', title: 'again' })
    expect([upserted.status, upserted.body]).toMatchObject([200, { tenantId: 'acme', title: 'again' }])
    expect(await db.values("select title from posts where tenant_id = 'other'")).toEqual([['other']])
  })

  both('is 400 for a request that names none', [posts], async (db) => {
    const { as } = appWith(
      db,
      resource('posts', { ...options, fields: { authorId: { write: false } }, owner: 'authorId' }),
    )
    for (const [method, path, sent] of [
      ['GET', '/posts'],
      ['POST', '/posts', { slug: 'a', title: 'a' }],
      ['DELETE', '/posts/bulk', { items: [] }],
    ] as const) {
      const answer = await as('ann', everywhere)(method, path, sent)
      expect([method, answer.status, answer.body.code]).toEqual([method, 400, 'KWIK_TENANT_MISSING'])
    }
  })

  both('composes with an owner and a scope', [posts], async (db) => {
    const scope = () => ({ title: ['a', 'b', 'c'] })
    const { as } = appWith(db, resource('posts', { ...options, owner: 'authorId', scope }))
    const at = (id: string, tenant: string) => as(id, 'posts:*:own', { 'x-tenant': tenant })
    for (const [id, tenant, title] of [
      ['ann', 'acme', 'a'],
      ['ann', 'other', 'b'],
      ['bob', 'acme', 'c'],
    ] as const)
      expect((await at(id, tenant)('POST', '/posts', { slug: title, title })).status).toBe(201)
    expect((await at('ann', 'acme')('POST', '/posts', { slug: 'd', title: 'd' })).status).toBe(403)
    expect(titles((await at('ann', 'acme')('GET', '/posts')).body)).toEqual(['a'])
    expect(titles((await as('eve', 'posts:read', { 'x-tenant': 'acme' })('GET', '/posts')).body)).toEqual(['a', 'c'])
  })

  both('asks the service for one', [posts], async (db) => {
    const api = resource('posts', { ...options, fields: { authorId: { write: false } }, owner: 'authorId' })
    const caller = { db, user: { id: 'job' } }
    const values = { slug: 'a', title: 'a' }
    expect(await api.service.create(values, caller).catch((error) => error.message)).toContain(
      'give the service { tenant }',
    )
    // @ts-expect-error clients write no tenant, and no owner
    void (() => api.service.create({ ...values, tenantId: 'acme', authorId: 'eve' }, caller))
    const row = await api.service.create(values, { ...caller, tenant: 'acme' })
    expect(row).toMatchObject({ tenantId: 'acme', authorId: 'job' })
    expect(await api.service.find(row.id, { ...caller, tenant: 'other' })).toBeUndefined()
  })
})

const comments = defineTable('comments', (t) => ({
  id: t.id(),
  tenantId: t.string(40),
  postId: t.ref(() => posts),
  authorId: t.string(40),
}))
const postList = shape(posts, {
  filter: { title: true },
  scope: everyRule(tenantRows('tenantId'), ownRows('posts:read', 'authorId')),
})

describe('relations of tenants', () => {
  both('lead to rows of the tenant alone, and to own ones for who holds no more', [posts, comments], async (db) => {
    const { as } = appWith(
      db,
      resource('posts', { table: posts, tenant: 'tenantId', owner: 'authorId', list: postList }),
      resource('comments', {
        table: comments,
        tenant: 'tenantId',
        owner: 'authorId',
        list: { relations: { post: one(postList, 'postId') } },
      }),
    )
    const make = async (id: string, holds: string, tenant: string) =>
      (await as(id, holds, { 'x-tenant': tenant })('POST', '/posts', { slug: id, title: `${id} ${tenant}` })).body.id
    const [acme, other, bobs] = [
      await make('ann', everywhere, 'acme'),
      await make('ann', everywhere, 'other'),
      await make('bob', everywhere, 'acme'),
    ]
    const comment = (holds: string, postId: string) =>
      as('ann', holds, { 'x-tenant': 'acme' })('POST', '/comments', { postId })
    expect((await comment(everywhere, acme)).status).toBe(201)
    expect((await comment(everywhere, bobs)).status).toBe(201)
    expect((await comment(everywhere, other)).status).toBe(422)
    expect((await comment('comments:*, posts:*:own', bobs)).status).toBe(422)
    const shown = async (holds: string) =>
      (await as('ann', holds, { 'x-tenant': 'acme' })('GET', '/comments?expand=post')).body.data.map(
        ({ post }: { post: { title: string } | null }) => post?.title ?? null,
      )
    expect(await shown(everywhere)).toEqual(['ann acme', 'bob acme'])
    expect(await shown('comments:*, posts:*:own')).toEqual(['ann acme', null])
    expect(await shown('comments:*')).toEqual([null, null])
  })

  test('a rule that names an undeclared permission is told at boot, over relations too', () => {
    const misspelt = shape(posts, { scope: ownRows('psots:read', 'authorId') })
    const over = shape(comments, { relations: { post: one(misspelt, 'postId') } })
    const { app } = appWith({} as never)
    app.get('/x', () => 'x', { ...over.hook, public: true } as never)
    expect(() => boot(app)).toThrow('permission "psots:read" is used but not declared, did you mean "posts:read"?')
  })
})
