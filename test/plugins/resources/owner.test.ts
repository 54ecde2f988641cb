import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { historyTable, resource } from '../../../plugins/resources/index.ts'
import { many, one, ownRows, shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appWith, own } from './owner-app.ts'

const posts = defineTable(
  'posts',
  (t) => ({
    id: t.id(),
    authorId: t.string(40),
    slug: t.string(40),
    title: t.string(40),
    rank: t.int().default(0),
    ...t.softDelete(),
  }),
  (t) => [t.unique('authorId', 'slug')],
)
interface Publishing {
  readonly row: { readonly id: string; readonly title: string }
  readonly service: { update(id: string, values: object, caller: object): Promise<unknown> }
  readonly caller: object
}
const ofPosts = {
  table: posts,
  owner: 'authorId',
  upsert: [['authorId', 'slug']],
  bulk: {},
  export: ['ndjson'],
  list: {
    filter: { title: true, authorId: true },
    sort: { keys: ['rank', 'title'], default: 'rank' },
    count: ['exact'],
  },
  actions: {
    publish: {
      run: ({ row, service, caller }: Publishing) => service.update(row.id, { title: `${row.title}!` }, caller),
    },
  },
} as const
const postApi = () => resource('posts', ofPosts as never)

const titles = (body: { data: { title: string }[] }) => body.data.map(({ title }) => title).sort()

describe('a resource with an owner', () => {
  both('gives a new row to who makes it, whatever they hold, and takes no owner from a body', [posts], async (db) => {
    const { as } = appWith(db, postApi())
    for (const [id, holds] of [
      ['ann', 'posts:*'],
      ['bob', own],
    ] as const) {
      const made = await as(id, holds)('POST', '/posts', { slug: 'a', title: id })
      expect([made.status, made.body.authorId]).toEqual([201, id])
      const given = await as(id, holds)('POST', '/posts', { slug: 'b', title: id, authorId: 'eve' })
      expect([given.status, given.body.errors[0].code]).toEqual([422, 'read-only'])
      const bulk = await as(id, holds)('POST', '/posts/bulk', { items: [{ slug: 'c', title: 'c' }] })
      expect(bulk.body.data[0].authorId).toBe(id)
    }
    expect((await as('eve', 'posts:read:own')('POST', '/posts', { slug: 'a', title: 'x' })).status).toBe(403)
  })

  both('shows, filters, sorts, counts, pages and exports only own rows to who holds no more', [posts], async (db) => {
    const { as } = appWith(db, postApi())
    for (const id of ['ann', 'bob'])
      for (let at = 0; at < 5; at++)
        await as(id, own)('POST', '/posts', { slug: `s${at}`, title: `${id}${at}`, rank: at })
    const bob = as('bob', own)
    const first = (await bob('GET', '/posts?limit=2&count=exact')).body
    expect([titles(first), first.page.count]).toEqual([['bob0', 'bob1'], { value: 5, exact: true }])
    // The cursor leads over own rows, and of somebody else's it shows none to others.
    const seen = [...titles(first)]
    for (let next = first.page.next; next !== undefined; ) {
      const { body } = await bob('GET', `/posts?limit=2&count=exact&after=${next}`)
      seen.push(...titles(body))
      expect(body.page.count.value).toBe(5)
      next = body.page.next
    }
    expect(seen).toEqual(['bob0', 'bob1', 'bob2', 'bob3', 'bob4'])
    const foreign = await as('ann', own)('GET', `/posts?limit=9&after=${first.page.next}`)
    expect(foreign.body.data.every(({ title }: { title: string }) => title.startsWith('ann'))).toBe(true)
    expect((await bob('GET', '/posts?title=ann0')).body.data).toEqual([])
    expect((await bob('GET', '/posts?authorId=ann')).body.data).toEqual([])
    expect(titles((await bob('GET', '/posts?sort=-title&limit=1')).body)).toEqual(['bob4'])
    const exported = String((await bob('GET', '/posts/export')).body)
    expect([exported.includes('ann'), exported.includes('bob4')]).toEqual([false, true])
    const all = (await as('eve', 'posts:read')('GET', '/posts?count=exact')).body
    expect([all.data.length, all.page.count.value]).toEqual([10, 10])
    expect((await as('eve', 'posts:export:own')('GET', '/posts')).status).toBe(403)
  })

  both("answers for somebody else's row what it answers for none: 404, in every operation", [posts], async (db) => {
    const { as } = appWith(db, postApi())
    const ann = as('ann', own)
    const [live, gone] = [
      (await ann('POST', '/posts', { slug: 'live', title: 'live' })).body,
      (await ann('POST', '/posts', { slug: 'gone', title: 'gone' })).body,
    ]
    await ann('DELETE', `/posts/${gone.id}`)
    const before = await db.values('select * from posts order by slug')
    const nowhere = '00000000-0000-7000-8000-000000000000'
    const calls = [
      ['GET', '/posts/:id'],
      ['PATCH', '/posts/:id', { title: 'x' }],
      ['PUT', '/posts/:id', { slug: 'x', title: 'x' }],
      ['DELETE', '/posts/:id'],
      ['POST', '/posts/:id/publish'],
      ['POST', '/posts/:id/restore'],
      ['DELETE', '/posts/:id/purge'],
    ] as const
    const bob = as('bob', own)
    for (const [method, path, body] of calls)
      for (const { id } of [live, gone]) {
        const theirs = await bob(method, path.replace(':id', id), body)
        const none = await bob(method, path.replace(':id', nowhere), body)
        expect([method, path, theirs.status, theirs.body]).toEqual([method, path, 404, none.body])
      }
    for (const method of ['PATCH', 'DELETE']) {
      const item = method === 'PATCH' ? { id: live.id, title: 'x' } : live.id
      expect((await bob(method, '/posts/bulk', { items: [item] })).status).toBe(404)
    }
    expect((await bob('GET', '/posts/deleted')).body.data).toEqual([])
    // An upsert finds own rows alone: another's with the same slug is another row.
    const upserted = await bob('PUT', '/posts?by=authorId,slug', { slug: 'live', title: 'his' })
    expect([upserted.status, upserted.body.authorId]).toEqual([201, 'bob'])
    expect(await db.values("select * from posts where author_id = 'ann' order by slug")).toEqual(before)
    // And the owner does all of it.
    expect((await ann('POST', `/posts/${live.id}/publish`)).body.title).toBe('live!')
    expect((await ann('PUT', '/posts?by=authorId,slug', { slug: 'live', title: 'again' })).status).toBe(200)
    expect((await ann('POST', `/posts/${gone.id}/restore`)).status).toBe(200)
    expect((await ann('DELETE', `/posts/${live.id}`)).status).toBe(204)
    expect((await ann('DELETE', `/posts/${live.id}/purge`)).status).toBe(204)
  })

  both('reckons each operation by its own permission', [posts], async (db) => {
    const { as } = appWith(db, postApi())
    const { body: his } = await as('bob', own)('POST', '/posts', { slug: 'a', title: 'his' })
    const reader = as('ann', 'posts:read posts:update:own posts:create posts:create:own')
    expect((await reader('GET', `/posts/${his.id}`)).status).toBe(200)
    expect((await reader('PATCH', `/posts/${his.id}`, { title: 'x' })).status).toBe(404)
    expect((await reader('DELETE', `/posts/${his.id}`)).status).toBe(403)
    const editor = as('eve', 'posts:update')
    expect((await editor('PATCH', `/posts/${his.id}`, { title: 'edited' })).body).toMatchObject({
      title: 'edited',
      authorId: 'bob',
    })
    expect((await editor('GET', `/posts/${his.id}`)).status).toBe(403)
    // It creates and updates: who may not do both with every row does it with their own.
    const made = await reader('PUT', '/posts?by=authorId,slug', { slug: 'a', title: 'hers' })
    expect([made.status, made.body.authorId]).toEqual([201, 'ann'])
  })

  both('holds for the service, with the caller that a job names', [posts], async (db) => {
    const api = resource('posts', ofPosts as never) as unknown as {
      service: {
        create(values: object, caller: object): Promise<{ id: string; authorId: string }>
        list(query: object, caller: object): Promise<{ data: object[]; page: { count?: { value: number } } }>
        update(id: string, values: object, caller: object): Promise<object>
        find(id: string, caller: object): Promise<object | undefined>
      }
    }
    const caller = (id: string, ...permissions: string[]) => ({ db, user: { id }, permissions: new Set(permissions) })
    const row = await api.service.create({ slug: 'a', title: 'a' }, caller('ann', own))
    expect(row.authorId).toBe('ann')
    const bob = caller('bob', own)
    expect(await api.service.find(row.id, bob)).toBeUndefined()
    expect((await api.service.list({ count: 'exact' }, bob)).page.count?.value).toBe(0)
    const refused = await api.service.update(row.id, { title: 'x' }, bob).catch((error) => error.problem.status)
    expect(refused).toBe(404)
    expect(await api.service.find(row.id, { db, user: { id: 'job' } })).toMatchObject({ title: 'a' })
  })

  both(
    'replaces its rule where an operation says who may do it, and leaves whose rows to `auth`',
    [posts],
    async (db) => {
      const options = {
        get: { public: true },
        list: { auth: true },
        update: { permission: 'posts:moderate' },
      }
      const { as, app } = appWith(db, resource('posts', { ...ofPosts, options, upsert: [], actions: {} } as never))
      const { body: his } = await as('bob', own)('POST', '/posts', { slug: 'a', title: 'his' })
      expect((await app.handle(new Request(`http://localhost/posts/${his.id}`))).status).toBe(200)
      expect((await as('ann', '')('GET', '/posts')).body.data).toEqual([])
      expect((await as('bob', '')('GET', '/posts')).body.data).toHaveLength(1)
      expect((await as('eve', 'posts:moderate')('PATCH', `/posts/${his.id}`, { title: 'm' })).status).toBe(200)
      expect((await as('bob', own)('PATCH', `/posts/${his.id}`, { title: 'm' })).status).toBe(403)
    },
  )

  both('lets a rule of the field say who gives rows to others', [posts], async (db) => {
    const fields = { authorId: { write: 'posts:moderate' } }
    const { as } = appWith(db, resource('posts', { ...ofPosts, fields } as never))
    const chief = as('eve', 'posts:*')
    expect((await chief('POST', '/posts', { slug: 'a', title: 'a', authorId: 'bob' })).body.authorId).toBe('bob')
    expect((await chief('POST', '/posts', { slug: 'a', title: 'a' })).body.authorId).toBe('eve')
    const barred = await as('ann', own)('POST', '/posts', { slug: 'a', title: 'a', authorId: 'bob' })
    expect([barred.status, barred.body.code]).toEqual([403, 'KWIK_FORBIDDEN'])
    // May say an owner, but reaches only what is their own.
    const half = as('ann', `${own}, posts:moderate`)
    const lost = await half('POST', '/posts', { slug: 'b', title: 'b', authorId: 'bob' })
    expect([lost.status, lost.body.code]).toEqual([403, 'KWIK_RESOURCE_OUT_OF_SCOPE'])
    const { body: hers } = await half('POST', '/posts', { slug: 'c', title: 'c' })
    expect((await half('PATCH', `/posts/${hers.id}`, { authorId: 'bob' })).status).toBe(403)
  })
})

const audited = defineTable('posts', (t) => ({ id: t.id(), title: t.string(40), ...t.audit() }))

describe('an owner that is who made the row', () => {
  both('is written as ever', [audited], async (db) => {
    const { as } = appWith(db, resource('posts', { table: audited, owner: 'createdBy' }))
    const { body } = await as('bob', own)('POST', '/posts', { title: 'a' })
    expect(body.createdBy).toBe('bob')
    expect((await as('ann', own)('GET', `/posts/${body.id}`)).status).toBe(404)
    expect((await as('ann', 'posts:update')('PATCH', `/posts/${body.id}`, { title: 'b' })).body).toMatchObject({
      createdBy: 'bob',
      updatedBy: 'ann',
    })
    expect((await as('bob', own)('GET', '/posts')).body.data).toHaveLength(1)
  })
})

const numbered = defineTable('posts', (t) => ({ id: t.id(), ownerNumber: t.int(), title: t.string(40) }))
describe('an owner by number', () => {
  both('is compared as one', [numbered], async (db) => {
    const { as } = appWith(db, resource('posts', { table: numbered, owner: 'ownerNumber' }))
    const { body } = await as('7', own)('POST', '/posts', { title: 'a' })
    expect(body.ownerNumber).toBe(7)
    expect((await as('7', own)('GET', '/posts')).body.data).toHaveLength(1)
    expect((await as('8', own)('GET', '/posts')).body.data).toHaveLength(0)
  })
})

const kept = historyTable()
describe('the history of rows with owners', () => {
  both('is shown to who may see the row, and of a row that is gone to who may see all', [audited, kept], async (db) => {
    const { as } = appWith(db, resource('posts', { table: audited, owner: 'createdBy', history: true }))
    const { body } = await as('bob', own)('POST', '/posts', { title: 'a' })
    const at = `/posts/${body.id}/history`
    expect((await as('bob', own)('GET', at)).body.data).toHaveLength(1)
    expect((await as('ann', own)('GET', at)).status).toBe(404)
    await as('bob', own)('DELETE', `/posts/${body.id}`)
    expect((await as('bob', own)('GET', at)).status).toBe(404)
    expect((await as('eve', 'posts:history')('GET', at)).body.data).toHaveLength(2)
  })
})

const comments = defineTable('comments', (t) => ({
  id: t.id(),
  postId: t.ref(() => posts),
  authorId: t.string(40),
  title: t.string(40),
}))
const postList = shape(posts, {
  filter: { title: true },
  sort: { keys: ['title'] },
  scope: ownRows('posts:read', 'authorId'),
})
const commentList = shape(comments, {
  filter: { title: true },
  relations: { post: one(postList, 'postId') },
  scope: ownRows('comments:read', 'authorId'),
})
const fromPosts = shape(posts, {
  filter: { title: true },
  scope: ownRows('posts:read', 'authorId'),
  relations: { comments: many(() => commentList, 'postId') },
})

describe('relations', () => {
  both('lead only to rows that the caller sees where they lead', [posts, comments], async (db) => {
    const { as } = appWith(
      db,
      resource('posts', { table: posts, owner: 'authorId', list: fromPosts } as never),
      resource('comments', { table: comments, owner: 'authorId', list: commentList } as never),
    )
    const everything = `${own}, comments:*:own`
    const { body: hers } = await as('ann', everything)('POST', '/posts', { slug: 'a', title: 'hers' })
    const { body: his } = await as('bob', everything)('POST', '/posts', { slug: 'a', title: 'his' })
    // What is written may point only at what is seen.
    const pointing = await as('bob', everything)('POST', '/comments', { postId: hers.id, title: 'x' })
    expect(pointing.status).toBe(422)
    await as('bob', `${everything}, posts:read`)('POST', '/comments', { postId: hers.id, title: 'on hers' })
    await as('bob', everything)('POST', '/comments', { postId: his.id, title: 'on his' })
    const shown = (await as('bob', everything)('GET', '/comments?expand=post')).body.data
    expect(shown.map((row: { post: { title: string } | null }) => row.post?.title ?? null)).toEqual([null, 'his'])
    expect((await as('bob', everything)('GET', '/comments?post.title=hers')).body.data).toEqual([])
    const open = (await as('bob', 'comments:read, posts:read')('GET', '/comments?post.title=hers')).body.data
    expect(open).toHaveLength(1)
    // Who may read posts and no comments sees none of them there.
    const over = (await as('ann', 'posts:read')('GET', '/posts?title=hers&expand=comments')).body.data[0]
    expect(over.comments.data).toEqual([])
    expect((await as('ann', 'posts:read')('GET', '/posts?comments.any.title=on hers')).body.data).toEqual([])
    const both = (await as('ann', 'posts:read, comments:read')('GET', '/posts?title=hers&expand=comments')).body.data[0]
    expect(both.comments.data).toHaveLength(1)
  })
})

describe('a declaration that cannot be right', () => {
  test('is told with what would be', () => {
    const wrong = (options: object) => () => resource('posts', { table: posts, ...options } as never)
    expect(wrong({ owner: 'autorId' })).toThrow('owner: there is no field "autorId", did you mean "authorId"?')
    expect(wrong({ owner: 'authorId', permissions: false })).toThrow('give it a name')
    expect(wrong({ owner: 'deletedAt' })).toThrow('"deletedAt" is not who made the row')
    expect(wrong({ tenant: 'deletedAt' })).toThrow('is written by the server already')
    expect(() => resource('posts', { table: audited, owner: 'createdBy', audit: false })).toThrow('audit is not false')
    expect(wrong({ owner: 'authorId', list: shape(posts, {}) })).toThrow(
      "shape(..., { scope: ownRows('posts:read', 'authorId') })",
    )
    expect(wrong({ tenant: 'slug', list: shape(posts, {}) })).toThrow("shape(..., { scope: tenantRows('slug') })")
  })
})
